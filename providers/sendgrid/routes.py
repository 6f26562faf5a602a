"""Where SendGrid calls back, and the fields that are read."""

from providers.integration import Route, json_of, object_of

SIGNATURE = (
    "X-Twilio-Email-Event-Webhook-Signature",
    "X-Twilio-Email-Event-Webhook-Timestamp",
)
_EVENT = object_of(
    *("event", "fo_ref", "sg_event_id", "sg_message_id", "reason", "status", "type"),
    timestamp={"type": "integer"},
)
_MAIL = object_of(
    *("headers", "text", "html", "envelope", "charsets", "from", "to", "subject", "email")
)
ROUTES = (
    Route("events", json_of({"type": "array", "items": _EVENT}), limit=1024 * 1024),
    Route("inbound", {"multipart/form-data": {"schema": _MAIL}}, limit=30 * 1024 * 1024),
)
