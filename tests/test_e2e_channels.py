"""Real processes, real SDKs, real HTTP: every channel answered once, and every way to move on."""

from typing import Any

import pytest

from failover.attempts import Result
from tests.world import Addresses, World, eventually

WHATSAPP = {"channel": "whatsapp", "wait": 20, "providers": ["vonage"]}
SMS = {"channel": "sms", "wait": 20, "providers": ["twilio"]}
EMAIL = {"channel": "email", "wait": 20}
VOICE = {"channel": "voice", "wait": 30}


@pytest.fixture(scope="module")
def world(everyday: World) -> World:
    return everyday


by_both = pytest.mark.parametrize("provider", ["twilio", "vonage"])


def answer(result: Result) -> tuple[str | None, str, str | None]:
    assert result.outcome is not None
    return result.outcome, result.responses[0].channel, result.responses[0].choice


async def test_a_quick_reply_on_whatsapp_by_vonage(world: World) -> None:
    asked = await world.ask(WHATSAPP, SMS)
    item = await asked.arrived("whatsapp")

    assert [choice["id"] for choice in item["choices"]] == ["yes", "no"]
    assert await asked.press(item, "yes") == 200

    assert answer(await asked.ended()) == ("responded", "whatsapp", "yes")
    assert await asked.copies() == ["whatsapp by vonage"]


async def test_a_reply_on_whatsapp_by_twilio(world: World) -> None:
    asked = await world.ask({**WHATSAPP, "providers": ["twilio"]}, SMS)
    item = await asked.arrived("whatsapp")

    await asked.reply(item, "Yes!")

    assert answer(await asked.ended()) == ("responded", "whatsapp", "yes")


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
async def test_a_reply_to_an_sms(world: World, provider: str) -> None:
    asked = await world.ask({**SMS, "providers": [provider]}, EMAIL)
    item = await asked.arrived("sms")

    assert "1 = Yes" in item["text"]
    await asked.reply(item, "2")

    result = await asked.ended()
    assert answer(result) == ("responded", "sms", "no")
    assert result.responses[0].text == "2"
    assert result.responses[0].provider == provider
    assert await asked.copies() == [f"sms by {provider}"]


async def test_a_reply_by_email(world: World) -> None:
    asked = await world.ask(EMAIL, SMS)
    item = await asked.arrived("email")

    assert item["subject"] == "Your delivery"
    await asked.reply(item, "No")

    result = await asked.ended()
    assert answer(result) == ("responded", "email", "no")
    assert result.responses[0].text == "No"


@by_both
async def test_a_key_pressed_in_a_call(world: World, provider: str) -> None:
    asked = await world.ask({**VOICE, "providers": [provider]}, SMS)
    call = await asked.arrived("voice")

    await asked.key(call, "2")

    assert answer(await asked.ended()) == ("responded", "voice", "no")
    assert await asked.copies() == [f"voice by {provider}"]


@by_both
@pytest.mark.parametrize("outcome", ["busy", "no-answer"])
async def test_a_call_that_nobody_takes_moves_on_at_once(
    world: World, provider: str, outcome: str
) -> None:
    asked = await world.ask({**VOICE, "wait": 120, "providers": [provider]}, EMAIL)
    call = await asked.reached("voice")

    await asked.decline(call, outcome)

    await asked.reached("email", seconds=30)
    [failed] = (await asked.seen()).attempts[:1]
    assert failed.failure is not None
    assert (failed.state, failed.failure.kind) == ("failed", "unreachable")


@by_both
async def test_a_voicemail_is_no_answer(world: World, provider: str) -> None:
    step = {**VOICE, "wait": 120, "until": "delivered", "providers": [provider]}
    asked = await world.ask(step, EMAIL)
    call = await asked.reached("voice")

    await asked.pick_up(call, by="machine_start")

    await asked.reached("email")
    [failed] = (await asked.seen()).attempts[:1]
    assert failed.failure is not None
    assert (failed.state, failed.failure.detail) == ("failed", "voicemail")


async def test_who_was_taken_for_a_machine_may_still_press_a_key(world: World) -> None:
    asked = await world.ask({**VOICE, "wait": 120, "providers": ["twilio"]}, EMAIL)
    call = await asked.reached("voice")
    await asked.pick_up(call, by="machine_start")
    await asked.reached("email")

    await asked.press_key(call, "1")

    assert answer(await asked.ended()) == ("responded", "voice", "yes")


@by_both
async def test_a_call_that_a_person_takes_is_delivered(world: World, provider: str) -> None:
    asked = await world.ask({**VOICE, "until": "delivered", "providers": [provider]}, EMAIL)
    call = await asked.reached("voice")

    await asked.pick_up(call, by="human")
    await asked.hang_up(call)

    assert (await asked.ended()).outcome == "reached"


@by_both
async def test_a_call_speaks_the_persons_language(world: World, provider: str) -> None:
    person = Addresses()
    dana = {"name": "Dana", "locale": "de-AT", "addresses": vars(person)}
    asked = await world.ask({**VOICE, "providers": [provider]}, of=person, recipient=dana)
    call = await asked.arrived("voice")
    await asked.pick_up(call, by="human")
    await asked.hears(call, "Für Yes: die 1.")

    await asked.press_key(call, "1")

    await asked.hears(call, "Vielen Dank. Auf Wiederhören.")
    assert answer(await asked.ended()) == ("responded", "voice", "yes")


async def test_silence_moves_on_and_a_reply_to_the_first_channel_still_counts(
    world: World,
) -> None:
    asked = await world.ask({**WHATSAPP, "wait": 2}, SMS, EMAIL)
    first = await asked.arrived("whatsapp")
    await asked.arrived("sms")

    await asked.reply(first, "yes")

    assert answer(await asked.ended()) == ("responded", "whatsapp", "yes")
    assert await asked.copies() == ["whatsapp by vonage", "sms by twilio"]


async def test_a_refusal_moves_on_at_once(world: World) -> None:
    person = Addresses()
    await world.script(
        to=person.phone, provider="vonage", channel="whatsapp", do="refuse", code="1170"
    )
    asked = await world.ask({**WHATSAPP, "wait": 120}, SMS, of=person)

    await asked.arrived("sms")

    refused = (await asked.seen()).attempts[0]
    assert refused.state == "refused"
    assert refused.failure is not None
    assert (refused.failure.kind, refused.failure.code) == ("address", "1170")


async def test_an_account_failure_goes_to_the_next_provider_of_the_channel(world: World) -> None:
    person = Addresses()
    await world.script(to=person.phone, provider="twilio", channel="sms", do="refuse", code="20003")
    asked = await world.ask({**SMS, "providers": ["twilio", "vonage"]}, EMAIL, of=person)

    await asked.arrived("sms")

    assert await asked.copies() == ["sms by vonage"]


async def test_a_failed_report_moves_on_at_once(world: World) -> None:
    person = Addresses()
    await world.script(
        to=person.phone, provider="twilio", channel="sms", do="fail", code="30003", after=1
    )
    asked = await world.ask({**SMS, "wait": 120}, EMAIL, of=person)

    await asked.arrived("email")

    failed = (await asked.seen()).attempts[0]
    assert failed.state == "failed"
    assert failed.failure is not None
    assert failed.failure.code == "30003"


async def test_a_dead_provider_is_left_for_the_next(world: World) -> None:
    person = Addresses()
    await world.script(
        to=person.phone, provider="twilio", channel="sms", do="throttle", retry_after=60
    )
    asked = await world.ask(
        {**SMS, "providers": ["twilio", "vonage"], "send_within": 10}, EMAIL, of=person
    )

    await asked.arrived("sms", seconds=30)

    assert await asked.copies() == ["sms by vonage"]
    assert (await asked.seen()).attempts[0].state == "unavailable"


async def test_a_provider_that_answers_nothing_is_unknown_and_its_callback_settles_it(
    world: World,
) -> None:
    person = Addresses()
    await world.script(to=person.phone, provider="twilio", channel="sms", do="drop_after_accept")
    asked = await world.ask({**SMS, "until": "delivered"}, EMAIL, of=person)

    result = await asked.ended()

    assert result.outcome == "reached"
    states = [change.state for change in result.attempts[0].changes]
    assert [state for state in states if state != "sent"] == ["sending", "unknown", "delivered"]
    assert await asked.copies() == ["sms by twilio"]


@pytest.mark.parametrize(
    ("channel", "provider"),
    [
        ("sms", "twilio"),
        ("voice", "twilio"),
        ("sms", "vonage"),
        ("voice", "vonage"),
        ("email", "sendgrid"),
    ],
)
async def test_a_send_of_which_no_callback_comes_is_found_by_looking_it_up(
    world: World, channel: str, provider: str
) -> None:
    person = Addresses()
    to = person.email if channel == "email" else person.phone
    await world.script(to=to, channel=channel, do="drop_after_accept", then="silent")
    step = {"channel": channel, "wait": 20, "providers": [provider]}
    asked = await world.ask(step, evidence_within=1, until="accepted", of=person)

    result = await asked.ended()

    assert [change.state for change in result.attempts[0].changes][1:] == ["unknown", "accepted"]
    assert result.attempts[0].provider_id == (await asked.arrived(channel))["id"]
    assert await asked.copies() == [f"{channel} by {provider}"]


async def test_delivered_by_each_provider(world: World) -> None:
    for step in (WHATSAPP, SMS, {**SMS, "providers": ["vonage"]}, EMAIL):
        asked = await world.ask(step, until="delivered")
        assert (await asked.ended()).outcome == "reached", step


async def test_stop_ends_the_message_on_every_channel(world: World) -> None:
    asked = await world.ask(SMS, EMAIL)
    item = await asked.arrived("sms")

    await asked.reply(item, " Stop! ")

    result = await asked.ended()
    assert result.outcome == "opted_out"
    assert result.responses == ()
    assert await asked.copies() == ["sms by twilio"]


async def test_the_later_of_two_messages_to_one_number_gets_the_reply(world: World) -> None:
    person = Addresses()
    asked = await world.ask(SMS, EMAIL, of=person)
    await asked.arrived("sms")
    later = await world.ask(SMS, EMAIL, of=person)
    item = await eventually(
        lambda: world.sent(asked.phone), lambda found: found[1:2] if len(found) == 2 else []
    )
    await later.findable()

    await asked.reply(item, "yes")

    assert (await later.ended()).outcome == "responded"
    assert (await asked.seen()).outcome is None
    await asked.handle.cancel()


async def test_what_the_simulator_was_sent_names_the_message(world: World) -> None:
    asked = await world.ask(SMS)
    item: dict[str, Any] = await asked.arrived("sms")

    assert item["reference"] == (await asked.seen()).attempts[0].reference
    await asked.handle.cancel()
