"""Where Vonage calls back, and the fields that are read."""

from collections.abc import Mapping

from providers.integration import Described, Route, json_of, object_of

_LATER = {
    "m": "our reference, of a call",
    "keys": "the number of choices in a call",
    "lang": "the language of a call",
    "s": "our signature of the three",
}
_SAID = ("message_uuid", "client_ref", "channel", "to", "from", "timestamp")
_ANYTHING = {"type": "object"}
_STATUS = object_of(*_SAID, "status", error=_ANYTHING)
_INBOUND = object_of(
    *_SAID,
    *("message_type", "text"),
    **dict.fromkeys(("reply", "button", "context", "reaction"), _ANYTHING),
)
_CALL = object_of(
    *("uuid", "call_uuid", "status", "to", "from", "timestamp"),
    sip_code={"type": "integer"},
    dtmf=object_of("digits", timed_out={"type": "boolean"}),
)
ROUTES = (
    Route("status", json_of(_STATUS), _LATER),
    Route("inbound", json_of(_INBOUND), _LATER),
    Route("voice", json_of(_CALL), _LATER),
)
_ACTION = {**object_of("action"), "required": ["action"]}
NCCO: Mapping[int, Described] = {
    200: {
        "description": "taken; of a pressed key, what the call says next",
        "content": {
            **json_of({"type": "array", "items": _ACTION}),
            "text/plain": {"schema": {"type": "string", "maxLength": 0}},
        },
    }
}
