"""A message's templates in the workflow: rendered once, before the first send, and never again."""

from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from failover.message import Message
from failover.transcript import transcript
from tests.fake_senders import FakeProvider
from tests.plans import message
from tests.running import last_is, serving, states, until
from workflows.message import MessageWorkflow

SMS = {"channel": "sms", "wait": "PT20M"}
EMAIL = {"channel": "email", "wait": "PT2H"}


def asked(text: str, **more: Any) -> Message:
    content = {"text": text, "liquid": True, "subject": "Order {{ context.order }}"}
    return message(content=content, steps=[SMS, EMAIL], context={"order": 77}, **more)


async def test_each_step_says_what_was_rendered_before_the_first(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    given = asked("Hi {{ recipient.name }}, {{ 'now' | date: '%s' }}")

    async with serving(env.client, acme=acme) as queue:
        handle = await queue.start(given)
        result = await handle.result()
        history = await handle.fetch_history()

    assert result.outcome == "exhausted"
    texts = [outbound.content.text for outbound in acme.sent]
    assert [outbound.content.subject for outbound in acme.sent] == ["Order 77", "Order 77"]
    assert texts[0].startswith("Hi Dana, ")
    assert texts == texts[:1] * 2
    assert [said.text for said in transcript(given, result)] == texts
    replayer = Replayer(workflows=[MessageWorkflow], data_converter=pydantic_data_converter)
    await replayer.replay_workflow(history)


async def test_an_unknown_variable_fails_the_message_before_anything_is_sent(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()

    async with serving(env.client, acme=acme) as queue:
        handle = await queue.start(asked("Hi {{ recipient.name }}, {{ context.price }}"))
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()

    told = str(failed.value.cause)
    assert "content.text: context.price is unknown" in told
    assert "Dana" not in told
    assert acme.sent == []


async def test_what_is_asked_again_is_in_plain_words(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    template = {"twilio": {"sid": "HX" + "0" * 32}}
    choices = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]
    content = {"text": "Home?", "template": template, "choices": choices, "on_other": "ask_again"}
    steps = [{"channel": "whatsapp", "wait": "PT30M"}]

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(content=content, steps=steps))
        await until(handle, last_is("accepted"))
        await handle.signal("responded", {"channel": "whatsapp", "text": "what?"})
        await until(handle, lambda seen: states(seen)[1:] == ["whatsapp accepted"])
        await handle.signal("responded", {"channel": "whatsapp", "text": "yes"})
        await handle.result()

    first, again = acme.sent
    assert first.content.template is not None
    assert again.content.template is None
    assert again.content.choices == first.content.choices
    assert again.content.text != "Home?"


async def test_people_are_spoken_to_in_their_language_on_each_channel(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    content = {
        "text": "Hi",
        "locales": {"de": {"text": "Hallo"}},
        "by_channel": {"email": {"html": "<p>Hi", "locales": {"de": {"html": "<p>Hallo"}}}},
    }
    person = {"locale": "de-CH", "addresses": {"sms": "+41446681800", "email": "d@example.com"}}

    async with serving(env.client, acme=acme) as queue:
        given = message(content=content, recipient=person, steps=[SMS, EMAIL])
        await (await queue.start(given)).result()

    assert [(one.content.text, one.content.html) for one in acme.sent] == [
        ("Hallo", None),
        ("Hallo", "<p>Hallo"),
    ]
    assert acme.sent[0].valid_for == timedelta(minutes=20)
