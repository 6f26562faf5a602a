"""One message in three shapes, by real processes and SDKs: a template, a text, a page of HTML."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import WorkflowFailureError

from tests.world import Addresses, World, whole_system

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
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with whole_system(tmp_path_factory.mktemp("world")) as world:
        yield world


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
