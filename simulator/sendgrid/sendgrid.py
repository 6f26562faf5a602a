"""Plays SendGrid: answers, batched event webhooks, replies through Inbound Parse."""

import asyncio
import json
from collections import deque
from itertools import groupby
from secrets import token_urlsafe
from typing import Any

from starlette.responses import Response

from simulator.outbox import Callback, Outbox
from simulator.records import Choice, Said, Sent, now
from simulator.scripts import Script
from simulator.sendgrid.errors import error
from simulator.sendgrid.parse import inbound, message_id
from simulator.sendgrid.signature import Signer
from simulator.settings import Settings, pem
from simulator.timeline import Step

#: Seconds during which events gather; SendGrid's own is 30 s or 768 kB.
LINGER = 0.1
BATCH = 100


class SendGrid:
    course = ("processed", "delivered")

    def __init__(self, settings: Settings, outbox: Outbox) -> None:
        key = settings.simulator_sendgrid_private_key
        self._signer = Signer(pem(key)) if key else None
        self._events_url = settings.webhook("/sendgrid/events")
        self._inbound_url = settings.webhook("/sendgrid/inbound")
        self._outbox = outbox
        self._waiting: deque[tuple[Sent, dict[str, Any]]] = deque()
        self._flushing: asyncio.Task[None] | None = None

    def accepted(self, sent: Sent) -> Response:
        return Response(status_code=202, headers={"X-Message-Id": sent.id.partition("-to-")[0]})

    def refused(self, script: Script) -> Response:
        return error(script.status or 400, script.detail or script.code)

    def throttled(self, retry_after: int) -> Response:
        response = error(429)
        response.headers["Retry-After"] = str(retry_after)
        return response

    def broken(self, status: int) -> Response:
        return error(status, "Internal Server Error")

    def forbidden(self) -> Response:
        return error(403, "access forbidden")

    def failure(self, script: Script) -> Step:
        if script.do == "bounce":
            return Step(0, "bounce", script.code, script.classification)
        return Step(0, "dropped", script.code, script.detail or "Bounced Address", at_once=True)

    async def report(self, sent: Sent, step: Step) -> None:
        self._waiting.extend([(sent, _event(sent, step))] * step.callbacks)
        if self._flushing is None or self._flushing.done():
            self._flushing = self._outbox.start(self._flush())

    async def _flush(self) -> None:
        try:
            await asyncio.sleep(LINGER)
        except asyncio.CancelledError:
            self._waiting.clear()
            raise
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            body = json.dumps([event for _, event in batch], separators=(",", ":")).encode()
            body += b"\r\n"  # SendGrid ends the body so, and signs it too
            says = "+".join(name for name, _ in groupby(event["event"] for _, event in batch))
            callback = self._signed(self._events_url, "application/json", body, says)
            await self._outbox.send(callback, list({id(sent): sent for sent, _ in batch}.values()))

    async def reply(self, said: Said, to: Sent | None, choice: Choice | None) -> int | None:
        content_type, body = inbound(said, to)
        callback = self._signed(self._inbound_url, content_type, body, "reply")
        return await self._outbox.deliver(callback, said)

    def _signed(self, url: str, content_type: str, body: bytes, says: str) -> Callback:
        assert self._signer is not None
        return Callback(
            url=url,
            headers={"Content-Type": content_type, **self._signer.headers(body)},
            body=body,
            says=says,
            again=_events_again if url == self._events_url else _inbound_again,
            tries=8,
        )


def _events_again(answer: int | None) -> bool:
    """ "Event Webhook": anything but 2xx is tried again, for a day."""
    return answer is None or not 200 <= answer < 300


def _inbound_again(answer: int | None) -> bool:
    """ "Inbound Parse": tried again after a 5xx only."""
    return answer is None or answer >= 500


def _event(sent: Sent, step: Step) -> dict[str, Any]:
    arguments: dict[str, str] = sent.raw.get("custom_args", {})
    event: dict[str, Any] = {
        **arguments,
        "email": sent.to,
        "timestamp": int(now().timestamp()),
        "smtp-id": message_id(sent),
        "event": step.status,
        "sg_event_id": token_urlsafe(16),
        "sg_message_id": f"{sent.id.partition('-to-')[0]}.filterdrecv-simulator-0",
    }
    match step.status:
        case "delivered":
            event["response"] = "250 OK"
        case "bounce":
            blocked = step.code == "blocked"
            event |= {"type": "blocked" if blocked else "bounce", "status": "5.1.1"}
            event |= {"reason": "550 5.1.1 The address does not exist"}
            event |= {"bounce_classification": step.detail}
        case "dropped":
            event |= {"reason": step.detail, "status": "5.0.0"}
    return event
