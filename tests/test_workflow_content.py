"""A message's templates in the workflow: rendered once, before the first send, and never again."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from activities.offers import OFFERS, Offered, Wanted
from failover.conversation import SHORT, Conversation
from failover.events import FailureClass, Response
from failover.message import Message
from failover.start import start_options
from failover.transcript import transcript
from tests.fake_senders import FakeProvider, refuse
from tests.plans import message
from tests.running import last_is, serving, states, until
from workers.serve import RUNNER
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


async def test_a_message_of_many_long_texts_comes_to_its_end(env: WorkflowEnvironment) -> None:
    """A result of more than 2 MB would fail the workflow's last task for ever."""
    acme = FakeProvider()
    text = "Hi {{ recipient.name }}" + "x" * 98_000
    steps = [{"channel": "email", "wait": "PT1M"}] * 26
    acme.then("email", refuse(FailureClass.ADDRESS))

    async with serving(env.client, acme=acme) as queue:
        given = message(content={"text": text, "liquid": True}, steps=steps)
        result = await asyncio.wait_for((await queue.start(given)).result(), 60)

    assert {len(outbound.content.text) for outbound in acme.sent} == {98_007}
    said = [attempt.said or "" for attempt in result.attempts]
    assert len(said) == 26
    assert (len(said[0]), len(said[-1])) == (98_007, SHORT)
    assert all(text.startswith("Hi Dana") for text in said)
    assert len(result.model_dump_json()) < 500_000


def test_what_is_said_leaves_room_for_what_is_answered() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    steps = [EMAIL] * 9
    conversation = Conversation(message(content={"text": "x" * 90_000}, steps=steps))
    conversation.rendered |= set(range(9))

    for step in range(9):
        conversation.begin(step, "acme", now)
    conversation.respond(Response(channel="email", text="y" * 20_000), now)

    result = conversation.result()
    assert [len(attempt.said or "") for attempt in result.attempts] == [90_000] * 2 + [SHORT] * 7
    assert result.responses[0].text == "y" * 20_000


def test_control_characters_take_the_room_that_they_have_as_json() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    conversation = Conversation(message(steps=[EMAIL]))

    for number in range(50):
        said = Response(channel="email", text="\x01" * 20_000, provider_id=f"{number}")
        conversation.respond(said, now)

    assert len(conversation.result().model_dump_json()) < 1_000_000


@pytest.mark.parametrize("fails", [True, False], ids=["fails", "takes too long"])
async def test_a_message_that_nobody_can_look_at_fails_instead_of_starting_over_for_ever(
    client: Client, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    monkeypatch.setattr("workflows.message.LOOK_TIMEOUT", timedelta(seconds=1))
    monkeypatch.setattr("workflows.message.LOOKS", 3)
    looks = []

    @activity.defn(name=OFFERS)
    async def never(wanted: Wanted) -> Offered:
        looks.append(wanted)
        if fails:
            raise OSError
        await asyncio.sleep(60)
        raise AssertionError

    given = asked("Hi {{ recipient.name }}")
    queue = f"test-{given.id}"
    worker = Worker(
        client,
        task_queue=queue,
        workflows=[MessageWorkflow],
        workflow_runner=RUNNER,
        activities=[never],
    )
    async with worker:
        options = start_options(given) | {"task_queue": queue}
        handle = await client.start_workflow("Message", given, **options)
        with pytest.raises(WorkflowFailureError) as failed:
            await asyncio.wait_for(handle.result(), 60)

    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "NeverLookedAt"
    assert failed.value.cause.non_retryable
    assert len(looks) == 3


async def test_what_is_asked_again_is_in_plain_words(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    template = {"twilio": {"sid": "HX" + "0" * 32}}
    choices = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]
    media = [{"url": "https://example.com/door.png", "kind": "image"}]
    content = {"text": "Home?", "template": template, "choices": choices, "media": media}
    steps = [{"channel": "whatsapp", "wait": "PT30M"}]

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            asking = message(content={**content, "on_other": "ask_again"}, steps=steps)
            handle = await queue.start(asking)
        await until(handle, last_is("accepted"))
        await handle.signal("responded", {"channel": "whatsapp", "text": "what?"})
        await until(handle, lambda seen: states(seen)[1:] == ["whatsapp accepted"])
        await handle.signal("responded", {"channel": "whatsapp", "text": "yes"})
        await handle.result()

    first, again = acme.sent
    assert first.content.template is not None
    assert again.content.template is None
    assert first.content.media != ()
    assert again.content.media == ()
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
