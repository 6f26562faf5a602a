"""The app without a socket, a gateway that remembers, and a signed callback for each route."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.types import Message, Scope

from activities.finding import TemporalOutOfReach
from failover.events import Event
from providers.base import Callback, CallbackReader
from providers.known import callbacks as ways
from providers.sendgrid import provider as sendgrid
from providers.settings import PublicSettings
from providers.twilio.callbacks import TwilioCallbacks
from providers.vonage import provider as vonage
from tests.callbacks import BASE_URL, FORM, KEY, TOKEN, twilio_callback
from tests.callbacks_sendgrid import sendgrid_events, sendgrid_mail, sendgrid_settings
from tests.callbacks_vonage import UUID, vonage_call, vonage_callback, vonage_settings
from webhooks.app import create_app

PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
TWILIO = TwilioCallbacks(tokens=[TOKEN], key=KEY, base_url=BASE_URL)
READERS: dict[str, CallbackReader] = {
    "twilio": TWILIO,
    "sendgrid": sendgrid.callbacks(sendgrid_settings(), PUBLIC),
    "vonage": vonage.callbacks(vonage_settings(), PUBLIC),
}
ROUTES = {f"/{way.prefix}/{route.name}": route for way in ways().values() for route in way.routes}
#: Where a provider signs what it posts; a device posts to a signed URL (test_push_ack.py).
PATHS = [path for path in ROUTES if not path.startswith("/push/")]


class FakeGateway:
    """Remembers what it was given. `away` is Temporal out of reach."""

    def __init__(self, *, away: bool = False) -> None:
        self.events: list[Event] = []
        self.away = away

    async def deliver(self, events: Sequence[Event]) -> None:
        if self.away and events:
            raise TemporalOutOfReach("UNAVAILABLE")
        self.events += events

    async def healthy(self) -> bool:
        return not self.away


class Broken:
    """A reader with a fault of ours."""

    def read(self, callback: Callback) -> list[Event]:
        raise KeyError(callback.body)


class Webhooks:
    """The app over ASGI, without a socket."""

    def __init__(self, gateway: FakeGateway, readers: dict[str, CallbackReader]) -> None:
        self.gateway = gateway
        self.app = create_app(readers, gateway, base_url=BASE_URL, patience=0.2)
        # Another host than the public one: what is signed is the public one.
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://inside:8300")

    async def post(self, callback: Callback, **more: Any) -> httpx.Response:
        parts = urlsplit(callback.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {**callback.headers, **more}
        return await self.http.post(target, content=callback.body, headers=headers)


def webhooks(*, away: bool = False, readers: dict[str, CallbackReader] | None = None) -> Webhooks:
    return Webhooks(FakeGateway(away=away), READERS if readers is None else readers)


STATUS = {"MessageSid": "SM1", "MessageStatus": "delivered", "From": "+1500", "To": "+1501"}
INBOUND = {"MessageSid": "SM2", "From": "+15005550010", "To": "+15005550006", "Body": "Yes"}
PRESSED = {"CallSid": "CA1", "Digits": "2", "CallStatus": "in-progress"}
DELIVERED = {"event": "delivered", "sg_event_id": "e1", "fo_ref": "order-1.2", "timestamp": 1}
RECEIPT = {
    "message_uuid": UUID,
    "status": "delivered",
    "client_ref": "order-1.2",
    "channel": "sms",
    "to": "15005550010",
    "from": "15005550006",
    "timestamp": "2026-11-21T21:45:00Z",
}
MAIL = {
    "headers": "From: dana@example.com\r\nMessage-ID: <1@example.com>\r\n",
    "from": "dana@example.com",
    "to": "hello@example.org",
    "envelope": '{"to":["hello@example.org"],"from":"dana@example.com"}',
    "subject": "Re: Your delivery today",
    "text": "Yes",
}


def callbacks() -> dict[str, Callback]:
    return {
        "/twilio/status": twilio_callback("status?m=order-1.2", STATUS),
        "/twilio/inbound": twilio_callback("inbound", INBOUND),
        "/twilio/voice": twilio_callback("voice?m=order-1.2&keys=2", PRESSED),
        "/sendgrid/events": sendgrid_events([DELIVERED]),
        "/sendgrid/inbound": sendgrid_mail(MAIL),
        "/vonage/status": vonage_callback("status", RECEIPT),
        "/vonage/inbound": vonage_callback(
            "inbound", {**RECEIPT, "message_type": "text", "text": "Yes"}
        ),
        "/vonage/voice": vonage_call(dtmf={"digits": "2", "timed_out": False}),
    }


def unsigned(path: str, body: bytes = b"a=1") -> Callback:
    return Callback(url=f"{BASE_URL}{path}", headers={"content-type": FORM}, body=body)


async def raw(
    hooks: Webhooks,
    target: str,
    headers: dict[str, str],
    chunks: Sequence[bytes | None],
    *,
    ends: bool = True,
) -> int:
    """The status of a POST in just these pieces; None among them is the connection's end."""
    messages: list[Message] = [_piece(chunk) for chunk in chunks]
    if ends:
        messages.append({"type": "http.request", "body": b"", "more_body": False})
    statuses: list[int] = []

    async def receive() -> Message:
        if not messages:
            await asyncio.sleep(3600)
        return messages.pop(0)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await hooks.app(_scope(target, headers), receive, send)
    [status] = statuses
    return status


def _piece(chunk: bytes | None) -> Message:
    if chunk is None:
        return {"type": "http.disconnect"}
    return {"type": "http.request", "body": chunk, "more_body": True}


def _scope(target: str, headers: dict[str, str]) -> Scope:
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode("latin-1"),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
