// The story of a person: every attempt and every answer, and what the webhooks said to it.

import { badge } from "./inbox.js";
import { byId, el, keyed, timeExact } from "./dom.js";
import { FAILED, address, answerWord, channelName, providerName, statusWord, taken } from "./words.js";

export function showStory(entries) {
  const list = byId("story");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  keyed(list, entries, ({ kind, id }) => `${kind}:${id}`, (entry) =>
    entry.kind === "said" ? answer(entry) : attempt(entry),
  );
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function attempt(message) {
  const lost = FAILED.includes(message.status) || ["busy", "no-answer"].includes(message.status);
  return el(
    "li",
    { class: "attempt" },
    badge(message.channel),
    el("p", { class: "what" }, el("strong", {}, channelName(message.channel)), ` by ${providerName(message.provider)}`),
    el("span", { class: "status", "data-tone": lost ? "bad" : tone(message.status) }, statusWord(message)),
    el("p", { class: "to" }, `to ${address(message.to)}`, keys(message)),
    timeExact(message.at),
    details(message),
  );
}

const keys = ({ call }) => (call?.digits ? el("strong", {}, `, pressed ${call.digits}`) : null);
const tone = (status) => (["delivered", "read", "completed"].includes(status) ? "good" : "plain");

function details(message) {
  const refused = message.callbacks.filter((one) => !taken(one.answer)).length;
  const count = message.callbacks.length;
  const title = `${count} ${count === 1 ? "callback" : "callbacks"}` + (refused ? `, ${refused} not taken` : "");
  return el(
    "details",
    {},
    el("summary", {}, title, message.reference ? el("code", {}, message.reference) : null),
    el("p", { class: "id" }, el("code", {}, message.id)),
    el(
      "ul",
      {},
      ...message.callbacks.map((one) =>
        el(
          "li",
          { "data-tone": taken(one.answer) ? "plain" : "bad" },
          timeExact(one.sent_at),
          el("span", {}, `${one.status} → ${answerWord(one.answer)}`),
          el("code", {}, new URL(one.url).pathname),
        ),
      ),
    ),
  );
}

function answer(said) {
  const refused = said.posted && !taken(said.answer);
  const words = said.choice ? `pressed “${said.text}”` : `answered “${said.text}”`;
  return el(
    "li",
    { class: "answer" },
    badge(said.channel),
    el("p", { class: "what" }, el("strong", {}, address(said.from)), ` ${words}`),
    el(
      "span",
      { class: "status", "data-tone": refused ? "bad" : "good" },
      said.posted ? (refused ? `Refused: ${answerWord(said.answer)}` : "Taken") : "On its way",
    ),
    timeExact(said.at),
  );
}
