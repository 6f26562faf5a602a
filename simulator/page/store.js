// What has happened, as the page knows it, sorted by person and conversation.

export const KEPT = 1000;

export const store = {
  messages: new Map(),
  said: new Map(),
  // What the service was notified of.
  heard: new Map(),
  seen: new Set(),
  // An address of the person on show; null follows whoever was written to last.
  chosen: null,
  // The key of the open conversation; null shows the list.
  open: null,
};

export function put(kind, record) {
  const records = { message: store.messages, said: store.said, heard: store.heard }[kind];
  records.set(record.id, record);
  if (records.size > KEPT) records.delete(records.keys().next().value);
}

export function clear() {
  store.messages.clear();
  store.said.clear();
  store.heard.clear();
  store.seen.clear();
  store.open = null;
}

// Addresses that were tried for one message belong to one person: the references
// "order-1.1" and "order-1.2" are attempts of the message "order-1".
export function people() {
  const owner = new Map();
  const find = (name) => {
    while (owner.get(name) !== name) name = owner.get(name);
    return name;
  };
  const join = (one, other) => {
    for (const name of [one, other]) if (!owner.has(name)) owner.set(name, name);
    owner.set(find(other), find(one));
  };
  for (const message of store.messages.values()) {
    const dot = message.reference?.lastIndexOf(".") ?? -1;
    const about = dot > 0 ? `message:${message.reference.slice(0, dot)}` : message.to;
    join(message.to, about);
  }
  for (const said of store.said.values()) join(said.from, said.from);
  const groups = new Map();
  for (const name of owner.keys()) {
    const group = groups.get(find(name)) ?? [];
    if (!name.startsWith("message:")) group.push(name);
    groups.set(find(name), group);
  }
  return [...groups.values()];
}

export function currentPerson() {
  const everyone = people();
  const last = [...store.messages.values(), ...store.said.values()].at(-1);
  const address = store.chosen ?? newest()?.to ?? last?.from;
  return everyone.find((person) => person.includes(address)) ?? everyone[0] ?? [];
}

const newest = () => [...store.messages.values()].at(-1);

export const messagesOf = (person) =>
  [...store.messages.values()].filter((message) => person.includes(message.to));
export const saidBy = (person) =>
  [...store.said.values()].filter((said) => person.includes(said.from));

const byTime = (one, other) => Date.parse(one.at) - Date.parse(other.at);

// Conversations of a person, the latest first.
export function threads(person) {
  const found = new Map();
  const add = (key, entry, ours) => {
    const thread = found.get(key) ?? { key, provider: entry.provider, channel: entry.channel, ours };
    thread.entries = [...(thread.entries ?? []), entry];
    found.set(key, thread);
  };
  const pressed = saidBy(person).filter((said) => said.choice);
  const presses = new Map(pressed.map((said) => [said.in_reply_to, said.choice]));
  for (const message of messagesOf(person)) {
    const entry = { kind: "message", ...message, pressed: presses.get(message.id) ?? null };
    if (message.arrives) add(threadKey(message), entry, message.from);
  }
  for (const said of saidBy(person)) {
    const about = store.messages.get(said.in_reply_to);
    const ours = about?.from ?? said.to;
    add(threadKey({ ...said, from: ours }), { kind: "said", ...said }, ours);
  }
  for (const thread of found.values()) {
    thread.entries.sort(byTime);
    thread.last = thread.entries.at(-1);
    thread.unread = thread.entries.filter(isUnread).length;
  }
  return [...found.values()].sort((one, other) => byTime(other.last, one.last));
}

const threadKey = ({ provider, channel, from }) => `${provider}|${channel}|${from}`;
const isUnread = (entry) => entry.kind === "message" && !store.seen.has(entry.id);

// How many messages nobody has looked at, by address.
export function unread() {
  const counts = new Map();
  for (const message of store.messages.values()) {
    if (!message.arrives || store.seen.has(message.id)) continue;
    counts.set(message.to, (counts.get(message.to) ?? 0) + 1);
  }
  return counts;
}

export const story = (person) =>
  [
    ...messagesOf(person).map((message) => ({ kind: "message", ...message })),
    ...saidBy(person).map((said) => ({ kind: "said", ...said })),
  ].sort(byTime);

export const activeCall = (person) =>
  messagesOf(person).findLast(
    (message) => message.call && ["ringing", "in-progress"].includes(message.status),
  );
