"""The HTTP face: a callback in, a status code out that speaks the provider's rules for repeats."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from traceback import extract_tb
from typing import Protocol, runtime_checkable

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from failover.events import Event
from providers.base import (
    Callback,
    CallbackForged,
    CallbackReader,
    CallbackRejected,
    CallbackUnsigned,
)
from webhooks.gateway import Gateway, TemporalOutOfReach
from webhooks.reception import TooLarge, TooSlow, received

ROUTES = {
    "twilio": ("status", "inbound", "voice"),
    "sendgrid": ("events", "inbound"),
    "vonage": ("status", "inbound", "voice"),
}

#: Bytes of a body, checked before the signature: checking costs time, too.
LIMIT = 64 * 1024
LIMITS = {"/sendgrid/events": 1024 * 1024, "/sendgrid/inbound": 30 * 1024 * 1024}

#: Seconds for a body to come.
PATIENCE = 10.0

#: Vonage does not repeat after a 401, and repeats a callback without a token after a 503, signed.
_FORGED = {"vonage": 401}

_log = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]


@runtime_checkable
class Answering(Protocol):
    """A reader whose provider does something with the answer, such as say it in a call."""

    def answer(self, callback: Callback, events: Sequence[Event]) -> tuple[str, str]:
        """The content type and the body for a callback that has been read."""


def create_app(
    readers: Mapping[str, CallbackReader],
    gateway: Gateway,
    *,
    base_url: str,
    patience: float = PATIENCE,
) -> FastAPI:
    """The routes of these providers, by name; those of any other answer 404."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    for provider, reader in readers.items():
        for route in ROUTES[provider]:
            path = f"/{provider}/{route}"
            route_handler = _handler(path, provider, reader, gateway, base_url, patience)
            app.add_api_route(path, route_handler, methods=["POST"])
    app.add_api_route("/healthz", _health(gateway), methods=["GET"])
    return app


def _handler(
    path: str,
    provider: str,
    reader: CallbackReader,
    gateway: Gateway,
    base_url: str,
    patience: float,
) -> Handler:
    limit = LIMITS.get(path, LIMIT)

    async def handle(request: Request) -> Response:
        try:
            callback = await received(request, base_url=base_url, limit=limit, patience=patience)
            response = await _taken(callback, reader, gateway)
        except Exception as error:
            response = Response(status_code=_status(error, provider))
            _log.warning("%s: %d, %s", path, response.status_code, _why(error))
        return response

    return handle


async def _taken(callback: Callback, reader: CallbackReader, gateway: Gateway) -> Response:
    # In a thread, as an email of 30 MB takes a while to read.
    events = await asyncio.to_thread(reader.read, callback)
    await gateway.deliver(events)
    if not isinstance(reader, Answering):
        return Response(status_code=200)
    kind, body = reader.answer(callback, events)
    return Response(body, media_type=kind)


def _status(error: Exception, provider: str) -> int:
    match error:
        case TooLarge():
            return 413
        case TooSlow():
            return 408
        case CallbackUnsigned() | TemporalOutOfReach():
            return 503
        case CallbackForged():
            return _FORGED.get(provider, 403)
        case CallbackRejected():
            return 400
        case _:
            return 503  # a fault of ours: sent again, it may meet a version that has it mended


def _why(error: Exception) -> str:
    """What to look at. A reader's own words hold nothing of the callback; others' might."""
    if isinstance(error, CallbackRejected | TemporalOutOfReach):
        return str(error)
    if isinstance(error, TooLarge | TooSlow):
        return error.__doc__ or ""
    last = extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.filename}:{last.lineno}, a fault of ours"


def _health(gateway: Gateway) -> Callable[[], Awaitable[JSONResponse]]:
    async def healthz() -> JSONResponse:
        temporal = await gateway.healthy()
        status = "ok" if temporal else "temporal is out of reach"
        return JSONResponse(
            {"status": status, "temporal": temporal}, status_code=200 if temporal else 503
        )

    return healthz
