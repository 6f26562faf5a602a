"""MMS, Viber, RCS and Messenger, by each provider that has them: sent, shown, read and answered."""

from typing import Any

import pytest

from tests.world import Addresses, World, eventually

OFFERS = [
    ("mms", "twilio"),
    ("mms", "vonage"),
    ("viber", "vonage"),
    ("rcs", "twilio"),
    ("rcs", "vonage"),
    ("messenger", "twilio"),
    ("messenger", "vonage"),
]
#: Where a press brings back the choice; the others have lines of text.
BUTTONS = [("rcs", "twilio"), ("rcs", "vonage"), ("messenger", "twilio")]
NO_RECEIPTS = [("mms", "twilio"), ("mms", "vonage"), ("messenger", "twilio")]
RECEIPTS = [offer for offer in OFFERS if offer not in NO_RECEIPTS]
EMAIL = {"channel": "email", "wait": 30}
PICTURE = "https://example.com/door.png"

each = pytest.mark.parametrize(("channel", "provider"), OFFERS)
each_with_buttons = pytest.mark.parametrize(("channel", "provider"), BUTTONS)
each_with_receipts = pytest.mark.parametrize(("channel", "provider"), RECEIPTS)


@pytest.fixture(scope="module")
def world(everyday: World) -> World:
    return everyday


def step(channel: str, provider: str, **more: Any) -> dict[str, Any]:
    return {"channel": channel, "providers": [provider], "wait": 60, **more}


@each
async def test_a_reply_in_words_is_the_answer(world: World, channel: str, provider: str) -> None:
    asked = await world.ask(step(channel, provider), EMAIL)
    item = await asked.arrived(channel)

    assert await asked.reply(item, "yes please") == 200

    result = await asked.ended()
    assert result.outcome == "responded"
    [response] = result.responses
    assert (response.provider, response.choice) == (provider, "yes")
    assert await asked.copies() == [f"{channel} by {provider}"]


@each_with_buttons
async def test_a_press_is_the_choice(world: World, channel: str, provider: str) -> None:
    asked = await world.ask(step(channel, provider), EMAIL)
    item = await asked.arrived(channel)

    assert "1 = Yes" not in item["text"]
    _, no = item["choices"]
    assert await asked.press(item, no["id"]) == 200

    result = await asked.ended()
    assert [(one.channel, one.choice) for one in result.responses] == [(channel, "no")]


@each_with_buttons
async def test_a_press_answers_the_message_it_belongs_to(
    world: World, channel: str, provider: str
) -> None:
    person = Addresses()
    first = await world.ask(step(channel, provider), of=person)
    shown = await first.arrived(channel)
    second = await world.ask(step(channel, provider), of=person)
    await eventually(lambda: world.sent(person.on(channel)), lambda found: found[1:])
    await second.findable()

    assert await first.press(shown, shown["choices"][0]["id"]) == 200

    assert [one.choice for one in (await first.ended()).responses] == ["yes"]
    assert (await second.seen()).responses == ()
    await second.handle.cancel()


@each_with_receipts
async def test_a_read_receipt_reaches_the_goal(world: World, channel: str, provider: str) -> None:
    asked = await world.ask(step(channel, provider, until="read"), EMAIL)
    item = await asked.arrived(channel)

    answer = await world.http.post(f"/simulator/messages/{item['id']}/read")
    answer.raise_for_status()

    result = await asked.ended()
    assert (result.outcome, result.attempts[0].state) == ("reached", "read")


@each
async def test_a_failure_reported_later_moves_on(world: World, channel: str, provider: str) -> None:
    person = Addresses()
    code = {"twilio": "30008", "vonage": "1330"}[provider]
    to = person.on(channel)
    await world.script(to=to, channel=channel, provider=provider, do="fail", code=code)
    asked = await world.ask(step(channel, provider), EMAIL, of=person)

    await asked.reached("email")

    failed = (await asked.seen()).attempts[0]
    assert failed.failure is not None
    assert (failed.state, failed.failure.code) == ("failed", code)


@each
async def test_stop_stops(world: World, channel: str, provider: str) -> None:
    asked = await world.ask(step(channel, provider), EMAIL)
    item = await asked.arrived(channel)

    await asked.reply(item, "STOP")

    result = await asked.ended()
    assert result.outcome == "opted_out"
    assert await asked.copies() == [f"{channel} by {provider}"]


@each
async def test_a_picture_goes_along_or_is_a_link(world: World, channel: str, provider: str) -> None:
    content = {"text": "Is this your door?", "media": [{"url": PICTURE, "kind": "image"}]}
    asked = await world.ask(step(channel, provider), content={**content, "subject": "Door"})
    item = await asked.reached(channel)

    linked = (channel, provider) == ("messenger", "vonage")
    assert item["media"] == ([] if linked else [PICTURE])
    assert (PICTURE in item["text"]) == linked
    assert "Is this your door?" in item["text"]
    await asked.handle.cancel()


async def test_a_card_on_rcs_has_the_picture_and_the_choices(world: World) -> None:
    choices = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]
    media = [{"url": f"{PICTURE}?size=2", "kind": "image", "caption": "The blue one"}]
    content = {"text": "Is this your door?", "media": media, "choices": choices}
    asked = await world.ask(step("rcs", "twilio"), content=content)
    item = await asked.arrived("rcs")

    assert item["media"] == [f"{PICTURE}?size=2"]
    assert item["text"] == "Is this your door?\n\nThe blue one"
    await asked.press(item, item["choices"][1]["id"])

    assert [one.choice for one in (await asked.ended()).responses] == ["no"]


async def test_a_confirm_link_is_a_button_on_viber(world: World) -> None:
    content = {"text": "Home at 9?", "choices": [{"id": "y", "label": "Yes"}], "confirm_link": True}
    asked = await world.ask(step("viber", "vonage"), content=content)
    item = await asked.reached("viber")

    assert "/answer/" in item["link"]["url"]
    assert item["link"]["title"] == "Choose"
    assert "/answer/" not in item["text"]
    await asked.handle.cancel()
