"""HTTP connections that strangers open: uvicorn's own, with an end to waiting."""

import asyncio

from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

#: Seconds for the head of a request, from the connection's start or from the answer before.
PATIENCE = 10.0

#: More at once are answered with 503; each has a head of 16 KiB and a body of 64 KiB at most, and
#: room for more only as `webhooks.reception.Room` has it.
MOST_CONNECTIONS = 1000


class Connection(H11Protocol):
    """uvicorn waits for ever for a head, and each byte of one renews its wait between requests.

    A request that is under way is left alone: its body has a patience of its own.
    """

    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._end:
            self._end.cancel()

    def _wait(self) -> None:
        if self._end:
            self._end.cancel()
        self._end = self.loop.call_later(PATIENCE, self._give_up)

    def _give_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


def served(app: ASGIApp, host: str, port: int, *, farewell: int) -> Config:
    """uvicorn's settings for what strangers reach; `farewell` seconds for requests under way."""
    return Config(
        app,
        host=host,
        port=port,
        access_log=False,  # its lines hold paths and queries, and those hold references and tokens
        log_config=None,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        http=Connection,
        ws="none",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=farewell,
    )
