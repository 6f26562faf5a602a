"""Two things at once: which of them counts, and that nothing is sent that need not be."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowFailureError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from failover.attempts import Result
from failover.events import OptOut, Response
from tests.fake_senders import FakeProvider
from tests.plans import message
from tests.running import Handle, Queue, last_is, seen, serving, states, until
from tests.world import eventually

FIRED = EventType.EVENT_TYPE_TIMER_FIRED
SIGNALED = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
TAKEN = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
#: Long enough to see that it was accepted and to end the worker first, on a slow machine.
WAIT = timedelta(seconds=6)
SOON = [{"channel": "whatsapp", "wait": WAIT.total_seconds()}, {"channel": "sms", "wait": "PT20M"}]
LATER = [{"channel": "whatsapp", "wait": "PT20M"}, {"channel": "sms", "wait": "PT20M"}]

Act = Callable[[Handle], Awaitable[object]]


async def replies(handle: Handle) -> None:
    await handle.signal("responded", Response(channel="sms", text="yes", provider_id="reply"))


async def says_stop(handle: Handle) -> None:
    await handle.signal("opted_out", OptOut(channel="whatsapp", text="STOP"))


async def replies_by_mail(handle: Handle) -> None:
    await handle.signal("responded", Response(channel="email", text="no", provider_id="mail"))


async def the_timer_fires(handle: Handle) -> None:
    await happened(handle, FIRED)


async def is_skipped(handle: Handle) -> None:
    await handle.signal("skip")


async def happened(handle: Handle, kind: EventType.ValueType) -> None:
    async def events() -> list[EventType.ValueType]:
        return [event.event_type for event in (await handle.fetch_history()).events]

    await eventually(events, lambda seen: [True] if kind in seen else [])


async def started(queue: Queue, env: WorkflowEnvironment, **more: object) -> Handle:
    with env.with_time_skipping_disabled():
        return await queue.start(message(**more))


async def in_one_task(
    env: WorkflowEnvironment, acme: FakeProvider, steps: object, *acts: Act
) -> tuple[Handle, Result]:
    """The end of a message to which all this happened before a worker had seen any of it."""
    async with serving(env.client, workflows=False, acme=acme) as queue:
        async with queue.workflow_worker():
            handle = await started(queue, env, steps=steps)
            await until(handle, last_is("accepted"))
        for act in acts:
            await act(handle)
        async with queue.workflow_worker():
            return handle, await handle.result()


@pytest.mark.parametrize(
    ("acts", "order"),
    [
        ((replies, the_timer_fires), [SIGNALED, FIRED]),
        ((the_timer_fires, replies), [FIRED, SIGNALED]),
    ],
    ids=["reply first", "timer first"],
)
async def test_a_reply_and_the_timer_in_one_task_sends_nothing_more(
    env: WorkflowEnvironment, acts: tuple[Act, ...], order: list[EventType.ValueType]
) -> None:
    acme = FakeProvider()

    handle, result = await in_one_task(env, acme, SOON, *acts)

    events = [event.event_type for event in (await handle.fetch_history()).events]
    assert [event for event in events if event in (FIRED, SIGNALED)] == order
    assert result.outcome == "responded"
    assert acme.channels() == ["whatsapp"]


@pytest.mark.parametrize("acts", [(replies, says_stop), (says_stop, replies)])
async def test_stop_and_a_reply_in_one_task_are_both_kept_and_stop_is_the_outcome(
    env: WorkflowEnvironment, acts: tuple[Act, ...]
) -> None:
    acme = FakeProvider()

    _, result = await in_one_task(env, acme, LATER, *acts)

    assert result.outcome == "opted_out"
    assert [said.text for said in result.responses] == ["yes"]
    assert [said.text for said in result.opt_outs] == ["STOP"]
    assert acme.channels() == ["whatsapp"]


async def test_replies_on_two_channels_in_one_task_are_both_kept_in_their_order(
    env: WorkflowEnvironment,
) -> None:
    _, result = await in_one_task(env, FakeProvider(), LATER, replies_by_mail, replies)

    assert result.outcome == "responded"
    assert [(said.channel, said.choice) for said in result.responses] == [
        ("email", "no"),
        ("sms", "yes"),
    ]


@pytest.mark.parametrize("acts", [(is_skipped, replies), (replies, is_skipped)])
async def test_a_skip_and_a_reply_in_one_task_send_nothing_more(
    env: WorkflowEnvironment, acts: tuple[Act, ...]
) -> None:
    acme = FakeProvider()

    _, result = await in_one_task(env, acme, LATER, *acts)

    assert result.outcome == "responded"
    assert acme.channels() == ["whatsapp"]


@pytest.mark.parametrize("acts", [(is_skipped, the_timer_fires), (the_timer_fires, is_skipped)])
async def test_a_skip_and_the_timer_in_one_task_pass_over_one_step_and_no_more(
    env: WorkflowEnvironment, acts: tuple[Act, ...]
) -> None:
    acme = FakeProvider()

    async with serving(env.client, workflows=False, acme=acme) as queue:
        async with queue.workflow_worker():
            handle = await started(queue, env, steps=SOON)
            await until(handle, last_is("accepted"))
        for act in acts:
            await act(handle)
        async with queue.workflow_worker():
            await until(handle, lambda now: states(now)[1:] == ["sms accepted"])
            await handle.cancel()

    assert acme.channels() == ["whatsapp", "sms"]


async def test_a_reply_and_a_cancel_in_one_task_end_it_and_send_nothing_more(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()

    async def is_cancelled(handle: Handle) -> None:
        await handle.cancel()

    _, result = await in_one_task(env, acme, LATER, is_cancelled, replies)

    assert result.outcome == "responded"
    assert acme.channels() == ["whatsapp"]


async def test_of_replies_around_the_end_each_that_was_taken_is_kept(
    env: WorkflowEnvironment,
) -> None:
    """One that comes with the closing task makes Temporal refuse that task, and is seen then."""
    taken: dict[str, int] = {}

    async def reply(handle: Handle, number: int) -> None:
        await asyncio.sleep(number * 0.002)
        said = Response(channel="sms", text="yes", provider_id=f"reply-{number}")
        with suppress(RPCError):  # it has ended
            await handle.signal("responded", said)
            taken[handle.id] = taken.get(handle.id, 0) + 1

    async with serving(env.client, acme=FakeProvider()) as queue:
        handles = [await started(queue, env, steps=LATER) for _ in range(10)]
        for handle in handles:
            await until(handle, last_is("accepted"))
        await asyncio.gather(*(reply(handle, n) for handle in handles for n in range(20)))
        results = [await handle.result() for handle in handles]

    assert [len(result.responses) for result in results] == [taken[h.id] for h in handles]
    assert {result.outcome for result in results} == {"responded"}


async def test_replies_at_the_very_time_of_the_timer_are_all_heeded(
    env: WorkflowEnvironment,
) -> None:
    """What had gone out by then had been taken up by a worker before the reply was there."""
    acme = FakeProvider()

    async def answered_at_its_time(queue: Queue, number: int) -> Handle:
        handle = await queue.start(message(steps=SOON))
        result = await until(handle, last_is("accepted"))
        assert result.attempts[0].accepted_at
        due = result.attempts[0].accepted_at + WAIT + timedelta(milliseconds=10 * number - 100)
        await asyncio.sleep((due - datetime.now(UTC)).total_seconds())
        await replies(handle)
        return handle

    async with serving(env.client, acme=acme) as queue:
        # Once around all of them: left by turns, it would stay disabled for every test after.
        with env.with_time_skipping_disabled():
            handles = await asyncio.gather(*(answered_at_its_time(queue, n) for n in range(20)))
        results = [await handle.result() for handle in handles]

    assert {result.outcome for result in results} == {"responded"}
    for handle, result in zip(handles, results, strict=True):
        if len(result.attempts) > 1 and result.attempts[1].provider_id:
            assert await taken_up(handle, "attempt-2") <= await told(handle)


async def taken_up(handle: Handle, activity: str) -> datetime:
    events = (await handle.fetch_history()).events
    (scheduled,) = [
        e.event_id
        for e in events
        if e.activity_task_scheduled_event_attributes.activity_id == activity
    ]
    times = [
        e.event_time.ToDatetime(UTC)
        for e in events
        if e.activity_task_started_event_attributes.scheduled_event_id == scheduled
    ]
    return times[-1]


async def told(handle: Handle) -> datetime:
    events = (await handle.fetch_history()).events
    return next(e.event_time.ToDatetime(UTC) for e in events if e.event_type == SIGNALED)


async def test_a_reply_while_a_send_waits_for_its_turn_under_a_rate_limit_stops_it(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()

    async with (
        serving(env.client, unserved=("acme",)) as queue,
        queue.send_worker("acme", acme, per_second=0.02),
    ):
        handles = [await started(queue, env, steps=LATER) for _ in range(4)]
        for handle in handles:
            await until(handle, lambda now: bool(now.attempts))
        # The limit lets one or two go at once, or none; the rest have minutes to wait.
        await asyncio.gather(*(replies(handle) for handle in handles))
        results = [await handle.result() for handle in handles]

    assert {result.outcome for result in results} == {"responded"}
    ends = [states(result) for result in results]
    assert ["whatsapp skipped"] in ends
    assert len(acme.sent) == ends.count(["whatsapp accepted"])


async def test_a_skip_during_a_send_lets_it_end_and_then_goes_on(env: WorkflowEnvironment) -> None:
    acme, answered = FakeProvider(), threading.Event()
    acme.then("whatsapp", acme.accept_after(answered))

    async with serving(env.client, acme=acme) as queue:
        handle = await started(queue, env, steps=LATER)
        await until(handle, lambda _: len(acme.sent) == 1)
        await is_skipped(handle)
        await happened(handle, SIGNALED)
        before = acme.channels()
        answered.set()
        result = await until(handle, lambda now: states(now)[1:] == ["sms accepted"])
        await handle.cancel()

    assert before == ["whatsapp"]
    assert states(result) == ["whatsapp accepted", "sms accepted"]
    assert acme.channels() == ["whatsapp", "sms"]


async def test_a_deadline_during_a_send_lets_it_end_and_sends_nothing_more(
    env: WorkflowEnvironment,
) -> None:
    acme, answered = FakeProvider(), threading.Event()
    acme.then("whatsapp", acme.accept_after(answered))

    async with serving(env.client, acme=acme) as queue:
        soon = datetime.now(UTC) + WAIT
        handle = await started(queue, env, steps=LATER, deadline=soon.isoformat())
        await until(handle, lambda _: len(acme.sent) == 1)
        await happened(handle, FIRED)
        answered.set()
        result = await handle.result()

    assert result.outcome == "expired"
    assert states(result) == ["whatsapp accepted"]
    assert acme.channels() == ["whatsapp"]


async def test_a_send_that_is_taken_in_the_task_that_cancels_is_accepted(
    env: WorkflowEnvironment,
) -> None:
    acme, gate = FakeProvider(), threading.Event()
    acme.then("whatsapp", acme.accept_after(gate))
    async with serving(env.client, workflows=False, acme=acme) as queue:
        async with queue.workflow_worker():
            handle = await started(queue, env, steps=LATER)
            await until(handle, lambda now: bool(acme.sent))
        await handle.cancel()
        gate.set()
        await happened(handle, TAKEN)
        async with queue.workflow_worker():
            with pytest.raises(WorkflowFailureError):
                await handle.result()
            result = await seen(handle)

    assert str(result.attempts[0].state) == "accepted"
