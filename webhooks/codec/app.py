"""Temporal's codec protocol over HTTP, for the Web UI and the command line."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qs

from fastapi import FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from google.protobuf.json_format import MessageToJson, Parse, ParseError
from temporalio.api.common.v1 import Payload, Payloads

from webhooks.codec.described import FORM, PAGE, converting
from webhooks.codec.door import Door
from webhooks.reception import Room, Take, TooLarge, TooMany, TooSlow, received
from workflows.encryption import CannotDecrypt, EncryptionCodec

#: Bytes of a body. Temporal's own messages have 4 MiB, and base64 makes a third more of it.
LIMIT = 8 * 1024 * 1024
_FORM_LIMIT = 4096
#: Bytes for all large bodies together.
ROOM = 64 * 1024 * 1024
PATIENCE = 10.0
_PRIVATE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = """<!doctype html><meta charset="utf-8"><title>Codec server</title>
<form method="post"><p>{said}<p><label>CODEC_TOKEN
<input type="password" name="token" autofocus autocomplete="current-password"></label>
<button>Sign in</button></form>"""

_log = logging.getLogger(__name__)

Convert = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]
Handler = Callable[[Request], Awaitable[Response]]


def create_app(
    codec: EncryptionCodec, door: Door, *, origin: str, token_in_path: bool = False
) -> FastAPI:
    """The routes; `/<token>/decode` as well for a UI that can send neither header nor cookie."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    bodies = Room(ROOM)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=[origin],
        allow_methods=["POST"],
        allow_headers=["content-type", "x-namespace", "authorization"],
        allow_credentials=True,
    )
    for verb, convert in {"decode": codec.decode, "encode": codec.encode}.items():
        for path in (f"/{verb}", *([f"/{{token}}/{verb}"] if token_in_path else ())):
            handler = _handler(verb, convert, door, bodies)
            app.add_api_route(path, handler, methods=["POST"], **converting(path))
    app.add_api_route("/", _page(door, origin), methods=["GET"], **PAGE)
    app.add_api_route("/", _form(door, origin, bodies), methods=["POST"], **FORM)
    app.add_api_route("/healthz", _health, methods=["GET"], response_class=PlainTextResponse)
    return app


def _handler(verb: str, convert: Convert, door: Door, bodies: Room) -> Handler:
    async def handle(request: Request) -> Response:
        with bodies.for_one() as take:
            response = await _answer(request, convert, door, take)
        response.headers.update(_PRIVATE)
        if response.status_code != 200:
            _log.warning("%s: %d", verb, response.status_code)
        return response

    return handle


async def _answer(request: Request, convert: Convert, door: Door, take: Take) -> Response:
    if not door.opens_for(request):
        return _no("sign in at this server's page, or send CODEC_TOKEN as a bearer token", 401)
    try:
        callback = await received(request, base_url="", limit=LIMIT, patience=PATIENCE, take=take)
        given = Parse(callback.body, Payloads(), ignore_unknown_fields=True)
        converted = Payloads(payloads=await convert(given.payloads))
    except TooLarge:
        return _no(f"more than {LIMIT >> 20} MiB", 413)
    except TooSlow:
        return _no("too slow", 408)
    except TooMany:
        return _no("too many large requests at once", 503)
    except CannotDecrypt as error:
        return _no(str(error), 400)
    except (ParseError, ValueError, RecursionError):
        return _no("should be Temporal's payloads in JSON", 400)
    return Response(MessageToJson(converted, indent=None), media_type="application/json")


def _page(door: Door, origin: str) -> Handler:
    async def page(request: Request) -> Response:
        """With `?token=` it signs in, and the token leaves the address bar."""
        if token := request.query_params.get("token"):
            return _signed_in(door, origin, token)
        said = "Signed in." if door.has_session(request) else "The Web UI decrypts by this server."
        return HTMLResponse(_PAGE.format(said=said), headers=_PRIVATE)

    return page


def _form(door: Door, origin: str, bodies: Room) -> Handler:
    async def form(request: Request) -> Response:
        try:
            with bodies.for_one() as take:
                sent = await received(
                    request, base_url="", limit=_FORM_LIMIT, patience=PATIENCE, take=take
                )
        except (TooLarge, TooSlow):
            return _no("not a token", 413)
        [token] = parse_qs(sent.body.decode("latin-1")).get("token", [""])[:1]
        return _signed_in(door, origin, token)

    return form


def _signed_in(door: Door, origin: str, token: str) -> Response:
    if not door.knows(token):
        _log.warning("sign-in: 401")
        said = "That is not CODEC_TOKEN."
        return HTMLResponse(_PAGE.format(said=said), status_code=401, headers=_PRIVATE)
    response = RedirectResponse(origin, status_code=303, headers=_PRIVATE)
    door.admit(response)
    return response


async def _health() -> Response:
    return PlainTextResponse("ok")


def _no(why: str, status: int) -> Response:
    return PlainTextResponse(why, status_code=status)
