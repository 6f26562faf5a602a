"""Stands before the providers' APIs: notes every request, plays a whole provider's outage."""

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.connection import Cut
from simulator.exchange import Exchange
from simulator.records import Received

#: Seconds; longer than any client waits.
HANG = 30
#: A path's beginning says whose API it is.
_APIS = {
    "/2010-04-01/": "twilio",
    "/v1/Content": "twilio",
    "/v2/Content": "twilio",
    "/v3/": "sendgrid",
    "/v1/messages": "vonage",
    "/v1/calls": "vonage",
    "/v2/reports/": "vonage",
    "/v1/projects/": "fcm",
    "/push/": "webpush",
}
_FORM = "application/x-www-form-urlencoded"


class Intake:
    def __init__(self, app: ASGIApp, exchange: Exchange) -> None:
        self._app = app
        self._exchange = exchange

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        provider = _provider(scope)
        if provider is None:
            await self._app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        received = _received(provider, Request(scope), body)
        self._exchange.state.requests.append(received)

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                received.status = message["status"]
            await send(message)

        template = "/Content" in scope["path"]
        look_up = scope["method"] == "GET" and not template
        answer = await self._answer(provider, look_up=look_up, template=template)
        await answer(scope, _again(body, receive), noted)

    async def _answer(self, name: str, *, look_up: bool, template: bool) -> ASGIApp:
        provider = self._exchange.providers[name]
        match self._exchange.state.outages.get(name):
            case "cut_off":
                return Cut()
            case "error":
                return provider.broken(503)
            case "templates_error" if template:
                return provider.broken(503)
            case "look_ups_refused" if look_up:
                return provider.forbidden()
            case "look_ups_error" if look_up:
                return provider.broken(503)
            case "look_ups_hang" if look_up:
                await self._exchange.pause(HANG)
                return provider.broken(503)
        return self._app


def _provider(scope: Scope) -> str | None:
    path = scope.get("path", "")
    return next((name for start, name in _APIS.items() if path.startswith(start)), None)


def _received(provider: str, request: Request, body: bytes) -> Received:
    headers = {name: value for name, value in request.headers.items() if name != "authorization"}
    form = headers.get("content-type", "").startswith(_FORM)
    return Received(
        provider=provider,
        method=request.method,
        path=request.url.path,
        query=request.query_params.multi_items(),
        headers=headers,
        form=parse_qsl(body.decode(errors="replace"), keep_blank_values=True) if form else None,
        json_=None if form else _json(body),
    )


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _again(body: bytes, receive: Receive) -> Receive:
    """The body was read already; hand it on, then whatever comes after it."""
    parts = [body]

    async def replay() -> Message:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        return await receive()

    return replay
