// What the service was notified of, in order, and the tabs between that and the story.

import { byId, el, keyed, timeExact } from "./dom.js";
import { taken } from "./words.js";

export function showHeard(heard) {
  const list = byId("heard");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  keyed(list, heard, ({ id }) => id, row);
  if (atEnd) list.scrollTop = list.scrollHeight;
  byId("heard-count").hidden = heard.length === 0;
  byId("heard-count").textContent = String(heard.length);
}

function row(heard) {
  const said = heard.json ?? {};
  const about = said.data?.message_id ?? null;
  return el(
    "li",
    {},
    el("p", { class: "what" }, el("strong", {}, said.type ?? "not an event"), about ? ` ${about}` : null),
    answered(heard.answer),
    el("p", { class: "to" }, summary(said.data ?? {})),
    timeExact(heard.at),
    details(heard),
  );
}

const answered = (status) =>
  el("span", { class: "status", "data-tone": taken(status) ? "good" : "bad" }, el("span", { class: "aside" }, "answered "), String(status));

// The fields of an event that say what happened, as far as it has them.
function summary(data) {
  const words = ["channel", "provider", "text", "choice", "from", "to", "why", "outcome"];
  const plain = words.filter((name) => ["string", "number"].includes(typeof data[name]));
  return plain.map((name) => `${name}: ${data[name]}`).join(" · ");
}

function details(heard) {
  const signed = Object.entries(heard.headers).filter(([name]) => name.startsWith("webhook-"));
  const head = signed.map(([name, value]) => `${name}: ${value}`);
  const body = heard.json ? JSON.stringify(heard.json, null, 2) : heard.body;
  return el("details", {}, el("summary", {}, "As it came"), el("pre", {}, [...head, "", body].join("\n").trim()));
}

export function wireTabs() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const choose = (chosen) => {
    for (const tab of tabs) {
      const on = tab === chosen;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      byId(tab.getAttribute("aria-controls")).hidden = !on;
    }
    const list = byId(chosen.getAttribute("aria-controls")).querySelector("ol");
    list.scrollTop = list.scrollHeight;
  };
  for (const tab of tabs) {
    tab.onclick = () => choose(tab);
    tab.onkeydown = ({ key }) => {
      if (!["ArrowLeft", "ArrowRight"].includes(key)) return;
      const other = tabs[(tabs.indexOf(tab) + 1) % tabs.length];
      choose(other);
      other.focus();
    };
  }
  byId("heard-url").textContent = `${location.origin}/events`;
}
