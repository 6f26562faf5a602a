// How channels, providers, addresses and statuses are called on the page.

const CHANNELS = {
  whatsapp: "WhatsApp",
  sms: "SMS",
  mms: "MMS",
  rcs: "RCS",
  email: "Email",
  voice: "Phone call",
  viber: "Viber",
  messenger: "Messenger",
  push: "Push",
};
const PROVIDERS = { twilio: "Twilio", sendgrid: "SendGrid", vonage: "Vonage", fcm: "FCM", webpush: "WebPush" };
const ICONS = { whatsapp: "whatsapp", email: "email", voice: "voice", rcs: "rcs" };

export const FAILED = ["undelivered", "failed", "rejected", "bounce", "dropped"];
export const READABLE = ["whatsapp", "rcs", "viber", "messenger", "push"];
export const QUOTABLE = READABLE.filter((channel) => channel !== "push");

export const channelName = (channel) => CHANNELS[channel] ?? channel;
export const providerName = (provider) => PROVIDERS[provider] ?? provider;
export const channelIcon = (channel) => ICONS[channel] ?? "sms";

export function address(value) {
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(value);
  if (american) return `+1 ${american[1]} ${american[2]} ${american[3]}`;
  // An app's token is long.
  return value.length > 40 ? `${value.slice(0, 16)}…` : value;
}

const STATUSES = {
  queued: "Accepted",
  accepted: "Accepted",
  processed: "Sent",
  submitted: "Sent",
  initiated: "Dialling",
  "in-progress": "On the phone",
  completed: "Answered",
  "no-answer": "No answer",
  canceled: "Cancelled",
  bounce: "Bounced",
};

export function statusWord(message) {
  const word = message.status[0].toUpperCase() + message.status.slice(1);
  const code = message.error ? ` (${message.error})` : "";
  return (STATUSES[message.status] ?? word) + code;
}

export const answerWord = (answer) => (answer === null ? "no answer" : String(answer));
export const taken = (answer) => answer !== null && answer >= 200 && answer < 300;
