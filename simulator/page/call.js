// The call screen: it rings, it is answered, words are heard, keys are pressed.

import { post } from "./api.js";
import { byId, el, keyed } from "./dom.js";
import { address, providerName, statusWord } from "./words.js";

let shown = null;
let closing = null;
let before = null;

export function showCall(call, latest) {
  if (call) {
    clearTimeout(closing);
    closing = null;
    draw(call);
  } else if (shown && !closing) {
    // The end of a call stays on the screen for a moment.
    const ended = latest(shown.id);
    if (ended) draw(ended);
    closing = setTimeout(close, ended ? 1500 : 0);
  }
}

function draw(call) {
  const screen = byId("call");
  if (screen.hidden) show(screen);
  if (shown?.id !== call.id) byId("call-problem").textContent = "";
  // The button that was pressed is gone in the next state.
  if (shown?.status !== call.status) screen.focus();
  shown = call;
  screen.dataset.state = call.status;
  byId("call-from").textContent = address(call.from);
  byId("call-by").textContent = `Phone call · ${providerName(call.provider)}`;
  byId("call-state").textContent = stateWord(call);
  byId("digits").textContent = call.call.digits;
  const words = call.call.said.map((text, index) => ({ text, index }));
  keyed(byId("said"), words, ({ index }) => String(index), ({ text }) => el("li", {}, text));
  byId("said").scrollTop = byId("said").scrollHeight;
}

function stateWord({ status, call }) {
  if (status === "ringing") return "Incoming call";
  if (status !== "in-progress") return `Call ended: ${statusWord({ status })}`;
  return call.gather ? "Waiting for a key" : "In the call";
}

// The dialog takes the focus, not a button in it: whoever was typing shall not accept by accident.
function show(screen) {
  before = document.activeElement;
  for (const id of ["inbox", "thread"]) byId(id).inert = true;
  screen.hidden = false;
}

function close() {
  closing = null;
  shown = null;
  byId("call").hidden = true;
  for (const id of ["inbox", "thread"]) byId(id).inert = false;
  before?.focus();
}

export function wireCall() {
  // One after the other: keys typed quickly shall not overtake each other.
  let last = Promise.resolve();
  const tell = (problem) => { byId("call-problem").textContent = problem ?? ""; };
  const act = (path, body) => {
    const url = `messages/${shown?.id}/${path}`;
    if (shown) last = last.then(() => post(url, body)).then(tell);
  };
  byId("accept").onclick = () => act("answer");
  byId("decline").onclick = () => act("decline");
  byId("hangup").onclick = () => act("hangup");
  byId("keys").append(
    ...[..."123456789*0#"].map((key) =>
      el("button", { type: "button", onclick: () => act("keys", { digits: key }) }, key),
    ),
  );
  byId("call").onkeydown = ({ key }) => {
    if (shown?.status === "in-progress" && /^[0-9*#]$/.test(key)) act("keys", { digits: key });
  };
}
