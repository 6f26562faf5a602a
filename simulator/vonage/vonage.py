"""Plays the Vonage Messages API: answers, signed status and inbound webhooks."""

from typing import Any

from starlette.responses import JSONResponse, Response

from simulator.outbox import Callback, Outbox
from simulator.records import Choice, Said, Sent, now
from simulator.scripts import Script
from simulator.settings import Settings
from simulator.timeline import Step
from simulator.vonage import errors, resources
from simulator.vonage.shapes import CHANNELS
from simulator.vonage.signature import signed

_THEIRS = {ours: theirs for theirs, ours in CHANNELS.items()}


class Vonage:
    course = ("submitted", "delivered")

    def __init__(self, settings: Settings, outbox: Outbox) -> None:
        self._settings = settings
        self._status_url = settings.webhook("/vonage/status")
        self._inbound_url = settings.webhook("/vonage/inbound")
        self._outbox = outbox

    def accepted(self, sent: Sent) -> Response:
        if sent.call:
            return JSONResponse(resources.created(sent), 201)
        return JSONResponse({"message_uuid": sent.id}, 202)

    def refused(self, script: Script) -> Response:
        return errors.error(script.code or "1020", script.status or 422)

    def throttled(self, retry_after: int) -> Response:
        response = errors.plain(
            429, "rate-limit", "Rate Limit Hit", "Please wait, then retry your request"
        )
        response.headers["Retry-After"] = str(retry_after)
        return response

    def broken(self, status: int) -> Response:
        return errors.error("1030", status)

    def forbidden(self) -> Response:
        detail = "User not authorized to query the requested data"
        return errors.plain(403, "forbidden", "Forbidden", detail)

    def failure(self, script: Script) -> Step:
        return Step(0, "rejected", script.code, script.detail)

    async def report(self, sent: Sent, step: Step) -> None:
        status = {**_envelope(sent), "status": step.status, "channel": _THEIRS[sent.channel]}
        if sent.reference is not None:
            status["client_ref"] = sent.reference
        if step.code:
            status["error"] = errors.problem(step.code, step.detail)
        if step.status == "submitted" and sent.channel == "sms":
            status |= {"usage": {"currency": "EUR", "price": "0.0333"}, "sms": {"count_total": "1"}}
            status["destination"] = {"network_code": "12345"}
        url = sent.status_url or self._status_url
        callback = self._signed(url, status, step.status)
        for _ in range(step.callbacks):
            await self._outbox.send(callback, [sent])

    async def reply(self, said: Said, to: Sent | None, choice: Choice | None) -> int | None:
        body = _inbound(said, to, choice)
        return await self._outbox.deliver(self._signed(self._inbound_url, body, "reply"), said)

    def _signed(self, url: str, content: dict[str, Any], says: str) -> Callback:
        return signed(url, content, self._settings, says)


def _envelope(sent: Sent) -> dict[str, Any]:
    return {
        "message_uuid": sent.id,
        "to": sent.to.lstrip("+"),
        "from": sent.sender.lstrip("+"),
        "timestamp": _timestamp(),
    }


def _inbound(said: Said, to: Sent | None, choice: Choice | None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "channel": _THEIRS[said.channel],
        "message_uuid": said.id,
        "to": said.to.lstrip("+"),
        "from": said.person.lstrip("+"),
        "timestamp": _timestamp(),
        **_content(said, to, choice),
    }
    if said.channel == "sms":
        words = said.text.split()
        body["sms"] = {"num_messages": "1", "keyword": words[0].upper() if words else ""}
        body["usage"] = {"currency": "EUR", "price": "0.0333"}
    if said.channel == "whatsapp":
        wa_id = said.person.lstrip("+")
        body["profile"] = {"name": "Handset"}
        body["whatsapp"] = {"sender": {"user_id": f"US.{wa_id}", "wa_id": wa_id}}
        body["context_status"] = "available" if said.quote and to else "none"
    if said.quote and to and said.channel in ("whatsapp", "rcs"):
        body["context"] = {"message_uuid": to.id, "message_from": to.sender.lstrip("+")}
    return body


def _content(said: Said, to: Sent | None, choice: Choice | None) -> dict[str, Any]:
    """A press on a template's quick reply is a `button`, on an interactive message a `reply`."""
    if choice is None:
        return {"message_type": "text", "text": said.text}
    if to and to.approved:
        button = {"payload": choice.id, "text": choice.title, "subtype": "quick_reply"}
        return {"message_type": "button", "button": button}
    return {"message_type": "reply", "reply": {"id": choice.id, "title": choice.title}}


def _timestamp() -> str:
    return now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
