"""Stop means stop, with real processes over real HTTP: a person who said it is left in peace."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.client import WorkflowHandle

from activities.opt_outs import OptOuts
from failover.names import opt_out_id
from tests.world import Addresses, Asked, World, eventually, whole_system

SMS = {"channel": "sms", "wait": 60, "providers": ["twilio"]}
WHATSAPP = {"channel": "whatsapp", "wait": 60, "providers": ["vonage"]}
EMAIL = {"channel": "email", "wait": 60}
VOICE = {"channel": "voice", "wait": 60}


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with whole_system(tmp_path_factory.mktemp("world")) as world:
        yield world


def opt_outs(world: World) -> OptOuts:
    return OptOuts(world.stack.environment["ADDRESS_KEY"])


def opt_out(world: World, person: Addresses) -> WorkflowHandle[Any, Any]:
    return world.client.get_workflow_handle(opt_out_id(opt_outs(world).key(person.phone)))


async def becomes(world: World, person: Addresses, wanted: bool) -> None:
    async def look() -> bool:
        return await opt_outs(world).known(world.client, person.phone)

    await eventually(look, lambda found: [True] if found == wanted else [])


async def refused(world: World, person: Addresses, *steps: dict[str, Any]) -> bool:
    """Whether a message that begins now comes to nothing because the person said stop."""
    asked = await world.ask(*steps, of=person)
    result = await asked.ended()
    codes = [attempt.failure.code for attempt in result.attempts if attempt.failure]
    return (result.outcome, codes) == ("opted_out", ["opted_out"])


async def goes_out(world: World, step: dict[str, Any], person: Addresses) -> list[str]:
    """All that has reached the person, with one more by this step."""
    before = len(await world.sent(person.phone))
    asked = await world.ask(step, of=person)
    found: list[str] = await eventually(
        asked.copies, lambda now: [now] if len(now) > before else []
    )
    await asked.handle.cancel()
    return found


async def findable_by_address(asked: Asked) -> None:
    """A sweep finds what Temporal's search knows; what it does not yet, the next sweep does."""
    key = opt_outs(asked.world).key(asked.phone)

    async def look() -> list[str]:
        query = f'WorkflowId = "{asked.handle.id}" AND ReplyKeys = "{key}"'
        return [run.id async for run in asked.world.client.list_workflows(query)]

    await eventually(look, lambda found: found)


async def test_stop_on_one_channel_is_stop_on_all_until_start(world: World) -> None:
    person = Addresses()
    chat = await world.ask(WHATSAPP, SMS, of=person)
    await chat.arrived("whatsapp")
    await findable_by_address(chat)
    asked = await world.ask(SMS, EMAIL, of=person)
    item = await asked.arrived("sms")

    await asked.reply(item, "STOP")
    results = [await each.ended() for each in (asked, chat)]
    later = [await refused(world, person, step) for step in (WHATSAPP, VOICE, SMS)]
    before = await asked.copies()
    await asked.reply(item, "START")
    await becomes(world, person, False)
    after = await goes_out(world, WHATSAPP, person)

    assert [result.outcome for result in results] == ["opted_out", "opted_out"]
    assert later == [True, True, True]
    assert before == ["whatsapp by vonage", "sms by twilio"]
    assert after == [*before, "whatsapp by vonage"]


async def test_a_stop_word_that_was_offered_is_an_answer_and_stop_is_not(world: World) -> None:
    choices = [{"id": "cancel", "label": "Cancel"}, {"id": "stop", "label": "Stop"}]
    content = {"text": "Keep it?", "choices": choices}
    answered, stopped = [await world.ask(SMS, content=content) for _ in range(2)]

    await answered.reply(await answered.arrived("sms"), "Cancel")
    await stopped.reply(await stopped.arrived("sms"), "Stop")
    results = [await each.ended() for each in (answered, stopped)]

    assert [result.outcome for result in results] == ["responded", "opted_out"]
    assert [response.choice for response in results[0].responses] == ["cancel"]
    assert not await opt_outs(world).known(world.client, answered.phone)
    assert await opt_outs(world).known(world.client, stopped.phone)


async def test_a_message_that_skips_goes_on_where_the_address_is_another(world: World) -> None:
    asked = await world.ask(SMS, WHATSAPP, EMAIL, on_opt_out="skip_channel")
    await asked.reply(await asked.arrived("sms"), "quit")
    mail = await asked.arrived("email")
    await asked.reply(mail, "yes")
    result = await asked.ended()

    assert result.outcome == "responded"
    assert await asked.copies() == ["sms by twilio", "email by sendgrid"]
    assert await refused(world, asked.of, WHATSAPP)


async def test_a_worker_killed_before_it_is_remembered_loses_nothing(world: World) -> None:
    asked = await world.ask(SMS)
    item = await asked.arrived("sms")

    await asyncio.to_thread(world.stack.kill, "worker")
    assert await asked.reply(item, "quit") == 200
    await asyncio.to_thread(world.stack.start_part, "worker")
    result = await asked.ended()

    assert result.outcome == "opted_out"
    assert await refused(world, asked.of, WHATSAPP)
    assert await asked.copies() == ["sms by twilio"]


async def test_what_a_provider_knows_is_remembered_beyond_it(world: World) -> None:
    person = Addresses()
    await world.script(to=person.phone, channel="sms", do="refuse", code="21610")
    asked = await world.ask(SMS, EMAIL, of=person)
    result = await asked.ended()

    assert result.outcome == "opted_out"
    assert await refused(world, person, WHATSAPP)
    assert await asked.copies() == []


async def test_what_an_operator_ends_in_the_web_ui_is_no_more(world: World) -> None:
    asked = await world.ask(WHATSAPP)
    item = await asked.arrived("whatsapp")
    await asked.reply(item, "quit")
    await asked.ended()
    was = await refused(world, asked.of, WHATSAPP)

    await opt_out(world, asked.of).terminate("she called")
    after = await goes_out(world, WHATSAPP, asked.of)

    assert was
    assert after == ["whatsapp by vonage"] * 2


async def test_neither_address_nor_words_are_where_everybody_reads(world: World) -> None:
    asked = await world.ask(SMS)
    await asked.reply(await asked.arrived("sms"), "unsubscribe")
    await asked.ended()
    about = await opt_out(world, asked.of).describe()
    message = await asked.handle.describe()
    logs = "".join(world.stack.log(part).read_text() for part in ("worker", "webhooks"))

    stored = about.raw_description.SerializeToString()
    stored += message.raw_description.workflow_execution_info.SerializeToString()
    for hidden in (asked.phone[1:], "unsubscribe"):
        assert hidden.encode() not in stored
        assert hidden not in logs
