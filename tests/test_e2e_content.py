"""One message in three shapes, by real processes and SDKs: a template, a text, a page of HTML."""

from typing import Any

import pytest
from temporalio.client import WorkflowFailureError

from tests.world import Addresses, Asked, World, eventually

CONTENT = {
    "text": "Hi {{ recipient.name }}, order {{ context.order }}: home at 9?",
    "subject": "Order {{ context.order }}",
    "liquid": True,
    "choices": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}],
    "template": {"vonage": {"name": "a1b2:home", "parameters": ["{{ recipient.name }}", "9 pm"]}},
    "media": [{"url": "https://example.com/door.png", "kind": "image", "caption": "Your door"}],
    "html": "<h1>Hi {{ recipient.name }}</h1>",
    "locales": {
        "de": {
            "text": "Hallo {{ recipient.name }}, Bestellung {{ context.order }}: um 9 daheim?",
            "choices": [{"id": "yes", "label": "Ja"}, {"id": "no", "label": "Nein"}],
        }
    },
}
STEPS = [
    {"channel": "whatsapp", "wait": 60, "providers": ["vonage"]},
    {"channel": "sms", "wait": 60, "providers": ["twilio"]},
    {"channel": "email", "wait": 60},
]


@pytest.fixture(scope="module")
def world(everyday: World) -> World:
    return everyday


async def test_a_message_takes_the_shape_of_each_channel_in_the_persons_language(
    world: World,
) -> None:
    of = Addresses()
    person = {"name": "Dana & Bo", "locale": "de-AT", "addresses": vars(of)}
    asked = await world.ask(*STEPS, of=of, recipient=person, content=CONTENT, context={"order": 77})

    whatsapp = await asked.arrived("whatsapp")
    await asked.handle.signal("skip")
    sms = await asked.arrived("sms")
    await asked.handle.signal("skip")
    email = await asked.arrived("email")
    await asked.reply(email, "Ja")
    result = await asked.ended()

    assert whatsapp["text"] == "[template a1b2:home]\nDana & Bo\n9 pm"
    text = "Hallo Dana & Bo, Bestellung 77: um 9 daheim?"
    picture = "Your door\nhttps://example.com/door.png"
    assert sms["text"] == f"{text}\n\n{picture}\n\n1 = Ja\n2 = Nein"
    assert email["subject"] == "Order 77"
    assert "<h1>Hi Dana &amp; Bo</h1>" in email["html"]
    assert ">Ja</a>" in email["html"]
    assert (result.outcome, result.responses[0].choice) == ("responded", "yes")


async def test_a_variable_that_nobody_knows_sends_nothing(world: World) -> None:
    of = Addresses()
    asked = await world.ask(*STEPS, of=of, content={**CONTENT, "subject": "{{ context.ordr }}"})

    with pytest.raises(WorkflowFailureError) as failed:
        await asked.ended()

    assert "content.subject: context.ordr is unknown; " in str(failed.value.__cause__)
    assert await asked.copies() == []


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
async def test_a_text_outside_of_whatsapps_24_hours_is_left_for_the_next_step(
    world: World, provider: str
) -> None:
    asked = await world.ask(*_on_whatsapp(provider), of=(of := await written_to_by_nobody(world)))

    sms = await asked.arrived("sms")
    await asked.reply(sms, "Yes")
    result = await asked.ended()

    assert sms["to"] == of.phone
    first = result.attempts[0]
    assert first.failure
    assert (first.state, first.failure.kind, first.failure.code) == (
        "failed",
        "policy",
        {"twilio": "63016", "vonage": "1340"}[provider],
    )


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
async def test_a_template_opens_the_24_hours_and_text_goes_within_them(
    world: World, provider: str
) -> None:
    template = {
        "twilio": {"sid": f"HX{'1' * 32}", "variables": {"1": "Dana"}},
        "vonage": {"name": "a1b2:home", "parameters": ["Dana"]},
    }
    content = {
        "text": "Home at 9?",
        "choices": CONTENT["choices"],
        "template": template,
        "on_other": "ask_again",
    }
    step, sms = _on_whatsapp(provider)
    asked = await world.ask(step, step, sms, of=await written_to_by_nobody(world), content=content)

    first = await asked.arrived("whatsapp")
    await asked.reply(first, "Who is this?")
    again = await on_whatsapp(asked, 1)
    await asked.handle.signal("skip")
    second = await on_whatsapp(asked, 2)
    await asked.press(second, "yes")
    result = await asked.ended()

    assert first["text"].startswith("[template ")
    assert [choice["title"] for choice in again["choices"]] == ["Yes", "No"]
    assert second["text"] == "Home at 9?"
    assert result.responses[-1].choice == "yes"
    assert {attempt.failure for attempt in result.attempts} == {None}


async def written_to_by_nobody(world: World) -> Addresses:
    """Somebody who has not written to us on WhatsApp."""
    of = Addresses()
    await world.script(do="outside_window", channel="whatsapp", to=of.phone)
    return of


async def on_whatsapp(asked: Asked, number: int) -> dict[str, Any]:
    item: dict[str, Any] = await eventually(
        asked.items, lambda found: [one for one in found if one["channel"] == "whatsapp"][number:]
    )
    return item


def _on_whatsapp(provider: str) -> list[dict[str, Any]]:
    return [
        {"channel": "whatsapp", "wait": 60, "providers": [provider]},
        {"channel": "sms", "wait": 60, "providers": [provider]},
    ]
