"""Where Acme calls back, and the fields that are read."""

from providers.integration import Route, json_of, object_of

SIGNATURE = ("Acme-Timestamp", "Acme-Signature")
_STATUS = object_of("event", "message", "reference", "status", "code", "to", "from", "at")
_INBOUND = object_of("message", "reference", "text", "to", "from", "at")
ROUTES = (Route("status", json_of(_STATUS)), Route("inbound", json_of(_INBOUND)))
