"""Histories to record of what follows from an answer: see tests/record_histories.py."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from temporalio.testing import WorkflowEnvironment

from providers.base import SendUnknown
from tests.fake_senders import FakeProvider, broken
from tests.plans import PHONE, message
from tests.running import Handle, Queue, states, until

Tale = Callable[[WorkflowEnvironment, Queue, FakeProvider], Awaitable[Handle]]

CHOICES = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]
CUSTOMER = {"channel": "whatsapp", "wait": "PT30M"}
AGENT = {"channel": "agent", "to": "team@clinic.example", "wait": "PT10M"}
LATER = {"channel": "email", "wait": "PT2H"}


def asked(other: Any, *steps: dict[str, Any], **more: Any) -> Any:
    said = {"text": "Can you be home at 9?", "choices": CHOICES, "on_other": other}
    return message(content=said, steps=list(steps), **more)


async def wrote(env: WorkflowEnvironment, queue: Queue, plan: Any, text: str = "at 10?") -> Handle:
    with env.with_time_skipping_disabled():
        handle = await queue.start(plan)
    await until(handle, lambda result: states(result) == ["whatsapp accepted"])
    await handle.signal("responded", {"channel": "whatsapp", "text": text})
    return handle


async def asked_again(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    handle = await wrote(env, queue, asked("ask_again", CUSTOMER, LATER))
    await until(handle, lambda result: states(result) == ["whatsapp accepted"] * 2)
    await handle.signal("responded", {"channel": "whatsapp", "text": "no thanks"})
    return handle


async def asked_again_in_vain(env: WorkflowEnvironment, queue: Queue, acme: FakeProvider) -> Handle:
    handle = await wrote(env, queue, asked("ask_again", CUSTOMER, LATER))
    acme.then("whatsapp", broken(SendUnknown("dropped")))
    await until(handle, lambda result: len(result.attempts) == 2)
    await handle.signal("responded", {"channel": "whatsapp", "text": "or at 11?"})
    await env.fast_forward(handle, timedelta(hours=3))
    return handle


async def handed_over(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    plan = asked("hand_over", CUSTOMER, LATER, AGENT, context={"order": "1234"})
    handle = await wrote(env, queue, plan)
    await until(handle, lambda result: states(result)[-1] == "agent accepted")
    await handle.signal("claimed", {"agent": "Sam"})
    await handle.signal("answered", {"agent": "Sam", "text": "At what door?", "keep_open": True})
    await until(handle, lambda result: len(result.attempts) == 4)
    await handle.signal("responded", {"channel": "whatsapp", "text": "the back door"})
    await handle.signal("answered", {"agent": "Sam", "text": "See you.", "choice": "yes"})
    return handle


async def handed_over_to_nobody(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    handle = await wrote(env, queue, asked("hand_over", CUSTOMER, AGENT, LATER))
    await until(handle, lambda result: states(result)[-1] == "agent accepted")
    await env.fast_forward(handle, timedelta(hours=4))
    return handle


async def told_of(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    notify = {"workflow_id": f"service-of-{queue.name}", "signal": "told"}
    desk = {"channel": "agent", "wait": "PT10M"}
    handle = await wrote(env, queue, asked("hand_over", CUSTOMER, desk, notify=notify))
    await until(handle, lambda result: states(result)[-1] == "agent accepted")
    await handle.signal("closed", {"agent": "Kim", "text": "moved away"})
    return handle


async def hours_of_a_number(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    night = {"hours": {"from": "03:00", "to": "03:30"}}
    person = {"recipient": {"addresses": {"phone": PHONE}}}
    handle = await queue.start(message(steps=[CUSTOMER], **night, **person))
    await env.fast_forward(handle, timedelta(days=2))
    return handle


async def in_text_within_the_window(
    env: WorkflowEnvironment, queue: Queue, _: FakeProvider
) -> Handle:
    """A template, an answer that is none, and the text on the same channel."""
    plan = asked("ask_again", CUSTOMER, CUSTOMER, LATER)
    template = {"vonage": {"name": "a1b2:home"}}
    content = {**plan.content.model_dump(mode="json"), "template": template}
    with env.with_time_skipping_disabled():
        handle = await queue.start(message(content=content, steps=[CUSTOMER, CUSTOMER, LATER]))
    first = await until(handle, lambda result: states(result) == ["whatsapp accepted"])
    told = {"channel": "whatsapp", "provider": first.attempts[0].provider}
    await handle.signal("responded", {**told, "text": "at 10?"})
    await until(handle, lambda result: states(result) == ["whatsapp accepted"] * 2)
    await handle.signal("skip")
    await until(handle, lambda result: states(result) == ["whatsapp accepted"] * 3)
    await handle.signal("responded", {**told, "text": "yes"})
    return handle


async def said_by_a_template(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    said = {"text": "Hi {{ recipient.name }}, order {{ context.order }}?", "liquid": True}
    with env.with_time_skipping_disabled():
        handle = await queue.start(
            message(content=said, context={"order": 7}, steps=[CUSTOMER, LATER])
        )
    await until(handle, lambda result: states(result) == ["whatsapp accepted"])
    await handle.signal("skip")
    await until(handle, lambda result: states(result)[-1] == "email accepted")
    await handle.signal("responded", {"channel": "email", "text": "yes"})
    return handle


TALES: tuple[Tale, ...] = (
    in_text_within_the_window,
    said_by_a_template,
    asked_again,
    asked_again_in_vain,
    handed_over,
    handed_over_to_nobody,
    told_of,
    hours_of_a_number,
)
