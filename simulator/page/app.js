// Ties the page together: loads, follows changes, draws what changed once a frame.

import { follow, get } from "./api.js";
import { showCall, wireCall } from "./call.js";
import { byId } from "./dom.js";
import { chosenIsGone, showInbox, showPeople } from "./inbox.js";
import { activeCall, clear, currentPerson, put, store, story, threads } from "./store.js";
import { showHeard, wireTabs } from "./service.js";
import { showStory } from "./story.js";
import { leaveThread, showThread, wireThread } from "./thread.js";
import { providerName } from "./words.js";

let due = false;
// A press on what is drawn anew before the release would be no click.
let pressed = false;

function changed() {
  if (due || pressed) return;
  due = true;
  // A page in the background gets no frames; it is drawn when it is looked at again.
  requestAnimationFrame(() => {
    due = false;
    if (!pressed) draw();
  });
}

function released() {
  if (!pressed) return;
  pressed = false;
  changed();
}

function watchPresses() {
  const heard = { capture: true };
  addEventListener("pointerdown", () => { pressed = true; }, heard);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, released, heard);
  addEventListener("blur", released); // the window's own: what had the focus loses it in a press
  // Released where nobody told of it: outside of the window.
  addEventListener("pointermove", (event) => event.buttons || released(), heard);
}

function draw() {
  if (chosenIsGone()) store.chosen = null;
  const person = currentPerson();
  const all = threads(person);
  const open = all.find((thread) => thread.key === store.open);
  if (open) showThread(open, person);
  byId("thread").hidden = !open;
  byId("inbox").hidden = Boolean(open);
  showInbox(threads(person), openThread);
  showPeople(person, choose);
  showStory(story(person));
  showHeard([...store.heard.values()]);
  showCall(activeCall(person), (id) => store.messages.get(id));
}

function openThread(key) {
  store.open = key;
  // Whoever is being read stays on the screen when somebody else is written to.
  store.chosen ??= currentPerson()[0] ?? null;
  draw();
  byId("thread-title").focus();
}

function closeThread() {
  const key = store.open;
  store.open = null;
  leaveThread();
  draw();
  const rows = [...byId("threads").children];
  rows.find((row) => row.dataset.key === key)?.firstElementChild.focus();
}

function choose(address) {
  store.chosen = address;
  store.open = null;
  leaveThread();
  draw();
}

function toggleStory() {
  const story = document.body.classList.toggle("story-shown");
  byId("switch").setAttribute("aria-pressed", String(story));
  byId("switch").textContent = story ? "Phone" : "Story";
  if (story) for (const id of ["story", "heard"]) byId(id).scrollTop = byId(id).scrollHeight;
}

watchPresses();
wireThread();
wireCall();
wireTabs();
byId("back").onclick = closeThread;
byId("switch").onclick = toggleStory;
byId("thread").onkeydown = (event) => event.key === "Escape" && closeThread();

get("health").then(({ providers }) => {
  const names = providers.map(providerName);
  byId("providers").textContent = new Intl.ListFormat("en", { type: "conjunction" }).format(names);
});

follow({
  loaded(messages, said, heard) {
    store.messages.clear();
    store.said.clear();
    store.heard.clear();
    messages.forEach((message) => put("message", message));
    said.forEach((one) => put("said", one));
    heard.forEach((one) => put("heard", one));
    changed();
  },
  changed(kind, record) {
    put(kind, record);
    changed();
  },
  cleared() {
    clear();
    changed();
  },
  state(name) {
    byId("live").dataset.state = name;
    byId("live").textContent = name;
  },
});
