"""A service's endpoint for events, over real HTTP, that answers what a test says."""

import asyncio
import json
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook

SECRET = "whsec_" + "c2VjcmV0IG9mIHRlc3RzLCAzMiBieXRlcyBsb25nLi4="
PREVIOUS = "whsec_" + "dGhlIG9uZSBiZWZvcmUgaXQsIDMyIGJ5dGVzIGxvbmc="

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(status: int, **headers: str) -> Answer:
    async def give(_: web.Request) -> web.StreamResponse:
        return web.Response(
            status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )

    return give


class Receiver:
    """Keeps what came, in order. What is in `answers` is given first, one each; then 204."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[Answer] = []
        self.always: Answer = answer(204)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.requests]

    def verified(self, secret: str = SECRET) -> list[dict[str, Any]]:
        """What came, with every signature checked by the specification's library."""
        webhook = Webhook(secret)
        return [webhook.verify(body, headers) for _, headers, body in self.requests]

    def in_order(self) -> list[dict[str, Any]]:
        """As a service reads them: once each, by their sequence."""
        once = {event["id"]: event for event in self.verified()}
        return sorted(once.values(), key=lambda event: int(event["data"]["sequence"]))

    async def until(self, holds: Callable[["Receiver"], bool], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not holds(self):
            assert time.monotonic() < end, f"never came to hold: {self.events}"
            await asyncio.sleep(0.05)

    async def _take(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((request.path_qs, headers, body))
        give = self.answers.pop(0) if self.answers else self.always
        return await give(request)

    @asynccontextmanager
    async def serving(self, tls: ssl.SSLContext | None = None) -> AsyncIterator["Receiver"]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._take)
        runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    async with Receiver().serving() as receiver:
        yield receiver
