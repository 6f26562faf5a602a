"""The HTTP face: a callback in, a status code out that speaks the provider's rules for repeats."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Protocol, runtime_checkable

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from activities.finding import TemporalOutOfReach
from failover.events import Event
from providers.base import (
    Callback,
    CallbackForged,
    CallbackReader,
    CallbackRejected,
    CallbackUnsigned,
)
from providers.integration import Callbacks, Route
from providers.known import callbacks
from webhooks.described import HEALTH, described
from webhooks.gateway import Gateway
from webhooks.pages.routes import Pages, add_pages
from webhooks.reception import SMALL, Room, TooLarge, TooMany, TooSlow, received
from webhooks.trouble import why

#: Seconds for a body to come.
PATIENCE = 10.0

#: Bytes for all large bodies together: four mails of the largest size at once.
ROOM = 128 * 1024 * 1024

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
    pages: Pages | None = None,
    patience: float = PATIENCE,
    room: int = ROOM,
) -> FastAPI:
    """The routes of these providers, by name; those of any other answer 404."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    receive = partial(received, base_url=base_url, patience=patience)
    bodies, ways = Room(room), callbacks()
    for prefix, reader in readers.items():
        for route in ways[prefix].routes:
            taken = partial(_taken, reader, gateway)
            handle = _handler(ways[prefix], route, bodies, receive, taken)
            about = described(ways[prefix], route)
            path = f"/{prefix}/{route.name}"
            app.add_api_route(path, handle, methods=["POST"], response_class=Response, **about)
    if pages:
        add_pages(app, pages, gateway, partial(_small, bodies, receive))
    app.add_api_route("/healthz", _health(gateway), methods=["GET"], **HEALTH)
    return app


def _handler(
    way: Callbacks,
    route: Route,
    bodies: Room,
    receive: Callable[..., Awaitable[Callback]],
    taken: Callable[[Callback], Awaitable[Response]],
) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            with bodies.for_one() as take:
                response = await taken(await receive(request, limit=route.limit, take=take))
        except Exception as error:
            # The rest of what came too slowly is not waited for.
            closing = {"connection": "close"} if isinstance(error, TooSlow) else None
            response = Response(status_code=_status(error, way.forged), headers=closing)
            said = (way.prefix, route.name, response.status_code, why(error))
            _log.warning("/%s/%s: %d, %s", *said)
        response.headers.update(way.headers)
        return response

    return handle


async def _small(
    bodies: Room, receive: Callable[..., Awaitable[Callback]], request: Request
) -> Callback:
    with bodies.for_one() as take:
        return await receive(request, limit=SMALL, take=take)


async def _taken(reader: CallbackReader, gateway: Gateway, callback: Callback) -> Response:
    # In a thread, as an email of 30 MB takes a while to read.
    events = await asyncio.to_thread(reader.read, callback)
    await gateway.deliver(events)
    if not isinstance(reader, Answering):
        return Response(status_code=200)
    kind, body = reader.answer(callback, events)
    return Response(body, media_type=kind)


def _status(error: Exception, forged: int) -> int:
    match error:
        case TooLarge():
            return 413
        case TooSlow():
            return 408
        case CallbackUnsigned() | TemporalOutOfReach() | TooMany():
            return 503
        case CallbackForged():
            return forged
        case CallbackRejected():
            return 400
        case _:
            return 503  # a fault of ours: sent again, it may meet a version that has it mended


def _health(gateway: Gateway) -> Callable[[], Awaitable[JSONResponse]]:
    async def healthz() -> JSONResponse:
        temporal = await gateway.healthy()
        status = "ok" if temporal else "temporal is out of reach"
        return JSONResponse(
            {"status": status, "temporal": temporal}, status_code=200 if temporal else 503
        )

    return healthz
