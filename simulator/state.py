"""Everything that happened since the start, in memory and bounded, and who wants to hear of it."""

import asyncio
from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from simulator.records import Choice, Heard, Received, Said, Sent
from simulator.scripts import Scripts, normal

KEPT = 50_000
#: Changes a page may lag behind before it is cut off; it then loads everything anew.
BACKLOG = 1_000

Record = TypeVar("Record")
#: What the page's stream calls each kind of record.
KINDS: dict[type, str] = {Sent: "message", Said: "said", Heard: "heard"}
#: Of the whole provider, or of its look-ups alone, as where an account lacks what they need, or of
#: Twilio's templates.
Outage = Literal[
    "cut_off",
    "error",
    "look_ups_refused",
    "look_ups_error",
    "look_ups_hang",
    "templates_error",
]


class Template(BaseModel):
    """A message template of Twilio's Content API: `{{1}}` stands for the first variable."""

    sid: str
    body: str
    choices: list[Choice] = []
    #: Where its picture or video lies.
    media: list[str] = []
    #: What a list of choices is opened with; without it they are buttons.
    opens: str | None = None
    #: As the Content API tells it; empty for one that was described by hand.
    resource: dict[str, Any] = {}


class State:
    def __init__(self) -> None:
        self.messages: dict[str, Sent] = {}
        self.said: dict[str, Said] = {}
        self.heard: dict[str, Heard] = {}
        #: The status for notifications to the service, and for how many of them; null is all.
        self.failing: tuple[int, int | None] = (204, None)
        self.requests: deque[Received] = deque(maxlen=KEPT)
        self.scripts = Scripts()
        self.templates: dict[str, Template] = {}
        self.outages: dict[str, Outage] = {}
        #: Pairs (our sender, the person) that a STOP closed.
        self.stops: set[tuple[str, str]] = set()
        self._listeners: set[asyncio.Queue[str | None]] = set()

    def keep(self, record: Sent | Said | Heard) -> None:
        """Store a new record, or tell the pages that it changed."""
        match record:
            case Sent():
                _bounded(self.messages, record.id, record)
            case Said():
                _bounded(self.said, record.id, record)
            case Heard():
                _bounded(self.heard, record.id, record)
        self.changed(record)

    def changed(self, record: Sent | Said | Heard) -> None:
        if self._listeners:
            kind = KINDS[type(record)]
            data = record.model_dump_json(by_alias=True)
            self._publish(f"event: {kind}\ndata: {data}\n\n")

    def answer_to_service(self) -> int:
        """The status for the next notification; counts as one use of what was ordered."""
        status, times = self.failing
        if times is None:
            return status
        self.failing = (status, times - 1) if times > 1 else (204, None)
        return status

    def clear(self) -> None:
        self.messages.clear()
        self.said.clear()
        self.heard.clear()
        self.failing = (204, None)
        self.requests.clear()
        self.scripts.clear()
        self.outages.clear()
        self.stops.clear()
        self._publish("event: cleared\ndata: {}\n\n")

    def sent(
        self, provider: str | None = None, channel: str | None = None, to: str | None = None
    ) -> Iterable[Sent]:
        """Messages, oldest first; a condition left out matches everything."""
        address = normal(to) if to else None
        return (
            sent
            for sent in list(self.messages.values())
            if provider in (None, sent.provider)
            and channel in (None, sent.channel)
            and address in (None, sent.to)
        )

    def listen(self) -> asyncio.Queue[str | None]:
        queue: asyncio.Queue[str | None] = asyncio.Queue(BACKLOG)
        self._listeners.add(queue)
        return queue

    def stop_listening(self, queue: asyncio.Queue[str | None]) -> None:
        self._listeners.discard(queue)

    def close(self) -> None:
        """End every page's stream, so that the process can stop."""
        for queue in self._listeners:
            _end(queue)
        self._listeners.clear()

    def _publish(self, event: str) -> None:
        for queue in list(self._listeners):
            if queue.full():
                self._listeners.discard(queue)
                _end(queue)
            else:
                queue.put_nowait(event)


def newest(records: Iterable[Record], limit: int | None) -> list[Record]:
    """The last records, still oldest first."""
    return list(records) if limit is None else list(deque(records, maxlen=limit))


def _bounded(records: dict[str, Record], key: str, record: Record) -> None:
    records[key] = record
    for oldest in list(islice(records, max(0, len(records) - KEPT))):
        del records[oldest]


def _end(queue: asyncio.Queue[str | None]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(None)
