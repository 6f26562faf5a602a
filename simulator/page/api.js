// The simulator's control API.

export async function get(path) {
  const response = await fetch(`simulator/${path}`);
  return response.json();
}

// Returns null, or what went wrong in words.
export async function post(path, body = {}) {
  try {
    const response = await fetch(`simulator/${path}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (response.ok) return null;
    const problem = await response.json().catch(() => ({}));
    return typeof problem.detail === "string" ? problem.detail : `The simulator answered ${response.status}.`;
  } catch {
    return "The simulator cannot be reached.";
  }
}

// Loads everything, then follows the changes; loads anew after a broken connection.
export function follow({ loaded, changed, cleared, state }) {
  const source = new EventSource("simulator/events");
  // Changes that come while the page loads are newer than what is being loaded.
  let early = [];
  const hear = (kind) => (event) => {
    const record = JSON.parse(event.data);
    if (early) early.push([kind, record]);
    else changed(kind, record);
  };
  source.addEventListener("ready", async () => {
    early = [];
    const paths = ["messages", "replies", "notifications"].map((path) => get(`${path}?limit=500`));
    loaded(...(await Promise.all(paths)));
    early.forEach(([kind, record]) => changed(kind, record));
    early = null;
    state("live");
  });
  for (const kind of ["message", "said", "heard"]) source.addEventListener(kind, hear(kind));
  source.addEventListener("cleared", cleared);
  source.addEventListener("error", () => state("reconnecting"));
}
