"""Choices on every channel, over the real SDKs: shown as the channel can, answered by a press."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from failover.attempts import Result
from tests.world import World, whole_system

TEXT = "When shall we come?\n\nWe need somebody's signature."
LONG = "At any time after nine in the evening"


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with whole_system(tmp_path_factory.mktemp("world")) as world:
        yield world


def content(count: int, label: str = "At {n} o'clock") -> dict[str, Any]:
    choices = [{"id": f"AT-{n}/x", "label": label.format(n=n)} for n in range(1, count + 1)]
    return {"subject": "Your delivery", "text": TEXT, "choices": choices}


def step(channel: str, provider: str) -> dict[str, Any]:
    return {"channel": channel, "wait": 60, "providers": [provider]}


def answer(result: Result) -> tuple[str | None, str, str | None, str | None]:
    assert result.outcome is not None
    said = result.responses[0]
    return result.outcome, said.channel, said.provider, said.choice


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
@pytest.mark.parametrize(("count", "opens"), [(3, None), (4, "Choose"), (9, "Choose")])
async def test_a_press_on_whatsapp_is_the_choice(
    world: World, provider: str, count: int, opens: str | None
) -> None:
    asked = await world.ask(step("whatsapp", provider), content=content(count))
    item = await asked.arrived("whatsapp")

    assert (item["text"], item["opens"]) == (TEXT, opens)
    last = item["choices"][-1]
    assert last == {"id": f"AT-{count}/x", "title": f"At {count} o'clock"}
    assert await asked.press(item, last["id"]) == 200

    result = await asked.ended()
    assert answer(result) == ("responded", "whatsapp", provider, f"AT-{count}/x")
    assert result.responses[0].text == f"At {count} o'clock"
    assert await asked.copies() == [f"whatsapp by {provider}"]


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
async def test_labels_too_long_for_whatsapp_are_numbered_lines(world: World, provider: str) -> None:
    asked = await world.ask(step("whatsapp", provider), content=content(2, f"{LONG} {{n}}"))
    item = await asked.arrived("whatsapp")

    assert item["choices"] == []
    assert item["text"] == f"{TEXT}\n\n1 = {LONG} 1\n2 = {LONG} 2"
    await asked.reply(item, "2")

    assert answer(await asked.ended()) == ("responded", "whatsapp", provider, "AT-2/x")


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
async def test_a_press_on_the_older_of_two_messages_answers_that_one(
    world: World, provider: str
) -> None:
    older = await world.ask(step("whatsapp", provider), content=content(3))
    first = await older.arrived("whatsapp")
    newer = await world.ask(step("whatsapp", provider), content=content(4), of=older.of)
    await newer.arrived("whatsapp")

    await older.press(first, "AT-3/x")

    assert answer(await older.ended()) == ("responded", "whatsapp", provider, "AT-3/x")
    assert not (await newer.seen()).responses
    await newer.handle.cancel()


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
async def test_nine_choices_in_an_sms_are_numbered_lines(world: World, provider: str) -> None:
    asked = await world.ask(step("sms", provider), content=content(9))
    item = await asked.arrived("sms")

    assert item["text"].startswith(f"{TEXT}\n\n1 = At 1 o'clock\n2 = At 2 o'clock\n")
    assert item["text"].endswith("\n9 = At 9 o'clock")
    await asked.reply(item, " 9. ")

    assert answer(await asked.ended()) == ("responded", "sms", provider, "AT-9/x")


async def test_nine_choices_in_a_call_are_nine_keys(world: World) -> None:
    asked = await world.ask(step("voice", "twilio"), content=content(9))
    call = await asked.arrived("voice")

    await asked.key(call, "9")

    assert answer(await asked.ended()) == ("responded", "voice", "twilio", "AT-9/x")


# The last one: the worker leaves templates alone for a minute after that.
async def test_without_the_content_api_the_message_goes_as_lines(world: World) -> None:
    await world.outage("twilio", "templates_error")
    asked = await world.ask(step("whatsapp", "twilio"), content=content(3, "Room {n}"))
    item = await asked.arrived("whatsapp")
    await world.outage("twilio", None)

    assert item["text"].endswith("1 = Room 1\n2 = Room 2\n3 = Room 3")
    await asked.reply(item, "3")

    assert answer(await asked.ended()) == ("responded", "whatsapp", "twilio", "AT-3/x")
    assert await asked.copies() == ["whatsapp by twilio"]
