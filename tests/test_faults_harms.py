"""What a fault run does beside killing: who is frozen and cut off, and by which proxy."""

import asyncio
import re
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter

from faults.gathering import refused
from faults.link import Link
from faults.plan import make_plan
from faults.sizes import SIZES
from faults.telling import Reading
from starter.ports import HOST

#: Longer than anything here takes, on a busy machine.
PATIENCE = 30


@asynccontextmanager
async def echo(name: bytes) -> AsyncIterator[int]:
    """Answers each line with its name and the line; gives its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(name + line)
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def link(*ports: int) -> AsyncIterator[Link]:
    it = Link(*ports)
    await it.open()
    try:
        async with asyncio.timeout(PATIENCE):
            yield it
    finally:
        await it.close()


#: A send is taken by a worker that is heard of no more, and so is a workflow task.
GIVEN_UP = [
    (
        "activityTaskScheduled",
        {
            "activityType": {"name": "send_sms"},
            "input": {
                "payloads": [
                    {
                        "metadata": {"encoding": b64encode(b"json/plain").decode()},
                        "data": b64encode(b'{"reference": "m.1"}').decode(),
                    }
                ]
            },
        },
    ),
    ("activityTaskStarted", {"scheduledEventId": "1", "identity": "1@here"}),
    ("activityTaskTimedOut", {"scheduledEventId": "1", "startedEventId": "2"}),
    ("workflowTaskTimedOut", {"timeoutType": "TIMEOUT_TYPE_START_TO_CLOSE"}),
    ("workflowTaskTimedOut", {"timeoutType": "TIMEOUT_TYPE_SCHEDULE_TO_START"}),
]


@dataclass(frozen=True)
class Caller:
    """One connection through the link."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self) -> bytes:
        self.writer.write(b"?\n")
        return await self.reader.readline()


@asynccontextmanager
async def caller_of(through: Link) -> AsyncIterator[Caller]:
    caller = Caller(*await asyncio.open_connection(HOST, through.port))
    try:
        yield caller
    finally:
        caller.writer.transport.abort()


async def once(through: Link) -> bytes:
    """What a new caller hears; nothing where the connection is cut."""
    with suppress(ConnectionError):
        async with caller_of(through) as caller:
            return await caller.ask()
    return b""


async def test_it_shares_connections_out_and_passes_over_who_is_dead() -> None:
    async with echo(b"one") as one, AsyncExitStack() as other:
        two = await other.enter_async_context(echo(b"two"))
        async with link(one, two) as it:
            both = {await once(it), await once(it)}
            await other.aclose()
            alive = {await once(it), await once(it)}

    assert both == {b"one?\n", b"two?\n"}
    assert alive == {b"one?\n"}


async def test_a_reset_ends_connections_and_refuses_others_until_it_is_over() -> None:
    async with echo(b"one") as one, link(one) as it, caller_of(it) as caller:
        await caller.ask()
        harm = asyncio.create_task(it.suffer("reset", PATIENCE, 0))

        with pytest.raises(ConnectionResetError):
            await caller.ask()
        assert await once(it) == b""
        harm.cancel()


async def test_a_black_hole_keeps_everything_until_it_is_over() -> None:
    async with echo(b"one") as one, link(one) as it, caller_of(it) as caller:
        await caller.ask()
        harm = asyncio.create_task(it.suffer("blackhole", 0.5, 0))
        await asyncio.sleep(0)
        answer = asyncio.create_task(caller.ask())
        await asyncio.wait({harm, answer}, return_when=asyncio.FIRST_COMPLETED)

        assert harm.done()
        assert await answer == b"one?\n"


async def test_a_slow_link_keeps_everything_for_its_delay_each_way() -> None:
    async with echo(b"one") as one, link(one) as it, caller_of(it) as caller:
        harm = asyncio.create_task(it.suffer("slow", PATIENCE, 0.2))
        await asyncio.sleep(0)
        began = time.monotonic()

        assert await caller.ask() == b"one?\n"
        assert time.monotonic() - began >= 0.4
        harm.cancel()


@pytest.mark.parametrize("seed", range(20))
def test_who_is_frozen_or_cut_off_is_not_killed_and_comes_back(seed: int) -> None:
    harms = make_plan(seed, SIZES["default"]).harms
    away = [(freeze.victim, freeze.at, freeze.lasts) for freeze in harms.freezes]
    away += [("worker-2", cut.at, cut.lasts) for cut in harms.cuts]

    assert {cut.how for cut in harms.cuts} == {"reset", "blackhole", "slow"}
    for kill in harms.kills:
        for victim, began, lasts in away:
            if began <= kill.at <= began + lasts:
                assert kill.victim not in (victim, "workers")


def test_completions_that_came_too_late_are_read_from_the_workers_words(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text(
        "WARN Activity not found on completion. This may\nTask not found when completing"
    )

    assert refused([log, log]) == 4


async def test_who_was_given_up_and_when_is_read_from_the_history() -> None:
    nobody = await Client.connect(f"{HOST}:1", lazy=True, data_converter=pydantic_data_converter)
    events = [
        {
            "eventId": str(number),
            "eventType": "EVENT_TYPE_" + re.sub("([A-Z])", r"_\1", name).upper(),
            "eventTime": f"2026-01-01T12:00:0{number}Z",
            f"{name}EventAttributes": told,
        }
        for number, (name, told) in enumerate(GIVEN_UP, 1)
    ]
    reading = Reading(nobody)

    for event in WorkflowHistory.from_json("message-m", {"events": events}).events:
        await reading.read(event)

    assert [(send.reference, send.worker) for send in reading.sends.values()] == [("m.1", "1@here")]
    assert [send.given_up for send in reading.sends.values()] == [
        datetime(2026, 1, 1, 12, 0, 3, tzinfo=UTC)
    ]
    assert reading.timeouts == 1
