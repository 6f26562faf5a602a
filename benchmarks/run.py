"""One benchmark: the two by turns, each with a worker of its own, on one server."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from benchmarks.load import Load
from benchmarks.machine import load_average, machine, versions
from benchmarks.report import Report
from benchmarks.sides import SIDES
from benchmarks.sizes import SIZES
from benchmarks.system import System

Say = Callable[[str], None]


async def run(size: str, say: Say = lambda _: None) -> Report:
    """Raises TimeoutError when it lasts longer than it can, and `StackError`."""
    chosen, before = SIZES[size], load_average()
    async with asyncio.timeout(chosen.limit), _running() as load:
        report = Report(
            machine=machine(),
            versions=versions(),
            at=f"{datetime.now(UTC):%Y-%m-%d}",
            load=(before, before),
            size=size,
        )
        for number, name in enumerate(chosen.rounds, 1):
            say(f"round {number} of {len(chosen.rounds)}: {name}")
            first = name not in {one.side for one in report.rounds}
            done, story = await load.round(SIDES[name], chosen.messages, chosen.warm_up)
            report.rounds.append(done)
            if first:
                report.stories.append(story)
        for side in SIDES.values():
            say(f"the wait runs out: {side.name}")
            timing, story = await load.failed_over(side, chosen.failed_over)
            report.timings.append(timing)
            report.stories.append(story)
        for messages in chosen.waiting:
            for side in SIDES.values():
                say(f"{messages} wait: {side.name}")
                report.waiting.append(await load.waiting(side, messages))
        report.load = (before, load_average())
        return report


@asynccontextmanager
async def _running() -> AsyncIterator[Load]:
    with tempfile.TemporaryDirectory(prefix="failover-bench-") as folder:
        system = System(Path(folder))
        try:
            await asyncio.to_thread(system.start)
            target = system.stack.temporal
            client = await Client.connect(target, data_converter=pydantic_data_converter)
            async with system.http:
                yield Load(system, client)
        finally:
            await asyncio.to_thread(system.stack.stop)
