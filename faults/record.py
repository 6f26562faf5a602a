"""The three truths of a run: what was asked, what providers saw, what Temporal says."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from failover.attempts import Result


class _Noted(BaseModel):
    model_config = ConfigDict(frozen=True)


class Asked(_Noted):
    """A start that Temporal acknowledged, and perhaps a cancel."""

    id: str
    acknowledged: datetime
    message: dict[str, Any]
    cancelled: datetime | None = None


class Posted(_Noted):
    """A callback, with the webhook's answer; None when nobody answered."""

    says: str
    at: datetime
    answer: int | None


class Taken(_Noted):
    """A send that a provider accepted."""

    id: str
    provider: str
    channel: str
    to: str
    reference: str
    at: datetime
    callbacks: tuple[Posted, ...] = ()


class Said(_Noted):
    """What a person sent, with the webhook's answer to the last try."""

    id: str
    message: str
    channel: str
    at: datetime
    answer: int | None


class Signalled(_Noted):
    name: str
    at: datetime
    told: dict[str, Any]


class Send(_Noted):
    """A send activity; `started` and `worker` are of its last try.

    `given_up` is when Temporal took its worker for dead, or would wait no longer.
    """

    reference: str
    scheduled: datetime
    started: datetime | None = None
    worker: str | None = None
    given_up: datetime | None = None


class Hand(_Noted):
    """A task in the hands of a worker: who, from when, and until when as Temporal saw it."""

    worker: str
    began: datetime
    ended: datetime | None


class Timer(_Noted):
    due: datetime
    acted: datetime


class Told(_Noted):
    """What Temporal knows of one message. `state` is a workflow's status, or `absent`."""

    state: str
    closed: datetime | None = None
    result: Result | None = None
    signals: tuple[Signalled, ...] = ()
    cancel: datetime | None = None
    sends: tuple[Send, ...] = ()
    hands: tuple[Hand, ...] = ()
    timers: tuple[Timer, ...] = ()
    progress: tuple[datetime, ...] = ()
    task_failures: tuple[str, ...] = ()
    #: Workflow tasks that a worker took and did not bring back in time.
    task_timeouts: int = 0
    pending: tuple[str, ...] = ()


class Harmed(_Noted):
    """What was done to a process: `kill`, `freeze`, or to its link; `back` is when it was over."""

    how: str
    part: str
    worker: str
    at: datetime
    back: datetime | None = None


class Record(_Noted):
    seed: int
    began: datetime
    ended: datetime
    asked: tuple[Asked, ...]
    taken: tuple[Taken, ...]
    said: tuple[Said, ...]
    told: dict[str, Told]
    #: Replies that found no message at once, by the provider's id: where each of them stands.
    kept: dict[str, str] = {}
    harms: tuple[Harmed, ...] = ()
    #: Completions of tasks that Temporal had given up, as the workers logged them.
    refused: int = 0
    breaker_sends: int = 0
