"""The webhooks in a stranger's hands: the real gateway, and a Temporal that takes only what it can.

What a signal holds goes through the converter, and is read again as the workflow reads it.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.types import Message
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter

from failover.events import OptOut, Reply, Report, Response
from failover.names import Signal
from providers.base import Callback
from tests.callbacks import BASE_URL
from tests.webhooks_app import READERS
from webhooks.app import ROOM, create_app
from webhooks.gateway import TemporalGateway
from workflows.given import read_signal

#: Temporal takes no more for one input.
MOST_BYTES = 2 * 1024 * 1024

Signals = list[tuple[str, str, BaseModel]]

_READ: dict[str, type[BaseModel]] = {
    Signal.RESPONDED: Response,
    Signal.REPORTED: Report,
    Signal.OPTED_OUT: OptOut,
}


@dataclass(frozen=True)
class _Run:
    """As much of a running message as the gateway looks at."""

    id: str = "message-found"
    search_attributes: Mapping[str, Any] = field(default_factory=dict)
    start_time: datetime = datetime(2026, 11, 22, tzinfo=UTC)
    status: WorkflowExecutionStatus = WorkflowExecutionStatus.RUNNING


@dataclass
class Temporal:
    """As much of a client as the gateway uses; one message runs, and has every key."""

    signals: Signals = field(default_factory=list)

    async def start_workflow(self, _: str, reply: Reply, *, id: str, **options: object) -> None:
        """What is kept is read again as its workflow reads it."""
        assert id.isascii()
        [payload] = await pydantic_data_converter.encode([reply])
        assert len(payload.data) < MOST_BYTES
        assert Reply.model_validate_json(payload.data) == reply

    def get_workflow_handle(self, workflow: str) -> "_Handle":
        return _Handle(self, workflow)

    async def list_workflows(self, query: str, **_: object) -> AsyncIterator[_Run]:
        assert query.isascii()
        assert query.count('"') == 6
        yield _Run()


@dataclass
class _Handle:
    temporal: Temporal
    id: str

    async def describe(self, **_: object) -> _Run:
        return _Run(self.id)

    async def signal(self, name: Signal, payload: BaseModel, *, rpc_timeout: timedelta) -> None:
        assert self.id.isascii()
        encoded = await pydantic_data_converter.encode([payload])
        [decoded] = await pydantic_data_converter.decode(encoded)
        self.temporal.signals.append((self.id, name, read_signal(_READ[name], (decoded,))))


class Hooks:
    """The app with every provider, called as a server calls it: with any bytes at all."""

    def __init__(self, *, room: int = ROOM) -> None:
        self.temporal = Temporal()
        gateway = TemporalGateway(cast(Client, self.temporal))
        self.app: FastAPI = create_app(READERS, gateway, base_url=BASE_URL, patience=5, room=room)

    def routes(self) -> set[str]:
        operations = self.app.openapi()["paths"].items()
        return {path for path, methods in operations if "post" in methods}

    async def post(self, callback: Callback) -> tuple[int, Signals]:
        """The status code, and the signals it led to."""
        self.temporal.signals.clear()
        status = await post(self.app, callback)
        return status, list(self.temporal.signals)


async def post(app: FastAPI, callback: Callback) -> int:
    path, _, query = callback.url.removeprefix(BASE_URL).partition("?")
    body = [{"type": "http.request", "body": callback.body, "more_body": False}]
    statuses: list[int] = []

    async def receive() -> Message:
        return body.pop(0) if body else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": unquote_to_bytes(path).decode(errors="replace"),
        "raw_path": path.encode("latin-1", "replace"),
        "query_string": query.encode("latin-1", "replace"),
        "headers": [
            (n.encode("latin-1"), v.encode("latin-1")) for n, v in callback.headers.items()
        ],
    }
    await app(scope, receive, send)
    [status] = statuses
    return status
