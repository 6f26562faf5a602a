"""Where Twilio calls back, and the fields that are read."""

from collections.abc import Mapping

from providers.integration import Described, Route, form

_LATER = {
    "m": "our reference",
    "keys": "the number of choices in a call",
    "lang": "the language of a call",
}
_STATUS = (
    *("MessageSid", "MessageStatus", "CallSid", "CallStatus", "AnsweredBy"),
    *("ErrorCode", "ErrorMessage", "SipResponseCode", "From", "To", "MessagingServiceSid"),
)
_INBOUND = (
    *("MessageSid", "From", "To", "Body", "ButtonPayload", "OptOutType", "WaId"),
    *("OriginalRepliedMessageSid", "MessagingServiceSid"),
)
ROUTES = (
    Route("status", form(*_STATUS), _LATER),
    Route("inbound", form(*_INBOUND), _LATER),
    Route("voice", form("CallSid", "CallStatus", "Digits"), _LATER),
)
TWIML: Mapping[int, Described] = {
    200: {"description": "taken", "content": {"text/xml": {"schema": {"type": "string"}}}}
}
