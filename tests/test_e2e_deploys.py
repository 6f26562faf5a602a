"""New versions rolled out under messages that are on their way, by Temporal's own command line."""

import asyncio
from pathlib import Path

from tests.deployments import (
    deployed,
    drained,
    make_current,
    move,
    sends,
    start,
    stop,
    tasks,
    version,
    versions,
)
from tests.world import Addresses, Asked, World, eventually, whole_system

WHATSAPP = {"channel": "whatsapp", "wait": 3600, "providers": ["vonage"]}
SMS = {"channel": "sms", "wait": 3600, "providers": ["twilio"]}
EMAIL = {"channel": "email", "wait": 3600}


async def answer(asked: Asked, channel: str) -> str | None:
    assert await asked.reply(await asked.arrived(channel), "yes") == 200
    return (await asked.ended()).outcome


async def test_a_message_ends_on_the_version_it_began_with(tmp_path: Path) -> None:
    async with deployed(tmp_path, **version("1")) as world:
        await make_current(world, "1")
        old = await world.ask(WHATSAPP, SMS, EMAIL)
        await old.arrived("whatsapp")

        await start(world, "worker-2", "2")
        await make_current(world, "2")
        new = await world.ask(WHATSAPP, SMS)
        await new.arrived("whatsapp")
        for asked in (old, new):
            await asked.handle.signal("skip")
        assert [await answer(asked, "sms") for asked in (old, new)] == ["responded"] * 2

        await drained(world, "1")
        first = world.stack.running["worker"]
        await stop(world, "worker")
        later = await world.ask(SMS)
        assert await answer(later, "sms") == "responded"

        for asked, build in ((old, "1"), (new, "2")):
            assert set(await tasks(asked)) == {build}
            assert await versions(asked) == {"send_whatsapp": build, "send_sms": build}
            assert await asked.copies() == ["whatsapp by vonage", "sms by twilio"]
        assert first.returncode == 0
        assert await unfinished(world) == []


async def unfinished(world: World) -> list[str]:
    running = world.client.list_workflows('WorkflowType="Message" AND ExecutionStatus="Running"')
    return [found.id async for found in running]


async def test_messages_of_a_version_that_died_for_good_are_moved_to_the_next(
    tmp_path: Path,
) -> None:
    async with deployed(tmp_path, **version("1")) as world:
        await make_current(world, "1")
        waiting = await world.ask(WHATSAPP, SMS)
        await waiting.arrived("whatsapp")
        await asyncio.to_thread(world.stack.kill, "simulator")
        sending = await world.ask({**SMS, "send_within": 600})
        await eventually(lambda: tries(sending), lambda attempt: [1] if attempt > 1 else [])

        await asyncio.to_thread(world.stack.kill, "worker")
        await asyncio.to_thread(world.stack.start_part, "simulator")
        await start(world, "worker-2", "2")
        await make_current(world, "2")
        later = await world.ask(EMAIL)
        await later.arrived("email")
        await waiting.handle.signal("skip")
        assert await versions(waiting) == {"send_whatsapp": "1"}

        await move(world, waiting, "one_time", "2")
        await move(world, sending, "pinned", "2")
        for asked in (waiting, sending):
            assert await answer(asked, "sms") == "responded"
            done = await tasks(asked)
            assert (done[0], done[-1]) == ("1", "2")
            assert (await versions(asked))["send_sms"] == "2"
        assert await sending.copies() == ["sms by twilio"]


async def tries(asked: Asked) -> int:
    about = (await asked.handle.describe()).raw_description
    return max((pending.attempt for pending in about.pending_activities), default=0)


async def test_an_unversioned_installation_becomes_a_versioned_one(tmp_path: Path) -> None:
    async with deployed(tmp_path) as world:
        asked = await world.ask(WHATSAPP, SMS)
        await asked.arrived("whatsapp")
        assert set(await tasks(asked)) == {""}

        await start(world, "worker-2", "1")
        await make_current(world, "1")
        await stop(world, "worker")
        await asked.handle.signal("skip")

        assert await answer(asked, "sms") == "responded"
        assert (await tasks(asked))[-1] == (await versions(asked))["send_sms"] == "1"
        assert await asked.copies() == ["whatsapp by vonage", "sms by twilio"]


async def test_at_a_sigterm_a_send_ends_and_another_worker_takes_the_next_step(
    tmp_path: Path,
) -> None:
    async with whole_system(tmp_path) as world:
        await asyncio.to_thread(world.stack.start_part, "worker-2")
        person = Addresses()
        await world.script(to=person.phone, channel="sms", do="hang_after_accept", seconds=8)
        asked = await world.ask({**SMS, "wait": 6}, EMAIL, of=person)
        await asked.reached("sms")
        leaving = await sender(asked)
        parts = {f"{process.pid}": part for part, process in world.stack.running.items()}
        first = world.stack.running[parts[leaving]]

        await stop(world, parts[leaving])
        assert await answer(asked, "email") == "responded"

        [sms, _] = (await asked.seen()).attempts
        assert first.returncode == 0
        assert "unknown" not in [change.state for change in sms.changes]
        assert await asked.copies() == ["sms by twilio", "email by sendgrid"]
        assert sms.provider_id is not None
        by = {name: process for name, (_, process) in (await sends(asked)).items()}
        assert by["send_sms"] == leaving != by["send_email"]


async def sender(asked: Asked) -> str:
    """The process that has its send in hand."""
    [pending] = (await asked.handle.describe()).raw_description.pending_activities
    return pending.last_worker_identity.partition("@")[0]
