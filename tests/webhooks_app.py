"""The app without a socket, a gateway that remembers, and a signed callback for each route."""

import asyncio
from collections.abc import Sequence
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.types import Message, Scope

from activities.finding import TemporalOutOfReach
from failover.events import Event
from providers.base import Callback, CallbackReader
from providers.integration import Integration
from providers.known import callbacks as ways
from providers.known import integrations
from providers.settings import PublicSettings
from tests.callbacks import BASE_URL, FORM, KEY
from webhooks.app import create_app

PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
ROUTES = {f"/{way.prefix}/{route.name}": route for way in ways().values() for route in way.routes}
#: Where a provider signs what it posts; a device posts to a signed URL (test_push_ack.py).
PATHS = [path for path in ROUTES if not path.startswith("/push/")]


#: Providers with callbacks of their own, and what `tests/callbacks_<name>.py` knows of each: its
#: `SETTINGS`, `GOOD` callbacks by path, `saying(path, fields)`, which is a good one with these
#: fields in it, and `rightly_signed(path, body, age=0)`, which is one of any body.
CALLING = [one for one in integrations() if one.callbacks and one.callbacks.prefix == one.name]
SIGNING = {one.name: import_module(f"tests.callbacks_{one.name}") for one in CALLING}


def _reader(known: Integration) -> CallbackReader:
    assert known.callbacks
    settings = known.settings.model_validate(SIGNING[known.name].SETTINGS)
    return known.callbacks.reader(settings, PUBLIC)


READERS = {known.name: _reader(known) for known in CALLING}


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


def callbacks() -> dict[str, Callback]:
    """A good one for each route."""
    return {path: good for known in SIGNING.values() for path, good in known.GOOD.items()}


def forged(path: str) -> int:
    """What a forgery is answered with there."""
    return ways()[path.split("/")[1]].forged


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
