"""The external events, the same for both: starts, answers, and nothing else."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from time import perf_counter
from typing import Generic, TypeVar
from uuid import uuid4

from temporalio.client import Client

from benchmarks.report import Round, Story, Timing, Used, Waiting
from benchmarks.sides import ANSWER, CHANNELS, Handle, Side
from benchmarks.stories import is_waiting, lateness, read, story
from benchmarks.system import System
from failover.names import Signal

#: Starts and answers under way at once.
_TOGETHER = 20
#: Histories read of one kind of message.
_READ = 50
_LONG, _SHORT = timedelta(hours=2), timedelta(seconds=2)
#: Seconds between two starts, at an easy pace.
_PACE = 0.1
_GLANCE = 0.02
_HEARTBEAT = "RecordActivityTaskHeartbeat"

Made = TypeVar("Made")


@dataclass(frozen=True)
class Measured(Generic[Made]):
    made: Made
    seconds: float
    used: Used


class Load:
    def __init__(self, system: System, client: Client) -> None:
        self._system, self._client = system, client
        self._run, self._ids = uuid4().hex[:8], count(1)
        self._answers = 0

    async def round(self, side: Side, messages: int, warm_up: int) -> tuple[Round, Story]:
        """As fast as they go: everything is started, then everything is answered."""
        async with self._system.worker(side):
            await self._answer(await self._start(side, warm_up))
            await self._system.until_quiet(side)
            asked = await self._requests()
            started = await self._measured(side, self._start(side, messages))
            await _until_waiting(started.made)
            answered = await self._measured(side, self._answer(started.made))
            asked = await self._requests() - asked
            told = [await read(handle) for handle in started.made[:_READ]]
        done = Round(
            side=side.name,
            messages=messages,
            seconds=started.seconds + answered.seconds,
            used=started.used + answered.used,
            requests=dict(asked),
        )
        return done, story(side, 1, told, round(asked[_HEARTBEAT] / messages))

    async def failed_over(self, side: Side, messages: int) -> tuple[Timing, Story]:
        """At an easy pace: the first wait runs out, and each is answered after the second send."""
        steps = tuple(zip(CHANNELS, (_SHORT, _LONG), strict=True))
        async with self._system.worker(side):
            await self._answer(await self._start(side, 1))
            asked, taken = await self._requests(), await self._system.taken()
            handles = []
            for _ in range(messages):
                handles.append(await side.start(self._client, self._id(), steps))
                await asyncio.sleep(_PACE)
            await self._system.until_taken(taken + 2 * messages)
            await _until_waiting(handles)
            closed = [await self._answered(handle) for handle in handles]
            asked = await self._requests() - asked
            told = [await read(handle) for handle in handles]
        late = [seconds for one in told for seconds in lateness(one.events)]
        beats = round(asked[_HEARTBEAT] / messages)
        return Timing(side=side.name, late=late, closed=closed), story(side, 2, told, beats)

    async def waiting(self, side: Side, messages: int) -> Waiting:
        """They are left waiting: the server is thrown away with them."""
        async with self._system.worker(side):
            await self._answer(await self._start(side, 20))
            await self._system.until_quiet(side)
            memory, disk = self._system.memory(side), self._system.disk()
            await self._start(side, messages)
            await self._system.until_quiet(side)
            return Waiting(
                side=side.name,
                messages=messages,
                worker_bytes=self._system.memory(side),
                worker_bytes_before=memory,
                disk_bytes=self._system.disk() - disk,
            )

    async def _start(self, side: Side, messages: int) -> list[Handle]:
        """Until the stand-in has taken the send of each."""
        taken, steps = await self._system.taken(), ((CHANNELS[0], _LONG),)
        starts = (side.start(self._client, self._id(), steps) for _ in range(messages))
        handles = await _together(starts)
        await self._system.until_taken(taken + messages)
        return handles

    async def _measured(self, side: Side, act: Awaitable[Made]) -> Measured[Made]:
        """The time until it is done, and the CPU until nothing more happens because of it."""
        before, began = self._system.used(side), perf_counter()
        made = await act
        seconds = perf_counter() - began
        await self._system.until_quiet(side)
        return Measured(made, seconds, self._system.used(side) - before)

    async def _answer(self, handles: Sequence[Handle]) -> None:
        await _together(self._answered(handle) for handle in handles)

    async def _answered(self, handle: Handle) -> float:
        """Seconds from the answer to the end."""
        self._answers += 1
        began = perf_counter()
        await handle.signal(Signal.RESPONDED, ANSWER)
        await handle.result()
        return perf_counter() - began

    async def _requests(self) -> Counter[str]:
        return await self._system.requests(self._answers)

    def _id(self) -> str:
        return f"{self._run}-{next(self._ids)}"


async def _until_waiting(handles: Sequence[Handle]) -> None:
    """An answer that came earlier would make another history."""
    for handle in handles:
        waits = await is_waiting(handle)
        while not waits:
            await asyncio.sleep(_GLANCE)
            waits = await is_waiting(handle)


async def _together(acts: Iterable[Awaitable[Made]]) -> list[Made]:
    turn = asyncio.Semaphore(_TOGETHER)

    async def in_turn(act: Awaitable[Made]) -> Made:
        async with turn:
            return await act

    return await asyncio.gather(*(in_turn(act) for act in acts))
