"""What is seen of sends of unknown outcome, in the tests that bring them about."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.api.enums.v1 import PendingActivityState as State

from activities.outcomes import CONFIRM
from failover.attempts import Result
from tests.world import Asked, eventually

SCHEDULED, STARTED = State.PENDING_ACTIVITY_STATE_SCHEDULED, State.PENDING_ACTIVITY_STATE_STARTED
#: Messages under way at once.
_AT_ONCE = 30


async def is_unknown(asked: Asked) -> None:
    await eventually(
        asked.seen, lambda seen: [a for a in seen.attempts if a.state == "unknown"], seconds=40
    )


@dataclass(frozen=True)
class Seen:
    result: Result
    #: What reached the person, in order, and the provider's ids of it.
    copies: list[str]
    ids: list[str]
    #: When each look-up was asked for.
    look_ups: list[datetime]
    #: Activities that came to an end and failed, as a send of unknown outcome does.
    failed: int

    @property
    def outcome(self) -> str | None:
        return self.result.outcome

    @property
    def provider_ids(self) -> list[str | None]:
        return [attempt.provider_id for attempt in self.result.attempts]

    @property
    def states(self) -> list[list[str]]:
        """What each attempt went through."""
        return [[change.state for change in one.changes] for one in self.result.attempts]

    @property
    def proved(self) -> list[list[str]]:
        """The same; what the first callback of a send says depends on who is faster."""
        by_callback = {"sent": "proved", "delivered": "proved"}
        return [list(dict.fromkeys(by_callback.get(s, s) for s in one)) for one in self.states]

    @property
    def unknown_at(self) -> datetime:
        changes = self.result.attempts[0].changes
        return next(change.at for change in changes if change.state == "unknown")


async def ended(asked: Asked, seconds: float = 90) -> Seen:
    result = await asked.ended(seconds)
    in_order = await asked.items()
    history = [event async for event in asked.handle.fetch_history_events()]
    return Seen(
        result,
        [f"{item['channel']} by {item['provider']}" for item in in_order],
        [item["id"] for item in in_order],
        [
            event.event_time.ToDatetime(UTC)
            for event in history
            if event.activity_task_scheduled_event_attributes.activity_type.name == CONFIRM
        ],
        sum(event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED for event in history),
    )


async def pending(
    asked: Asked, state: State.ValueType, *, of: str | None = None, attempt: int = 1
) -> None:
    """Wait until an activity is in this state, as the server knows it."""

    async def activities() -> list[Any]:
        described = await asked.handle.describe()
        return list(described.raw_description.pending_activities)

    def fits(one: Any) -> bool:
        named = of in (None, one.activity_type.name)
        return named and one.state == state and one.attempt >= attempt

    await eventually(activities, lambda found: [one for one in found if fits(one)])


Story = Callable[[], Awaitable[Seen]]
Told = Mapping[Hashable, "asyncio.Task[Seen]"]


@asynccontextmanager
async def all_at_once(stories: Mapping[Hashable, Story]) -> AsyncIterator[Told]:
    """Every story under way; a test waits for the one that it is about."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def told(story: Story) -> Seen:
        async with gate:
            return await story()

    tasks = {cell: asyncio.create_task(told(story)) for cell, story in stories.items()}
    try:
        yield tasks
    finally:
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
