"""One fault run: everything is started, used, killed, read and stopped."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from faults.asking import ask
from faults.check import Finding, broken, check
from faults.gathering import kept, refused, said, still_open, taken, told
from faults.harms import Harms
from faults.keeping import keep
from faults.link import until
from faults.people import People
from faults.plan import Plan
from faults.record import Asked, Record
from faults.sizes import Size
from faults.system import WORKERS, System, break_down
from starter.stack import StackError

#: Callbacks that were posted when the last message ended have come to their end by then.
_SETTLED = 3.0
_LOOK_EVERY = 2.0


class Run:
    """What a run consists of while it lasts."""

    def __init__(self, plan: Plan, size: Size, system: System, client: Client) -> None:
        self.plan, self.size, self.system, self.client = plan, size, system, client
        self.http = httpx.AsyncClient(base_url=system.stack.simulator, timeout=60)
        self.asked: dict[str, Asked] = {}

    async def record(self, say: Callable[[str], None]) -> Record:
        began = datetime.now(UTC)
        people = People(self.http, self.plan.people)
        living = asyncio.create_task(people.live())
        try:
            await self._happen()
            say("everything was asked for and killed; waiting for the last messages")
            await self._wait_for_the_last()
            await people.finish()
        finally:
            living.cancel()
        await asyncio.sleep(_SETTLED)
        return await self._read(began)

    async def _happen(self) -> None:
        """Ask, kill and break down, each in its own time."""
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.TaskGroup() as group:
                for trouble in self._troubles(self.plan.harms, now):
                    group.create_task(trouble)
                for person in self.plan.people:
                    await until(now + person.starts)
                    group.create_task(ask(self.client, self.http, person, self._note))
        except* StackError as errors:
            raise errors.exceptions[0] from None

    def _troubles(self, harms: Harms, began: float) -> list[Coroutine[None, None, None]]:
        return [
            self.system.die(harms.kills, began),
            self.system.freeze(harms.freezes, began),
            self.system.cut_off(harms.cuts, began),
            break_down(self.http, harms.outages, began),
        ]

    def _note(self, asked: Asked) -> None:
        self.asked[asked.id] = asked

    async def _wait_for_the_last(self) -> None:
        """Until every message has ended, or patience is over: those left are stuck."""
        left: Sequence[str] = list(self.asked)
        end = asyncio.get_running_loop().time() + self.size.patience
        while left and asyncio.get_running_loop().time() < end:
            left = await still_open(self.client, left)
            await asyncio.sleep(_LOOK_EVERY if left else 0)

    async def _read(self, began: datetime) -> Record:
        ended = datetime.now(UTC)
        sends = await taken(self.http)
        return Record(
            seed=self.plan.seed,
            began=began,
            ended=ended,
            asked=tuple(self.asked.values()),
            taken=sends,
            said=await said(self.http, self.plan.people, sends),
            told=await told(self.client, self.asked),
            kept=await kept(self.client),
            harms=tuple(self.system.harms),
            refused=refused(self.system.logs(WORKERS)),
            breaker_sends=self.size.breaker_sends,
        )


async def run(
    plan: Plan, size: Size, folder: Path, say: Callable[[str], None] = lambda _: None
) -> tuple[Record, list[Finding]]:
    """The record and what was found in it; a broken promise leaves its histories in `folder`.

    Raises TimeoutError when it lasts longer than it can, and `StackError`.
    """
    limit = 120 + 2 * size.messages / size.rate + 2 * size.patience
    async with asyncio.timeout(limit), _running(plan, size) as it:
        record = await it.record(say)
        findings = check(record)
        if wrong := broken(findings):
            await keep(folder, it.client, record, wrong, it.system.stack.folder)
        return record, findings


@asynccontextmanager
async def _running(plan: Plan, size: Size) -> AsyncIterator[Run]:
    with tempfile.TemporaryDirectory(prefix="failover-faults-") as folder:
        system = System(Path(folder), size.breaker_sends)
        try:
            await system.start()
            target = system.stack.temporal
            client = await Client.connect(target, data_converter=pydantic_data_converter)
            it = Run(plan, size, system, client)
            async with it.http:
                yield it
        finally:
            await system.stop()
