// The list of conversations and the choice of a person.

import { byId, el, icon, keyed, time } from "./dom.js";
import { people, store, unread } from "./store.js";
import { address, channelIcon, channelName, providerName, statusWord } from "./words.js";

export const badge = (channel) =>
  el("span", { class: "badge", "data-channel": channel }, icon(channelIcon(channel)));

export function showInbox(threads, open) {
  byId("empty").hidden = threads.length > 0;
  keyed(byId("threads"), threads, (thread) => thread.key, (thread) => row(thread, open));
}

function row(thread, open) {
  const count = thread.unread
    ? el("span", { class: "count" }, String(thread.unread), el("span", { class: "aside" }, " new"))
    : null;
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", onclick: () => open(thread.key) },
      badge(thread.channel),
      el("span", { class: "name" }, channelName(thread.channel)),
      el("span", { class: "via" }, `${providerName(thread.provider)} · ${address(thread.ours)}`),
      el("span", { class: "preview" }, preview(thread.last)),
      time(thread.last.at),
      count,
    ),
  );
}

function preview(entry) {
  if (entry.kind === "said") return `You: ${entry.text}`;
  if (entry.call) return statusWord(entry);
  return entry.subject || entry.text;
}

export function showPeople(current, choose) {
  const select = byId("person");
  const counts = unread();
  const count = (person) => person.reduce((sum, one) => sum + (counts.get(one) ?? 0), 0);
  const options = people().map((person) => {
    const mine = person[0] === current[0];
    const fresh = mine ? 0 : count(person);
    const label = person.map(address).join(", ") + (fresh ? ` (${fresh} new)` : "");
    return { value: person[0], label, mine };
  });
  select.disabled = options.length === 0;
  if (!options.length) options.push({ value: "", label: "nobody yet", mine: true });
  keyed(select, options, ({ value }) => value, ({ value, label }) => el("option", { value }, label));
  select.value = options.find(({ mine }) => mine)?.value ?? options[0].value;
  select.onchange = () => choose(select.value);
  const waiting = [...counts.values()].reduce((sum, one) => sum + one, 0);
  document.title = waiting ? `(${waiting}) Handset` : "Handset";
}

export const chosenIsGone = () => store.chosen && !people().flat().includes(store.chosen);
