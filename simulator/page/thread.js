// One conversation: what arrived, what was answered, and the line to answer on.

import { post } from "./api.js";
import { badge } from "./inbox.js";
import { mailElement } from "./mail.js";
import { byId, el, icon, keyed, time } from "./dom.js";
import { store } from "./store.js";
import { QUOTABLE, READABLE, address, answerWord, channelName, providerName, statusWord, taken } from "./words.js";

let shown = null;
let quoted = null;

export function showThread(thread, person) {
  const list = byId("bubbles");
  const other = shown?.key !== thread.key;
  const atEnd = other || list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  shown = { ...thread, person };
  if (other) {
    quote(null);
    byId("text").value = "";
    byId("problem").textContent = "";
  }
  byId("thread").dataset.channel = thread.channel;
  byId("thread-badge").replaceWith(Object.assign(badge(thread.channel), { id: "thread-badge" }));
  byId("thread-title").textContent = channelName(thread.channel);
  byId("thread-from").textContent = `${providerName(thread.provider)} · ${address(thread.ours)}`;
  byId("composer").hidden = thread.channel === "voice";
  keyed(list, thread.entries, (entry) => entry.id, entryElement);
  if (atEnd) list.scrollTop = list.scrollHeight;
  markRead(thread);
}

export function leaveThread() {
  shown = null;
}

function markRead(thread) {
  for (const entry of thread.entries) {
    if (entry.kind !== "message" || store.seen.has(entry.id)) continue;
    store.seen.add(entry.id);
    if (READABLE.includes(entry.channel)) post(`messages/${entry.id}/read`);
  }
}

function entryElement(entry) {
  if (entry.kind === "said") return saidElement(entry);
  if (entry.call) return callElement(entry);
  return entry.channel === "email" ? mailElement(entry, meta(entry), act) : bubble(entry);
}

function bubble(message) {
  const quotable = QUOTABLE.includes(message.channel);
  const title = message.subject ? el("p", { class: "title" }, message.subject) : null;
  const reply = el(
    "button",
    { type: "button", class: "quote", "aria-label": "Quote this message", onclick: () => quote(message) },
    icon("quote"),
  );
  return el(
    "li",
    { class: "theirs" },
    el("div", { class: "bubble" }, title, el("p", { class: "text" }, message.text), ...media(message), meta(message)),
    choices(message),
    link(message),
    quotable ? reply : null,
  );
}

// As links: the page loads nothing from elsewhere by itself.
function media(message) {
  return message.media.map((url) => el("p", { class: "media" }, outside(url, url.split("/").at(-1) || url)));
}

function link(message) {
  return message.link && el("p", { class: "choices" }, outside(message.link.url, message.link.title));
}

function outside(url, text) {
  if (!/^https?:/.test(url)) return text;
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text);
}

function callElement(message) {
  const said = message.call.said.map((words) => el("li", {}, words));
  const keys = message.call.digits ? `You pressed ${message.call.digits}` : null;
  return el(
    "li",
    { class: "mail" },
    el("h3", {}, statusWord(message)),
    said.length ? el("ol", { class: "heard", "aria-label": "What was said" }, ...said) : null,
    keys ? el("p", { class: "from" }, keys) : null,
    meta(message),
  );
}

function meta(message) {
  const mark = { delivered: "ticks", read: "ticks", sent: "tick", submitted: "tick", processed: "tick" };
  const name = mark[message.status];
  return el(
    "p",
    { class: "meta", "data-status": message.status },
    time(message.at),
    el("span", {}, statusWord(message)),
    name ? icon(name) : el("i", { class: "no-tick" }),
  );
}

function choices(message) {
  if (!message.choices.length) return null;
  const buttons = el(
    "div",
    { class: "choices", role: "group", "aria-label": message.opens ?? "Quick replies" },
    ...message.choices.map((choice) => choiceButton(message, choice)),
  );
  if (!message.opens) return buttons;
  const chosen = message.choices.find(({ id }) => id === message.pressed);
  const opens = el("summary", {}, chosen ? chosen.title : message.opens);
  return el("details", { class: "list", "data-chosen": Boolean(chosen) }, opens, buttons);
}

function choiceButton(message, { id, title }) {
  const press = (event) => {
    event.target.closest("details")?.removeAttribute("open");
    act(`messages/${message.id}/press`, { choice: id });
  };
  return el("button", { type: "button", "aria-pressed": String(message.pressed === id), onclick: press }, title);
}

function saidElement(said) {
  const about = said.quote && !said.choice ? store.messages.get(said.in_reply_to)?.text : null;
  const refused = said.posted && !taken(said.answer);
  return el(
    "li",
    { class: "ours" },
    el(
      "div",
      { class: "bubble" },
      about ? el("p", { class: "quoted" }, about) : null,
      el("p", { class: "text" }, said.text),
      el("p", { class: "meta" }, time(said.at), said.posted && !refused ? icon("tick") : el("i", { class: "no-tick" })),
    ),
    refused ? el("p", { class: "refused" }, `Refused by the webhook: ${answerWord(said.answer)}`) : null,
    said.note ? el("p", { class: "note" }, said.note) : null,
  );
}

function quote(message) {
  quoted = message;
  byId("quoting").hidden = !message;
  byId("quoted").textContent = message?.text ?? "";
  if (message) byId("text").focus();
}

async function act(path, body) {
  const problem = await post(path, body);
  byId("problem").textContent = problem ?? "";
  byId("text").focus({ preventScroll: true });
  return !problem;
}

function send(text) {
  const { provider, channel, ours, person, entries } = shown;
  const last = quoted ?? entries.findLast((entry) => entry.kind === "message");
  if (last) return act(`messages/${last.id}/reply`, { text, quote: Boolean(quoted) });
  return act("inbound", { provider, channel, from: entries[0].from ?? person[0], to: ours, text });
}

export function wireThread() {
  const text = byId("text");
  byId("unquote").onclick = () => quote(null);
  byId("composer").onsubmit = async (event) => {
    event.preventDefault();
    const words = text.value.trim();
    if (!words) return;
    text.value = "";
    if (await send(words)) quote(null);
    else text.value = words;
  };
  text.onkeydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    byId("composer").requestSubmit();
  };
}
