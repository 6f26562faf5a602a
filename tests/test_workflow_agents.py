"""Agents and questions asked again, on the real server with time skipped, from end to end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from failover.attempts import Result
from failover.channels import Channel
from failover.conversation import SERVICE, Conversation
from failover.message import Message
from failover.transcript import transcript
from providers.base import SendUnknown
from tests.fake_senders import FakeProvider, broken, unavailable
from tests.plans import PHONE, message
from tests.running import Handle, Queue, serving, states, until
from workflows.message import MessageWorkflow

CHOICES = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]
TEAM = "team@clinic.example"
CUSTOMER = {"channel": "whatsapp", "wait": "PT30M"}
AGENT = {"channel": "agent", "to": TEAM, "wait": "PT10M"}


def asking(other: Any, *steps: dict[str, Any], **more: Any) -> Message:
    said = {"text": "Can you be home at 9?", "choices": CHOICES, "on_other": other}
    return message(content=said, steps=list(steps), **more)


@asynccontextmanager
async def wrote(
    env: WorkflowEnvironment, queue: Queue, asked: Message, text: str = "at 10?"
) -> AsyncIterator[Handle]:
    """The person has the question, and has answered with this; then what came of it is replayed."""
    with env.with_time_skipping_disabled():
        handle = await queue.start(asked)
    await until(handle, has("whatsapp accepted"))
    await handle.signal("responded", {"channel": "whatsapp", "text": text})
    yield handle
    replayer = Replayer(workflows=[MessageWorkflow], data_converter=pydantic_data_converter)
    await replayer.replay_workflow(await handle.fetch_history())


def has(*wanted: str) -> Any:
    return lambda result: states(result) == list(wanted)


async def handed_over(handle: Handle) -> None:
    await until(handle, has("whatsapp accepted", "agent accepted"))


async def agent(handle: Handle, signal: str, **says: Any) -> None:
    await handle.signal(signal, {"agent": "Sam", **says})


async def test_what_is_none_of_the_choices_goes_to_agents_and_the_answer_to_the_person(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    plan = asking("hand_over", CUSTOMER, AGENT, context={"order": 1234, "shop": "Mitte"})

    async with serving(env.client, acme=acme) as queue, wrote(env, queue, plan) as handle:
        await handed_over(handle)
        await agent(handle, "claimed")
        await agent(handle, "answered", text="10 is fine.", choice="yes")
        result = await handle.result()

    question, mail, answer = acme.sent
    assert (mail.channel, mail.to) == (Channel.AGENT, TEAM)
    for told in (
        "Dana",
        "Can you be home at 9?",
        "at 10?",
        "order: 1234",
        "shop: Mitte",
        "Yes, No",
    ):
        assert told in mail.content.text
    assert PHONE not in mail.content.text
    assert (answer.channel, answer.to) == (question.channel, question.to)
    assert answer.content.text == "10 is fine."
    assert result.outcome == "responded"
    assert states(result) == ["whatsapp accepted", "agent accepted", "whatsapp accepted"]
    assert [(r.text, r.counts, r.agent) for r in result.responses] == [
        ("at 10?", False, None),
        ("10 is fine.", True, "Sam"),
    ]


async def test_unclaimed_it_goes_on_to_the_next_person_whose_reply_ends_it(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    waits = {"content": {"text": "A customer of yours waits."}, "wait": "PT20M"}
    branch = {"name": "Mitte", "addresses": {"email": "mitte@shop.example"}}
    manager = {"name": "Kim", "locale": "de", "addresses": {"phone": "+4915112345678"}}
    to_branch = {"channel": "email", "to": branch, **waits}
    to_manager = {"channel": "sms", "to": manager, **waits}
    plan = asking("hand_over", CUSTOMER, AGENT, to_branch, to_manager)

    async with serving(env.client, acme=acme) as queue, wrote(env, queue, plan) as handle:
        await handed_over(handle)
        await env.fast_forward(handle, timedelta(minutes=11))
        await until(handle, lambda now: states(now)[2:] == ["email accepted"])
        await env.fast_forward(handle, timedelta(minutes=21))
        await until(handle, lambda now: states(now)[3:] == ["sms accepted"])
        await handle.signal("responded", {"channel": "sms", "text": "I call her now"})
        result = await handle.result()

    sent = [(outbound.to, outbound.name, outbound.locale) for outbound in acme.sent]
    assert sent == [
        (PHONE, "Dana", "en"),
        (TEAM, "Dana", "en"),
        ("mitte@shop.example", "Mitte", "en"),
        ("+4915112345678", "Kim", "de"),
    ]
    assert acme.sent[-1].content.text == "A customer of yours waits."
    assert result.outcome == "responded"
    assert result.responses[-1].text == "I call her now"
    reached = [attempt.accepted_at for attempt in result.attempts if attempt.accepted_at]
    assert reached[2] - reached[1] >= timedelta(minutes=10)


async def test_while_an_agent_has_it_no_step_is_taken(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    plan = asking("hand_over", CUSTOMER, AGENT, {"channel": "sms", "wait": 60})

    async with serving(env.client, acme=acme) as queue, wrote(env, queue, plan) as handle:
        await handed_over(handle)
        await agent(handle, "claimed")
        await env.fast_forward(handle, timedelta(hours=2))
        await agent(handle, "closed", choice="no", text="she rang")
        result = await handle.result()

    assert acme.channels() == ["whatsapp", "agent"]
    assert result.outcome == "responded"
    assert (result.responses[-1].choice, result.responses[-1].agent) == ("no", "Sam")


async def test_an_agent_goes_on_and_what_the_person_writes_then_is_sent_to_nobody(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    plan = asking("hand_over", CUSTOMER, AGENT)

    async with serving(env.client, acme=acme) as queue, wrote(env, queue, plan) as handle:
        await handed_over(handle)
        await agent(handle, "answered", text="At which door?", keep_open=True)
        await until(handle, lambda now: states(now)[2:] == ["whatsapp accepted"])
        await handle.signal("responded", {"channel": "whatsapp", "text": "the back door"})
        await agent(handle, "answered", text="We come at 10.")
        result = await handle.result()

    assert acme.channels() == ["whatsapp", "agent", "whatsapp", "whatsapp"]
    assert [outbound.content.text for outbound in acme.sent[2:]] == [
        "At which door?",
        "We come at 10.",
    ]
    said = [(one.by, one.text) for one in transcript(plan, result) if one.text]
    assert said == [
        ("us", "Can you be home at 9?"),
        ("person", "at 10?"),
        ("us", "At which door?"),
        ("person", "the back door"),
        ("us", "We come at 10."),
    ]


async def test_it_is_asked_again_and_then_the_choice_counts(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    plan = asking("ask_again", CUSTOMER, {"channel": "sms", "wait": 60})

    async with serving(env.client, acme=acme) as queue, wrote(env, queue, plan) as handle:
        await until(handle, has("whatsapp accepted", "whatsapp accepted"))
        await handle.signal("responded", {"channel": "whatsapp", "text": "what?"})
        await handle.signal("responded", {"channel": "whatsapp", "text": "No!"})
        result = await handle.result()

    question, again = acme.sent
    assert "Please answer with one of" in again.content.text
    assert again.content.choices == question.content.choices
    assert again.reference == f"{plan.id}.2"
    assert [(r.text, r.counts) for r in result.responses] == [
        ("at 10?", False),
        ("what?", False),
        ("No!", True),
    ]


async def test_asked_again_and_still_silent_it_fails_over(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    plan = asking("ask_again", CUSTOMER, {"channel": "sms", "wait": 60})

    async with serving(env.client, acme=acme) as queue, wrote(env, queue, plan) as handle:
        await until(handle, has("whatsapp accepted", "whatsapp accepted"))
        await env.fast_forward(handle, timedelta(minutes=31))
        result = await until(handle, lambda now: states(now)[2:] == ["sms accepted"])
        await handle.signal("responded", {"channel": "sms", "text": "yes"})
        await handle.result()

    assert acme.channels() == ["whatsapp", "whatsapp", "sms"]
    _, again, sms = (attempt.accepted_at for attempt in result.attempts)
    assert again
    assert sms
    assert sms - again >= timedelta(minutes=30)


async def test_a_choice_that_comes_while_it_is_asked_again_stops_that(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    acme.then("whatsapp", acme.accept, unavailable(timedelta(seconds=30)), acme.accept)
    plan = asking("ask_again", CUSTOMER)

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            async with wrote(env, queue, plan) as handle:
                await until(handle, lambda _: len(acme.sent) == 2)
                await handle.signal("responded", {"channel": "whatsapp", "text": "yes"})
                result = await handle.result()

    assert states(result) == ["whatsapp accepted", "whatsapp skipped"]
    assert result.outcome == "responded"
    assert len(acme.sent) == 2


async def test_what_may_have_been_asked_again_is_not_repeated_by_anybody(
    env: WorkflowEnvironment,
) -> None:
    acme, best = FakeProvider(), FakeProvider()
    acme.then("whatsapp", acme.accept, broken(SendUnknown("dropped")), acme.accept)
    plan = asking({"do": "ask_again", "times": 1}, CUSTOMER, on_unknown="resend")

    async with (
        serving(env.client, acme=acme, best=best) as queue,
        wrote(env, queue, plan) as handle,
    ):
        await until(handle, has("whatsapp accepted", "whatsapp unknown"))
        await env.fast_forward(handle, timedelta(minutes=31))
        result = await handle.result()

    assert states(result) == ["whatsapp accepted", "whatsapp unknown"]
    assert (acme.channels(), best.channels()) == (["whatsapp", "whatsapp"], [])


async def test_an_answer_that_may_have_gone_out_is_not_repeated_by_anybody(
    env: WorkflowEnvironment,
) -> None:
    acme, best = FakeProvider(), FakeProvider()
    acme.then("whatsapp", acme.accept, broken(SendUnknown("dropped")), acme.accept)
    plan = asking("hand_over", CUSTOMER, AGENT, on_unknown="resend")

    async with (
        serving(env.client, acme=acme, best=best) as queue,
        wrote(env, queue, plan) as handle,
    ):
        await handed_over(handle)
        await agent(handle, "answered", text="10 is fine.", keep_open=True)
        await until(handle, lambda now: states(now)[2:] == ["whatsapp unknown"])
        await env.fast_forward(handle, timedelta(minutes=10))
        await handle.signal("reported", {"attempt": 3, "status": "delivered"})
        known = await until(handle, lambda now: states(now)[2:] == ["whatsapp delivered"])
        await agent(handle, "closed")
        await handle.result()

    assert known.outcome is None
    assert acme.channels() == ["whatsapp", "agent", "whatsapp"]
    assert best.sent == []


async def test_without_an_address_agents_are_the_services_affair(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()
    told = {"notify": {"workflow_id": "the-shop", "signal": "heard"}}
    plan = asking("hand_over", CUSTOMER, {"channel": "agent", "wait": "PT10M"}, **told)

    async with (
        serving(env.client, channels=("whatsapp",), acme=acme) as queue,
        wrote(env, queue, plan) as handle,
    ):
        await handed_over(handle)
        await agent(handle, "answered", text="10 is fine.")
        result = await handle.result()

    step = result.attempts[1]
    assert (step.provider, step.to, step.state) == ("notify", None, "accepted")
    assert acme.channels() == ["whatsapp", "whatsapp"]
    assert result.outcome == "responded"


async def test_agents_whom_nobody_can_write_to_are_no_step(env: WorkflowEnvironment) -> None:
    async with serving(env.client, channels=("whatsapp",), acme=FakeProvider()) as queue:
        handle = await queue.start(asking("hand_over", CUSTOMER, AGENT))
        with pytest.raises(WorkflowFailureError) as refused:
            await handle.result()

    assert "steps.1.channel: agent is not offered" in str(refused.value.cause)


def test_an_installation_without_email_does_not_take_the_service_for_a_mail() -> None:
    known = Conversation(asking("hand_over", CUSTOMER, AGENT), {"agent": [SERVICE]})

    assert list(known.providers(1)) == []


@pytest.mark.parametrize("signal", ["claimed", "answered", "closed"])
async def test_what_an_agent_does_is_shown_without_a_text(
    env: WorkflowEnvironment, signal: str
) -> None:
    plan = asking("hand_over", CUSTOMER, AGENT)

    async with (
        serving(env.client, acme=FakeProvider()) as queue,
        wrote(env, queue, plan, "my secret") as handle,
    ):
        await handed_over(handle)
        await agent(handle, signal, text="a secret", keep_open=True)
        await until(handle, lambda now: bool(now.agents))
        details = str(await handle.query("__temporal_workflow_metadata"))
        if signal != "closed":
            await agent(handle, "closed")
        await handle.result()

    assert f"- {signal} by Sam" in details
    assert "answered on whatsapp, none of the choices" in details
    assert "secret" not in details


def agents_of(result: Result) -> list[tuple[str, str | None]]:
    return [(act.act, act.agent) for act in result.agents]


async def test_the_first_who_claims_has_it(env: WorkflowEnvironment) -> None:
    plan = asking("hand_over", CUSTOMER, AGENT)

    async with (
        serving(env.client, acme=FakeProvider()) as queue,
        wrote(env, queue, plan) as handle,
    ):
        await agent(handle, "claimed")
        await agent(handle, "claimed", agent="Kim")
        await agent(handle, "closed")
        result = await handle.result()

    assert agents_of(result) == [("claimed", "Sam"), ("closed", "Sam")]
