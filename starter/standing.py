"""The verbs `providers`, `drain` and `resume`: who is asked to send, and who is not."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from failover.channels import Channel
from failover.names import sending_queue
from starter.errors import BadInput, NotDone, one_line
from starter.screen import Screen, complain
from starter.spans import show_moment
from workflows.standing import DRAIN, EVERY, RESUME, Drain, Standing, View
from workflows.standing_client import read_standing, tell_standing

COLUMNS = ("provider", "channel", "state", "workers", "waiting")
#: A worker asks for work once a minute at least; Temporal remembers those it has not heard of
#: for five.
_ALIVE = timedelta(seconds=90)
_PATIENCE = timedelta(seconds=5)
_WORKS = "works"


@dataclass(frozen=True)
class Line:
    """One channel of one provider, over all workers."""

    provider: str
    channel: str
    state: str
    workers: int  #: that ask Temporal for its sends now
    waiting: int  #: sends of the provider that no worker has taken yet, about


@dataclass(frozen=True)
class _Queue:
    workers: frozenset[str]
    waiting: int


async def providers(client: Client, screen: Screen, *, as_json: bool) -> int:
    lines = await known_lines(client)
    if as_json:
        screen.write(json.dumps([vars(line) for line in lines], ensure_ascii=False, indent=2))
    elif lines:
        rows = [[str(cell) for cell in vars(line).values()] for line in lines]
        screen.columns([list(COLUMNS), *rows])
    else:
        complain("no worker has told of a provider yet")
    return 0


async def drain(
    client: Client, screen: Screen, provider: str, channels: list[Channel], why: str
) -> int:
    """No new sends there. What is under way goes on, and replies still count."""
    standing = await read_standing(client)
    _check(standing, provider, channels)
    for channel in _targets(channels):
        asked = Drain(provider=provider, channel=channel, why=one_line(why) or None)
        await tell_standing(client, DRAIN, asked)
    screen.say(f"{provider}: no new sends on {_named(channels)}, within seconds")
    return 0


async def resume(client: Client, screen: Screen, provider: str, channels: list[Channel]) -> int:
    """Raises `NotDone` where it is not drained, or on more than what is asked for."""
    standing = await read_standing(client)
    _check(standing, provider, channels)
    drained = {drain.channel for drain in standing.drains if drain.provider == provider}
    missing = [channel.value for channel in channels if channel.value not in drained]
    if not drained or missing:
        every = "it is drained on every channel, so resume all of it and drain the others"
        so = every if EVERY in drained else f"not drained on {', '.join(missing) or 'any channel'}"
        raise NotDone(f"{provider}: {so}")
    for channel in _targets(channels):
        await tell_standing(client, RESUME, Drain(provider=provider, channel=channel))
    screen.say(f"{provider}: sends on {_named(channels)} again, within seconds")
    return 0


async def known_lines(client: Client) -> list[Line]:
    """Every channel of every provider that a worker serves or an operator drained."""
    standing = await read_standing(client)
    names = sorted({name for view in standing.workers.values() for name in view.serves})
    lines = []
    for name in names:
        queue = await _queue(client, name)
        views = [view for who, view in standing.workers.items() if who in queue.workers]
        # Without a living worker it is what the last ones told.
        views = views or list(standing.workers.values())
        served = sorted({channel for view in views for channel in view.serves.get(name, [])})
        lines += [
            Line(name, channel, _state(standing, views, name, channel), *_counts(queue))
            for channel in served
        ]
    return lines


def _counts(queue: _Queue) -> tuple[int, int]:
    return len(queue.workers), queue.waiting


def _state(standing: Standing, views: list[View], name: str, channel: str) -> str:
    for drain in standing.drains:
        if drain.provider == name and drain.channel in (EVERY, channel):
            since = f" since {show_moment(drain.at)}" if drain.at else ""
            return f"drained{since}" + (f": {drain.why}" if drain.why else "")
    whys = [why for view in views if (why := view.troubles.get(name, {}).get(channel))]
    if whys:
        return f"{', '.join(sorted(set(whys)))} ({len(whys)} of {len(views)} workers)"
    shares = [view.shares.get(name, {}).get(channel, 1.0) for view in views]
    part = sum(shares) / len(shares) if shares else 1.0
    return f"slow: asked first for {part:.0%} of its messages" if part < 1 else _WORKS


def _check(standing: Standing, provider: str, channels: list[Channel]) -> None:
    """A name that nobody knows would drain nothing, and say nothing of it."""
    serves: dict[str, set[str]] = {drain.provider: set() for drain in standing.drains}
    for view in standing.workers.values():
        for name, of in view.serves.items():
            serves.setdefault(name, set()).update(of)
    if provider not in serves:
        known = ", ".join(sorted(serves)) or "none, as no worker has told of one yet"
        raise BadInput(f"{provider}: no such provider here; there are {known}")
    unknown = [channel.value for channel in channels if channel.value not in serves[provider]]
    if unknown:
        raise BadInput(f"{provider}: does not serve {', '.join(unknown)} here")


def _targets(channels: list[Channel]) -> list[str]:
    return [channel.value for channel in channels] or [EVERY]


def _named(channels: list[Channel]) -> str:
    return ", ".join(channel.label for channel in channels) or "every channel"


async def _queue(client: Client, provider: str) -> _Queue:
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=sending_queue(provider)),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        report_stats=True,
    )
    told = await client.workflow_service.describe_task_queue(asked, timeout=_PATIENCE)
    now = datetime.now(UTC)
    alive = (
        poller.identity
        for poller in told.pollers
        if now - poller.last_access_time.ToDatetime(UTC) < _ALIVE
    )
    return _Queue(frozenset(alive), told.stats.approximate_backlog_count)
