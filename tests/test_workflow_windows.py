"""Templates outside of WhatsApp's 24 hours, text within them; and what was sent is what is asked
for."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

from failover.attempts import Result
from failover.message import Message
from providers.base import Outbound, SendUnknown
from tests.fake_senders import FakeProvider, broken
from tests.plans import message
from tests.running import Handle, Queue, last_is, serving, until
from tests.world import eventually

WHATSAPP = {"channel": "whatsapp", "wait": "PT30H"}
CONTENT = {
    "text": "Home at 9?",
    "choices": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}],
    "template": {"vonage": {"name": "a1b2:home"}},
    "on_other": "ask_again",
}


def asking(**more: Any) -> Message:
    return message(steps=[WHATSAPP, WHATSAPP], content=CONTENT, **more)


def accepted(number: int) -> Callable[[Result], bool]:
    return lambda now: len(now.attempts) == number and last_is("accepted")(now)


async def asked(acme: FakeProvider) -> list[Outbound]:
    return acme.asked


def written_to(result: Result) -> dict[str, Any]:
    """What the person writes to the sender of the first attempt."""
    by = result.attempts[0].provider
    return {"channel": "whatsapp", "provider": by, "text": "Who is this?"}


async def skipped_to_the_second(handle: Handle) -> None:
    await until(handle, last_is("accepted"))
    await handle.signal("skip")


async def asked_again(queue: Queue) -> Handle:
    """The person has written something that is none of the choices."""
    handle = await queue.start(asking())
    first = await until(handle, accepted(1))
    await handle.signal("responded", written_to(first))
    await until(handle, accepted(2))
    return handle


def templates(acme: FakeProvider) -> list[bool]:
    return [sent.content.template is not None for sent in acme.sent]


async def test_who_has_written_gets_text_for_a_day(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await asked_again(queue)
            await handle.signal("skip")
            await until(handle, accepted(3))
            await handle.cancel()

    assert templates(acme) == [True, False, False]


async def test_the_day_is_over_when_the_next_step_comes(env: WorkflowEnvironment) -> None:
    acme = FakeProvider()

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await asked_again(queue)
        await env.fast_forward(handle, timedelta(hours=31))
        await until(handle, accepted(3))
        await handle.cancel()

    assert templates(acme) == [True, False, True]


@pytest.mark.parametrize("other", [{"provider": "another"}, {"channel": "sms"}])
async def test_another_senders_window_is_none_of_ours(
    env: WorkflowEnvironment, other: dict[str, str]
) -> None:
    acme = FakeProvider()
    sms = {"channel": "sms", "wait": "PT1H"}

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=[sms, WHATSAPP], content=CONTENT))
            first = await until(handle, accepted(1))
            await handle.signal("responded", written_to(first) | other)
            await handle.signal("skip")
            await until(handle, lambda now: now.attempts[-1].channel == "whatsapp")
            await until(handle, last_is("accepted"))
            await handle.cancel()

    [whatsapp] = [sent for sent in acme.sent if sent.channel == "whatsapp"]
    assert whatsapp.content.template is not None


async def test_what_is_looked_up_is_what_was_sent(env: WorkflowEnvironment) -> None:
    """The person writes while nobody knows whether the template has arrived."""
    acme = FakeProvider()
    acme.then("whatsapp", acme.accept, broken(SendUnknown("dropped")), acme.accept)

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(asking())
            await skipped_to_the_second(handle)
            first = await until(handle, last_is("unknown"))
            await handle.signal("responded", written_to(first))
            await until(handle, lambda now: bool(now.responses))
        await env.fast_forward(handle, timedelta(minutes=5))
        await eventually(lambda: asked(acme), lambda found: found)
        await handle.cancel()

    assert all(asked.content.template is not None for asked in acme.asked)
