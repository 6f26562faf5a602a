"""Providers under failure: who is passed over, who is asked first, and what is told of them."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from temporalio.testing import WorkflowEnvironment

from activities.health import Health
from failover.channels import Channel
from failover.events import FailureClass
from tests.fake_senders import FakeProvider, refuse, unavailable
from tests.plans import message
from tests.running import last_is, seen, serving, states, until

SMS = {"channel": "sms", "wait": "PT20M"}
EMAIL = {"channel": "email", "wait": "PT2H"}
MINUTE = timedelta(minutes=1)


def broken_down(*channels: str) -> Health:
    """A provider that one more send on these channels would not be wasted on."""
    health = Health("acme", list(Channel))
    health.drained = frozenset(map(Channel, channels))
    return health


async def test_after_an_account_error_the_next_message_goes_by_the_next_provider_at_once(
    env: WorkflowEnvironment,
) -> None:
    acme, best = FakeProvider(), FakeProvider()
    acme.then("sms", refuse(FailureClass.ACCOUNT))
    health = Health("acme", list(Channel))

    async with serving(env.client, acme=acme, best=best, healths={"acme": health}) as queue:
        with env.with_time_skipping_disabled():
            first = await queue.start(message(steps=[SMS, EMAIL]))
            await until(first, last_is("accepted"))
            second = await queue.start(message(steps=[SMS, EMAIL]))
            result = await until(second, last_is("accepted"))
    health.close()

    assert len(acme.sent) == 1
    assert states(result) == ["sms unavailable", "sms accepted"]
    failure = result.attempts[0].failure
    assert failure is not None
    assert (failure.code, failure.detail) == ("passed_over", "an account error")
    spent = result.attempts[0].changes[1].at - result.attempts[0].changes[0].at
    assert spent < timedelta(seconds=10)


async def test_when_every_provider_of_a_channel_is_passed_over_the_next_channel_comes(
    env: WorkflowEnvironment,
) -> None:
    acme, best = FakeProvider(), FakeProvider()
    healths = {"acme": broken_down("sms"), "best": broken_down("sms")}

    async with serving(env.client, acme=acme, best=best, healths=healths) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=[SMS, EMAIL]))
            result = await until(handle, last_is("accepted"))

    assert states(result) == ["sms unavailable", "sms unavailable", "email accepted"]
    assert acme.channels() == ["email"]


async def test_a_provider_in_trouble_is_asked_all_the_same_where_nothing_else_is_left(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    acme.then("sms", refuse(FailureClass.ACCOUNT), acme.accept)
    health = Health("acme", list(Channel))

    async with serving(env.client, acme=acme, healths={"acme": health}) as queue:
        with env.with_time_skipping_disabled():
            first = await queue.start(message(steps=[SMS, EMAIL]))
            await until(first, last_is("accepted"))
            alone = await queue.start(message(steps=[SMS]))
            result = await until(alone, last_is("accepted"))
    health.close()

    assert states(result) == ["sms accepted"]


async def test_a_drained_provider_that_is_the_last_resort_has_its_time_to_come_back(
    env: WorkflowEnvironment,
) -> None:
    acme, health = FakeProvider(), broken_down("sms")

    async with serving(env.client, acme=acme, healths={"acme": health}) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=[SMS]))
            await until(handle, last_is("sending"))
            health.drained = frozenset()
            result = await until(handle, last_is("accepted"))

    assert states(result) == ["sms accepted"]


async def test_a_rate_limit_is_waited_for_as_told_and_the_next_provider_has_its_turn(
    env: WorkflowEnvironment,
) -> None:
    acme, best = FakeProvider(), FakeProvider()
    acme.then("sms", unavailable(timedelta(seconds=2)))
    step = {**SMS, "send_within": 6}

    async with serving(env.client, acme=acme, best=best) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=[step]))
            result = await until(handle, last_is("accepted"))

    assert states(result) == ["sms unavailable", "sms accepted"]
    assert len(acme.sent) == 2
    # What is left of six seconds is the second one's alone.
    assert best.sent[0].send_within >= timedelta(seconds=3)
    assert acme.sent[0].send_within == timedelta(seconds=3)
    assert [acme.sent[0].last_resort, best.sent[0].last_resort] == [False, True]


async def test_who_is_asked_first_is_seen_to_again_at_a_later_step(
    env: WorkflowEnvironment,
) -> None:
    acme, best = FakeProvider(), FakeProvider()
    turned = [False]

    def order(channel: str, names: Sequence[str]) -> Sequence[str]:
        return names[::-1] if turned[0] else names

    async with serving(env.client, acme=acme, best=best, order=order) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=[SMS, EMAIL]))
            await until(handle, last_is("accepted"))
            turned[0] = True
        await env.fast_forward(handle, timedelta(minutes=21))
        await until(handle, lambda now: states(now)[1:] == ["email accepted"])

    assert acme.channels() == ["sms"]
    assert best.channels() == ["email"]


@pytest.mark.parametrize("named", [True, False])
async def test_an_order_that_a_step_names_is_kept(env: WorkflowEnvironment, named: bool) -> None:
    acme, best = FakeProvider(), FakeProvider()

    async with serving(
        env.client, acme=acme, best=best, order=lambda _, names: names[::-1]
    ) as queue:
        asked = [queue.provider("acme"), queue.provider("best")] if named else None
        step = {**SMS, "providers": asked} if asked else SMS
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=[step]))
            await until(handle, last_is("accepted"))

    assert (acme.channels(), best.channels()) == ((["sms"], []) if named else ([], ["sms"]))


class Notes:
    def __init__(self) -> None:
        self.told: list[tuple[str, timedelta | None]] = []

    def __call__(self, provider: str, channel: str, took: timedelta | None) -> None:
        self.told.append((channel, took))


async def test_a_delivery_is_told_once_with_the_time_it_took(env: WorkflowEnvironment) -> None:
    notes = Notes()

    async with serving(env.client, acme=FakeProvider(), note=notes) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=[SMS]))
            await until(handle, last_is("accepted"))
        await env.fast_forward(handle, 7 * MINUTE)
        await handle.signal("reported", {"attempt": 1, "status": "delivered", "event_id": "1"})
        await handle.signal("reported", {"attempt": 1, "status": "delivered", "event_id": "2"})
        await handle.signal("reported", {"attempt": 1, "status": "read", "event_id": "3"})
        await until(handle, last_is("read"))
        await handle.cancel()

    (told,) = notes.told
    assert told[0] == "sms"
    assert told[1] is not None
    assert 7 * MINUTE <= told[1] < 8 * MINUTE


async def test_what_was_never_delivered_is_told_when_it_is_given_up(
    env: WorkflowEnvironment,
) -> None:
    notes = Notes()
    hasty = {"channel": "whatsapp", "wait": "PT1M"}
    steps = [{**SMS, "deliver_within": "PT2M"}, hasty, EMAIL, {"channel": "voice", "wait": "PT9M"}]

    async with serving(env.client, acme=FakeProvider(), note=notes) as queue:
        handle = await queue.start(message(steps=steps))
        result = await handle.result()

    assert result.outcome == "exhausted"
    assert notes.told == [("sms", None), ("email", None)]


async def test_a_replay_tells_nothing_again(env: WorkflowEnvironment) -> None:
    notes = Notes()

    async with serving(env.client, acme=FakeProvider(), workflows=False) as queue:
        queue.note = notes
        async with queue.workflow_worker():
            with env.with_time_skipping_disabled():
                handle = await queue.start(message(steps=[SMS]))
                await until(handle, last_is("accepted"))
                await handle.signal("reported", {"attempt": 1, "status": "delivered"})
                await until(handle, last_is("delivered"))
        async with queue.workflow_worker():
            with env.with_time_skipping_disabled():
                await handle.signal("responded", {"channel": "sms", "text": "Yes"})
                await handle.result()
                await seen(handle)

    assert len(notes.told) == 1
