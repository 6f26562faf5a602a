// A mail as a mail client shows it, and what one does with it besides answering.

import { el } from "./dom.js";

const AWAY = "I am out of the office until Monday and cannot read your mail.";
const AUTOMATIC = { "Auto-Submitted": "auto-replied", "X-Autoreply": "yes", Precedence: "bulk" };

export function mailElement(message, meta, act) {
  const text = el("p", { class: "text" }, message.text);
  return el(
    "li",
    { class: "mail" },
    el("h3", {}, message.subject || "(no subject)"),
    el("p", { class: "from" }, `From ${message.from}`, el("br"), `To ${message.to}`),
    message.html ? page(message) : text,
    message.html ? el("details", {}, el("summary", {}, "As text"), text) : null,
    actions(message, act),
    meta,
  );
}

// No script runs in it and no form is sent from it; a link opens a page of its own, without that.
function page(message) {
  const frame = el("iframe", {
    sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox",
    srcdoc: `<base target="_blank">${message.html}`,
    title: "The mail",
  });
  frame.onload = () => {
    // The frame's own origin is ours only so that its height can be read.
    const high = frame.contentDocument.documentElement.scrollHeight;
    frame.style.height = `${Math.min(Math.max(high + 2, 60), 900)}px`; // and its border
  };
  return frame;
}

function actions(message, act) {
  const button = (name, path, body) =>
    el("button", { type: "button", onclick: () => act(`messages/${message.id}/${path}`, body) }, name);
  const asked = message.callbacks.findLast(({ status }) => status === "unsubscribe");
  return el(
    "div",
    { class: "acts" },
    message.unsubscribe ? button("Unsubscribe", "unsubscribe") : null,
    button("Out of office", "reply", { text: AWAY, headers: AUTOMATIC }),
    asked ? el("span", { role: "status" }, said(asked.answer)) : null,
  );
}

const said = (answer) => (answer >= 200 && answer < 300 ? "Unsubscribed" : `Not taken: ${answer ?? "no answer"}`);
