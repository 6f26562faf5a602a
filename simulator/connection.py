"""uvicorn's HTTP protocol, which an application may also cut off without sending a byte."""

from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

_ABORT = "simulator.abort"


class CuttableProtocol(H11Protocol):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope.setdefault("extensions", {})[_ABORT] = self.transport.abort
            await inner(scope, receive, send)

        self.app = app


class Cut(Response):
    """No answer at all: the TCP connection is closed."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"][_ABORT]()
        # uvicorn calls a missing answer an error unless it has seen the connection go.
        while (await receive())["type"] != "http.disconnect":
            pass
