"""What an operator reads in the Web UI: the story, without addresses or texts."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.testing import WorkflowEnvironment

from tests.fake_senders import FakeProvider, unavailable
from tests.plans import PHONE, message
from tests.running import Handle, last_is, serving, states, until

PATH = [{"channel": "whatsapp", "wait": 1800}, {"channel": "email", "wait": 60}]
CALL = [{"channel": "voice", "wait": 60}]


async def history(handle: Handle) -> list[HistoryEvent]:
    return list((await handle.fetch_history()).events)


def summary(event: HistoryEvent) -> str:
    return event.user_metadata.summary.data.decode().strip('"')


async def test_activities_and_timers_tell_the_story(env: WorkflowEnvironment) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        handle = await queue.start(message(steps=PATH))
        await handle.result()
        events = await history(handle)

    sends = [
        event for event in events if event.HasField("activity_task_scheduled_event_attributes")
    ]
    types = [e.activity_task_scheduled_event_attributes.activity_type.name for e in sends]
    assert types == ["send_whatsapp", "send_email"]
    name = queue.provider("acme")
    assert [summary(event) for event in sends] == [
        f"1: WhatsApp by {name} to +1415•••0100",
        f"2: email by {name} to d•••@example.com",
    ]
    timers = [
        summary(event) for event in events if event.HasField("timer_started_event_attributes")
    ]
    assert "wait for a reply on WhatsApp, then email" in timers
    assert "wait for a reply on email" in timers


async def test_a_call_is_called_one(env: WorkflowEnvironment) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        handle = await queue.start(message(steps=CALL))
        await handle.result()
        events = await history(handle)

    types = [event.activity_task_scheduled_event_attributes.activity_type.name for event in events]
    assert "place_call" in types


async def test_the_run_has_a_summary_and_is_found_by_what_it_is(env: WorkflowEnvironment) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        await until(handle, last_is("accepted"))
        described = await handle.describe()
        details = await handle.query("__temporal_workflow_metadata")
        await handle.signal("responded", {"channel": "whatsapp", "text": "yes, at 9"})
        await handle.result()
        ended = await handle.describe()

    assert await described.static_summary() == "whatsapp, then sms, then email, until replied"
    found = described.search_attributes
    assert found["MessageStatus"] == ["open"]
    assert found["Recipient"] == ["cust-42"]
    assert found["Conversation"] == ["order-1234"]
    assert found["Channel"] == ["whatsapp"]
    assert any(key == f"key-{PHONE}" for key in found["ReplyKeys"])  # the fake's own key
    assert "wait for a reply on WhatsApp, then SMS" in str(details)
    assert "+1415•••0100" in str(details)
    assert ended.search_attributes["MessageStatus"] == ["responded"]


async def test_no_address_and_no_text_is_in_summaries_or_details(env: WorkflowEnvironment) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        await until(handle, last_is("accepted"))
        await handle.signal("responded", {"channel": "whatsapp", "text": "my secret"})
        await handle.result()
        details = str(await handle.query("__temporal_workflow_metadata"))
        events = await history(handle)

    said = details + "".join(summary(event) for event in events)
    for hidden in (PHONE, "dana@", "secret", "home at 9"):
        assert hidden not in said


async def test_news_that_changes_nothing_costs_no_new_timer(env: WorkflowEnvironment) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        await until(handle, last_is("accepted"))
        before = timers(await once(handle, waits))
        await handle.signal("reported", {"attempt": 1, "status": "delivered"})
        await until(handle, last_is("delivered"))
        after = timers(await once(handle, signal_handled))
        await handle.cancel()

    assert after == before


def timers(events: list[HistoryEvent]) -> list[str]:
    started = EventType.EVENT_TYPE_TIMER_STARTED
    return [summary(event) for event in events if event.event_type == started]


def waits(events: list[HistoryEvent]) -> bool:
    return any(told.startswith("wait for a reply") for told in timers(events))


def signal_handled(events: list[HistoryEvent]) -> bool:
    """A task's timers are stored together with its end, which a query does not wait for."""
    types = [event.event_type for event in events]
    signalled = types.index(EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED)
    return EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED in types[signalled:]


async def once(
    handle: Handle, holds: Callable[[list[HistoryEvent]], bool], seconds: float = 20
) -> list[HistoryEvent]:
    """The history as soon as this holds of it."""
    end = time.monotonic() + seconds
    while not holds(events := await history(handle)):
        assert time.monotonic() < end, "never came to hold"
        await asyncio.sleep(0.05)
    return events


async def test_what_was_sent_is_found_while_the_next_send_is_under_way(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    acme.then("email", unavailable(timedelta(minutes=5)))
    steps = [
        {"channel": "whatsapp", "wait": 0},
        {"channel": "email", "wait": 60, "send_within": 600},
    ]

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(steps=steps))
        await until(handle, lambda now: states(now) == ["whatsapp accepted", "email sending"])
        found = (await handle.describe()).search_attributes
        await handle.cancel()

    assert found["Channel"] == ["whatsapp"]
    assert f"key-{PHONE}" in found["ReplyKeys"]
