"""Every code of every table, in an answer and in a callback as its provider documents them."""

import json
from collections.abc import Callable
from typing import Any

from providers.base import Callback
from providers.codes import codes
from providers.vonage.call_urls import CallUrls, PlacedCall
from tests.arrivals import OURS, PERSON, REFERENCE, SID, Told
from tests.callbacks import BASE_URL, KEY, twilio_callback
from tests.callbacks_sendgrid import sendgrid_events
from tests.callbacks_vonage import UUID, vonage_callback
from tests.canned import Answer


def _twilio_refusal(code: str, status: int = 400) -> Answer:
    return Answer(status, json.dumps({"code": int(code), "message": "No", "status": status}))


def _vonage_refusal(code: str, page: str = "/messages", status: int = 422) -> Answer:
    said = {"type": f"https://developer.vonage.com/api-errors{page}#{code}", "title": "No"}
    return Answer(status, json.dumps(said))


def _fcm_refusal(code: str, status: int = 400) -> Answer:
    usual = {"UNAVAILABLE": 503, "INTERNAL": 500, "QUOTA_EXCEEDED": 429}
    said = {"error": {"details": [{"errorCode": code}]}}
    return Answer(usual.get(code, status), json.dumps(said))


def _twilio_report(code: str) -> Callback:
    fields = {"MessageSid": f"SM{SID}", "MessageStatus": "undelivered", "ErrorCode": code}
    return twilio_callback(f"status?m={REFERENCE}", {**fields, "To": PERSON, "From": OURS})


def _twilio_call(code: str, **more: str) -> Callback:
    machine = {"machine": "machine_end_beep"}.get(code, code)
    if code in ("machine", "fax"):
        more, code = {"AnsweredBy": machine}, "completed"
    fields = {"CallSid": f"CA{SID}", "CallStatus": code, "To": PERSON, "From": OURS, **more}
    return twilio_callback(f"status?m={REFERENCE}", fields)


def _vonage_report(code: str | None, status: str = "rejected") -> Callback:
    said = {"message_uuid": UUID, "to": PERSON[1:], "from": OURS[1:], "channel": "sms"}
    error = {"error": {"type": f"https://x/messages#{code}", "title": code}} if code else {}
    return vonage_callback("status", {**said, "client_ref": REFERENCE, "status": status, **error})


def _vonage_call(status: str, **more: Any) -> Callback:
    url = CallUrls(KEY, BASE_URL).url(PlacedCall(REFERENCE, 2, "en"))
    said = {"uuid": UUID, "to": PERSON[1:], "from": OURS[1:], "status": status, **more}
    return vonage_callback(url.partition("/vonage/")[2], said)


def _sendgrid_event(event: str, **more: str) -> Callback:
    said = {"sg_event_id": "1", "timestamp": 1513299569, "fo_ref": REFERENCE, "event": event}
    return sendgrid_events([{**said, **more}])


def _all(
    provider: str, section: str, by: Callable[[str], Answer | Callback], file: str = "codes.toml"
) -> list[Told]:
    package = "providers" if file == "sip.toml" else f"providers.{provider}"
    return [Told(provider, section, code, by(code), file) for code in codes(package, section, file)]


def _http(provider: str) -> list[Told]:
    return _all(provider, "http", lambda status: Answer(int(status), "{}"))


AT_ONCE = [
    *_all("twilio", "errors", _twilio_refusal),
    *_http("twilio"),
    *_all("vonage", "messages", _vonage_refusal),
    *_all("vonage", "sms", lambda code: _vonage_refusal(code, "/sms")),
    *_all("vonage", "problems", lambda code: _vonage_refusal(code, "")),
    *_http("vonage"),
    *_http("sendgrid"),
    *_all("fcm", "errors", _fcm_refusal),
    *_http("fcm"),
    *_http("webpush"),
]
LATER = [
    *_all("twilio", "errors", _twilio_report),
    *_all("twilio", "calls", _twilio_call),
    *_all("twilio", "sip", lambda sip: _twilio_call("failed", SipResponseCode=sip), "sip.toml"),
    *_all("vonage", "messages", _vonage_report),
    *_all("vonage", "statuses", lambda status: _vonage_report(None, status)),
    *_all("vonage", "calls", _vonage_call),
    *_all("vonage", "call_details", lambda detail: _vonage_call("failed", detail=detail)),
    *_all("vonage", "sip", lambda sip: _vonage_call("failed", sip_code=int(sip)), "sip.toml"),
    *_all("sendgrid", "dropped", lambda why: _sendgrid_event("dropped", reason=why.title())),
    *_all(
        "sendgrid",
        "bounced",
        lambda kind: _sendgrid_event("bounce", bounce_classification=kind.title()),
    ),
    *_all("sendgrid", "bounce_types", lambda kind: _sendgrid_event("bounce", type=kind)),
]
#: In no table.
UNHEARD_AT_ONCE = [
    Told("twilio", "errors", "99999", _twilio_refusal("99999")),
    Told("vonage", "messages", "9999", _vonage_refusal("9999")),
    Told("vonage", "sms", "98", _vonage_refusal("98", "/sms")),
    Told("sendgrid", "http", "418", Answer(418, "{}")),
    Told("fcm", "errors", "NEW", _fcm_refusal("NEW")),
    Told("webpush", "http", "418", Answer(418, "")),
]
_UNHEARD: dict[str, Callable[[int], Answer]] = {
    "twilio": lambda status: _twilio_refusal("99999", status),
    "vonage": lambda status: _vonage_refusal("9999", status=status),
    "fcm": lambda status: _fcm_refusal("NEW", status),
}
#: In no table, in an answer whose HTTP status is about us or about the moment.
UNHEARD_WITH_STATUS = [
    Told(provider, "http", str(status), refusal(status))
    for provider, refusal in _UNHEARD.items()
    for status in (401, 402, 403, 408, 429)
]
UNHEARD_LATER = [
    Told("twilio", "errors", "99999", _twilio_report("99999")),
    Told("vonage", "messages", "9999", _vonage_report("9999")),
    Told("sendgrid", "dropped", "new", _sendgrid_event("dropped", reason="New reason")),
    Told("sendgrid", "bounced", "new", _sendgrid_event("bounce", bounce_classification="New")),
]
