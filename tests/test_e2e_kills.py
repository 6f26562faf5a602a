"""Real processes killed with -9 and started again: nothing is lost, and nothing goes out twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from starter.stack import PARTS
from tests.world import Addresses, Asked, World, whole_system

#: Seconds; long enough that a worker is dead before they are over, on a slow machine.
WAIT = 6
WHATSAPP = {"channel": "whatsapp", "wait": WAIT, "providers": ["vonage"]}
SMS = {"channel": "sms", "wait": 30, "providers": ["twilio"]}


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with whole_system(tmp_path_factory.mktemp("world")) as world:
        yield world


@pytest.fixture(autouse=True)
async def all_alive(world: World) -> None:
    """What an earlier test killed and did not start again."""
    for part in PARTS:
        if part not in world.stack.running:
            await start(world, part)


async def kill(world: World, part: str) -> None:
    await asyncio.to_thread(world.stack.kill, part)


async def start(world: World, part: str) -> None:
    await asyncio.to_thread(world.stack.start_part, part)


async def end_of_wait(asked: Asked) -> datetime:
    """When its first step's wait is over; Temporal fires the timer within a second of it."""
    accepted = (await asked.seen()).attempts[0].accepted_at
    assert accepted
    return accepted + timedelta(seconds=WAIT + 1)


async def until(due: datetime) -> None:
    await asyncio.sleep((due - datetime.now(UTC)).total_seconds())


async def test_a_worker_killed_during_a_wait_fails_over_at_its_time_and_once(world: World) -> None:
    asked = await world.ask(WHATSAPP, SMS)
    await asked.arrived("whatsapp")

    await kill(world, "worker")
    await start(world, "worker")
    back = datetime.now(UTC)
    item = await asked.arrived("sms")
    await asked.reply(item, "yes")
    result = await asked.ended()

    first, second = (attempt.accepted_at for attempt in result.attempts)
    assert first is not None
    assert second is not None
    due = first + timedelta(seconds=WAIT)
    assert due <= second < max(due, back) + timedelta(seconds=9)
    assert result.outcome == "responded"
    assert await asked.copies() == ["whatsapp by vonage", "sms by twilio"]


async def test_a_timer_that_was_due_while_no_worker_lived_fails_over_once(world: World) -> None:
    asked = await world.ask(WHATSAPP, SMS)
    await asked.arrived("whatsapp")
    due = await end_of_wait(asked)

    await kill(world, "worker")
    await until(due)
    await start(world, "worker")
    await asked.arrived("sms")
    await asyncio.sleep(1)

    assert await asked.copies() == ["whatsapp by vonage", "sms by twilio"]
    await asked.handle.cancel()


async def test_a_reply_while_no_worker_lived_is_not_lost(world: World) -> None:
    asked = await world.ask(WHATSAPP, SMS)
    item = await asked.arrived("whatsapp")
    due = await end_of_wait(asked)

    await kill(world, "worker")
    assert await asked.press(item, "yes") == 200
    await until(due)
    await start(world, "worker")
    result = await asked.ended()

    assert result.outcome == "responded"
    assert await asked.copies() == ["whatsapp by vonage"]


async def test_a_worker_killed_in_mid_send_does_not_send_again(world: World) -> None:
    person = Addresses()
    await world.script(to=person.phone, channel="sms", do="hang_after_accept", seconds=8)
    asked = await world.ask({**SMS, "wait": 2}, {"channel": "email", "wait": 60}, of=person)
    await asked.reached("sms")

    await kill(world, "worker")
    await start(world, "worker")
    await asked.arrived("email", seconds=40)

    assert await asked.copies() == ["sms by twilio", "email by sendgrid"]
    assert (await asked.seen()).attempts[0].state == "delivered"
    await asked.handle.cancel()


async def test_a_worker_asked_to_stop_lets_a_send_finish(world: World) -> None:
    person = Addresses()
    await world.script(to=person.phone, channel="sms", do="hang_after_accept", seconds=2)
    asked = await world.ask(SMS, of=person)
    await asked.reached("sms")

    await asyncio.to_thread(world.stack.stop_part, "worker")
    await start(world, "worker")
    result = await asked.seen()

    assert [
        change.state for change in result.attempts[0].changes if change.state == "unknown"
    ] == []
    assert result.attempts[0].provider_id is not None
    await asked.handle.cancel()


async def test_the_server_killed_loses_nothing(world: World) -> None:
    """A send that dies on its way to the worker is of unknown outcome, and leads to the next."""
    steps = ({**WHATSAPP, "wait": 3}, SMS)
    every = await asyncio.gather(*(world.ask(*steps, evidence_within=2) for _ in range(10)))

    await kill(world, "temporal")
    await start(world, "temporal")
    for asked in every:
        await asked.reply(await asked.arrived("sms", seconds=40), "yes")
    results = await asyncio.gather(*(asked.ended() for asked in every))

    assert [result.outcome for result in results] == ["responded"] * 10
    for asked, result in zip(every, results, strict=True):
        lost = result.attempts[0].state == "unknown"
        whatsapp = [] if lost else ["whatsapp by vonage"]
        assert sorted(await asked.copies()) == ["sms by twilio", *whatsapp]


async def test_a_provider_that_is_down_is_waited_for_and_sent_to_once(world: World) -> None:
    await kill(world, "simulator")
    asked = await world.ask({**SMS, "send_within": 60})
    await asyncio.sleep(2)
    await start(world, "simulator")

    await asked.arrived("sms", seconds=40)

    assert await asked.copies() == ["sms by twilio"]
    await asked.handle.cancel()


async def test_a_provider_that_cannot_be_reached_is_left_for_the_next(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    nowhere = {"TWILIO_API_BASE_URL": "http://127.0.0.1:1"}
    step = {"channel": "sms", "wait": 30, "providers": ["twilio", "vonage"], "send_within": 3}

    async with whole_system(tmp_path_factory.mktemp("other"), **nowhere) as world:
        asked = await world.ask(step)
        await asked.arrived("sms")
        result = await asked.seen()
        await asked.handle.cancel()

    assert [attempt.state for attempt in result.attempts][:1] == ["unavailable"]
    assert [attempt.provider for attempt in result.attempts] == ["twilio", "vonage"]
