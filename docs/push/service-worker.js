// A service worker for browser push: shows a message with its choices, and says what became of it.
//
// Serve it from your own site, or import it into the service worker you have:
//   importScripts("/push/service-worker.js");

const TRIES = 3;

self.addEventListener("push", (event) => {
  const message = readable(event.data);
  if (message) event.waitUntil(Promise.all([show(message), tell(message, { event: "received" })]));
});

self.addEventListener("notificationclick", (event) => {
  const message = event.notification.data?.failover;
  if (!message) return; // a notification of your own
  event.notification.close();
  const said = event.action ? { event: "action", choice: event.action } : { event: "opened" };
  const opened = event.action || !message.link ? null : self.clients.openWindow(message.link);
  event.waitUntil(Promise.all([opened, tell(message, said)]));
});

// Null for a push that is not from Message Failover.
function readable(data) {
  try {
    const message = data.json();
    return message.ack && message.text ? message : null;
  } catch {
    return null;
  }
}

function show(message) {
  const { title, image, choices = [], tag, locale } = message;
  // Not every browser shows a picture; in the others there is its link.
  const shown = "image" in Notification.prototype;
  const text = image && !shown ? `${message.text}\n${image}` : message.text;
  return self.registration.showNotification(title ?? text, {
    body: title ? text : "",
    image,
    // A later attempt takes the place of an earlier one, and says so once.
    tag,
    lang: locale,
    requireInteraction: choices.length > 0,
    // Browsers show as many as they have room for, most of them two.
    actions: choices.map(({ id, label }) => ({ action: id, title: label })),
    data: { failover: message },
  });
}

// A form of this kind may be posted to another origin without asking it first.
async function tell(message, said) {
  for (let pause = 1000, left = TRIES; left > 0; pause *= 4, left -= 1) {
    try {
      const body = new URLSearchParams(said);
      const answer = await fetch(message.ack, { method: "POST", body, keepalive: true, credentials: "omit" });
      if (answer.status < 500) return;
    } catch {
      // Out of reach; the next try may do.
    }
    if (left > 1) await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
