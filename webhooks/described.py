"""The routes in OpenAPI's words: what comes, and every answer there is. Not served to anybody."""

from collections.abc import Mapping
from typing import Any

Described = Mapping[str, Any]

_TEXT = {"type": "string"}
_QUERIES = {
    "twilio": {
        "m": "our reference",
        "keys": "the number of choices in a call",
        "lang": "the language of a call",
    },
    "vonage": {
        "m": "our reference, of a call",
        "keys": "the number of choices in a call",
        "lang": "the language of a call",
        "s": "our signature of the three",
    },
    "push": {"ticket": "signed by us, and sent with the push"},
}
_SIGNATURES = {
    "twilio": ("X-Twilio-Signature",),
    "sendgrid": (
        "X-Twilio-Email-Event-Webhook-Signature",
        "X-Twilio-Email-Event-Webhook-Timestamp",
    ),
    # A parameter may not be called Authorization: that is a security scheme.
    "vonage": (),
    "push": (),
}
_FORGED = "the signature does not match, is missing or is too old"
_UNDER_WAY = "Temporal is out of reach, too many large bodies at once, or a fault of ours"
_OTHERS = {
    400: {"description": "signed, but not what the provider documents"},
    408: {"description": "the body did not come in time"},
    413: {"description": "the body is too large"},
    503: {"description": _UNDER_WAY},
}
_TWIML = {200: {"description": "taken", "content": {"text/xml": {"schema": _TEXT}}}}
_TAKEN = {200: {"description": "taken"}}
_ACTION = {"type": "object", "required": ["action"], "properties": {"action": _TEXT}}
_NCCO = {
    200: {
        "description": "taken; of a pressed key, what the call says next",
        "content": {
            "application/json": {"schema": {"type": "array", "items": _ACTION}},
            "text/plain": {"schema": {"type": "string", "maxLength": 0}},
        },
    }
}
_GOOD = {"twilio": _TWIML, "vonage": _NCCO}


def described(path: str, forged: int) -> dict[str, Any]:
    """Of a callback route, as FastAPI takes it."""
    provider = path.split("/")[1]
    return {
        "responses": {
            **_GOOD.get(provider, _TAKEN),
            **_OTHERS,
            forged: {"description": _FORGED},
        },
        "openapi_extra": {
            "requestBody": {"required": True, "content": _BODIES[path]},
            "parameters": [*_headers(provider), *_query(provider)],
            **({"security": [{"bearer": []}, {}]} if provider == "vonage" else {}),
        },
    }


HEALTH: dict[str, Any] = {
    "responses": {
        code: {
            "description": said,
            "content": {
                "application/json": {
                    "schema": {
                        "type": "object",
                        "required": ["status", "temporal"],
                        "properties": {"status": _TEXT, "temporal": {"type": "boolean"}},
                    }
                }
            },
        }
        for code, said in {200: "Temporal answers", 503: "Temporal is out of reach"}.items()
    }
}


def _headers(provider: str) -> list[Described]:
    return [{"in": "header", "name": name, "schema": _TEXT} for name in _SIGNATURES[provider]]


def _query(provider: str) -> list[Described]:
    return [
        {"in": "query", "name": name, "description": said, "schema": _TEXT}
        for name, said in _QUERIES.get(provider, {}).items()
    ]


def _form(*fields: str) -> dict[str, Any]:
    return {"application/x-www-form-urlencoded": {"schema": _object(fields)}}


def _object(fields: tuple[str, ...], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {**dict.fromkeys(fields, _TEXT), **more}}


_EVENT = _object(
    ("event", "fo_ref", "sg_event_id", "sg_message_id", "reason", "status", "type"),
    timestamp={"type": "integer"},
)
_MAIL = ("headers", "text", "html", "envelope", "charsets", "from", "to", "subject", "email")
_SAID = ("message_uuid", "client_ref", "channel", "to", "from", "timestamp")
_BODIES: dict[str, Any] = {
    "/twilio/status": _form(
        *("MessageSid", "MessageStatus", "CallSid", "CallStatus", "AnsweredBy"),
        *("ErrorCode", "ErrorMessage", "SipResponseCode", "From", "To", "MessagingServiceSid"),
    ),
    "/twilio/inbound": _form(
        *("MessageSid", "From", "To", "Body", "ButtonPayload", "OptOutType", "WaId"),
        *("OriginalRepliedMessageSid", "MessagingServiceSid"),
    ),
    "/twilio/voice": _form("CallSid", "CallStatus", "Digits"),
    "/sendgrid/events": {"application/json": {"schema": {"type": "array", "items": _EVENT}}},
    "/sendgrid/inbound": {"multipart/form-data": {"schema": _object(_MAIL)}},
    "/vonage/status": {
        "application/json": {"schema": _object((*_SAID, "status"), error={"type": "object"})}
    },
    "/vonage/inbound": {
        "application/json": {
            "schema": _object(
                (*_SAID, "message_type", "text"),
                **{name: {"type": "object"} for name in ("reply", "button", "context", "reaction")},
            )
        }
    },
    "/push/ack": {
        **_form("event", "choice", "text"),
        "application/json": {"schema": _object(("event", "choice", "text"))},
    },
    "/vonage/voice": {
        "application/json": {
            "schema": _object(
                ("uuid", "call_uuid", "status", "to", "from", "timestamp"),
                sip_code={"type": "integer"},
                dtmf=_object(("digits",), timed_out={"type": "boolean"}),
            )
        }
    },
}
