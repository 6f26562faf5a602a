"""A service hears of a message: the workflows on the real server, and real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from aiohttp import web
from standardwebhooks import Webhook
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import (
    Interceptor,
    Replayer,
    StartChildWorkflowInput,
    Worker,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from activities.notification import NOTIFY_QUEUE, Notification
from activities.notify import Notifications
from failover.attempts import Result
from failover.events import FailureClass
from failover.message import Message
from failover.names import BACK_OFFICE, NOTIFICATION_WORKFLOW
from failover.notices import AboutEnd, MessageEnded
from failover.notify import NOWHERE, Targets
from tests.fake_senders import FakeProvider, refuse
from tests.plans import message
from tests.receiver import SECRET, Receiver, answer, receiving
from tests.running import Handle, Queue, last_is, serving, until
from workers.serve import RUNNER
from workflows.message import MessageWorkflow
from workflows.notification import GIVE_UP, NotificationWorkflow

STARTED = EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED
INITIATED = EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED
NOBODY = "https://shop.example.com/events"
AT_ONCE = [{"channel": channel, "wait": 1} for channel in ("whatsapp", "sms", "email")]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@asynccontextmanager
async def telling(client: Client, notify: Any = None) -> AsyncIterator[None]:
    """The workers that have services told, on their real queues."""
    told = notify or Notifications([Webhook(SECRET)], Targets()).notify
    async with AsyncExitStack() as stack:
        beside = Worker(client, task_queue=BACK_OFFICE, workflows=[NotificationWorkflow])
        await stack.enter_async_context(beside)
        await stack.enter_async_context(Worker(client, task_queue=NOTIFY_QUEUE, activities=[told]))
        yield


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"].removeprefix("message.") for event in events]


async def ended(handle: WorkflowHandle[Any, Any]) -> WorkflowExecutionStatus | None:
    return (await handle.describe()).status


async def children(handle: Handle) -> list[str]:
    """What the message has started workflows to tell of, in order, like `1-accepted`."""
    history = await handle.fetch_history()
    ids = [
        event.child_workflow_execution_started_event_attributes.workflow_execution.workflow_id
        for event in history.events
        if event.event_type == STARTED
    ]
    told = [id.removeprefix(f"notification-{handle.id.removeprefix('message-')}-") for id in ids]
    return sorted(told, key=lambda one: int(one.partition("-")[0]))


async def test_a_service_hears_the_whole_story_signed_and_in_order(
    env: WorkflowEnvironment, receiver: Receiver
) -> None:
    acme = FakeProvider()
    asked = message(notify=receiver.url, context={"order": 7})

    async with telling(env.client), serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(asked)
        await until(handle, last_is("accepted"))
        await handle.signal("reported", {"attempt": 1, "status": "delivered"})
        await env.fast_forward(handle, timedelta(minutes=31))
        await until(
            handle, lambda result: len(result.attempts) == 2 and last_is("accepted")(result)
        )
        await handle.signal("responded", {"channel": "whatsapp", "text": "yes, ünbedingt"})
        await asyncio.wait_for(handle.result(), 60)
        await receiver.until(lambda receiver: len(receiver.events) == 6)

    told = receiver.in_order()
    assert kinds(told) == [
        *("accepted", "delivered", "failed_over", "accepted", "responded", "ended"),
    ]
    assert [event["data"]["sequence"] for event in told] == [1, 2, 3, 4, 5, 6]
    assert {event["data"]["message_id"] for event in told} == {asked.id}
    assert [event["data"]["context"] for event in told] == [{"order": 7}] * 6
    assert told[4]["data"]["text"] == "yes, ünbedingt"
    assert told[5]["data"]["outcome"] == "responded"


async def test_a_dead_service_delays_nothing(env: WorkflowEnvironment, receiver: Receiver) -> None:
    """The message ends while the service still holds the first event."""
    over = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    receiver.always = hang
    async with telling(env.client), serving(env.client, acme=FakeProvider()) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(notify=receiver.url, steps=AT_ONCE))
        result = await asyncio.wait_for(handle.result(), 60)
        over.set()

    assert result.outcome == "exhausted"
    assert receiver.requests


async def test_no_worker_to_tell_a_service_delays_nothing(env: WorkflowEnvironment) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(notify=NOBODY, steps=AT_ONCE))
        result = await asyncio.wait_for(handle.result(), 60)

    assert result.outcome == "exhausted"
    assert len(await children(handle)) == 6


@asynccontextmanager
async def slow_to_start_children(
    queue: Queue, until: Callable[[Result], bool]
) -> AsyncIterator[None]:
    """A Temporal that starts no child of a message before this holds of it."""

    class Inbound(WorkflowInboundInterceptor):
        def init(self, outbound: WorkflowOutboundInterceptor) -> None:
            super().init(Outbound(outbound))

    class Outbound(WorkflowOutboundInterceptor):
        async def start_child_workflow(
            self, input: StartChildWorkflowInput
        ) -> workflow.ChildWorkflowHandle[Any, Any]:
            message: MessageWorkflow = workflow.instance()
            await workflow.wait_condition(lambda: until(message.conversation()))
            return await super().start_child_workflow(input)

    class Slow(Interceptor):
        def workflow_interceptor_class(
            self, input: WorkflowInterceptorClassInput
        ) -> type[WorkflowInboundInterceptor]:
            return Inbound

    async with queue.workflow_worker(Slow()):
        yield


async def test_a_temporal_slow_to_start_children_holds_no_send_and_loses_no_event(
    env: WorkflowEnvironment,
) -> None:
    """None is started before the message has come to its end, and then all are."""
    acme = FakeProvider()
    async with (
        serving(env.client, acme=acme, workflows=False) as queue,
        slow_to_start_children(queue, lambda result: result.outcome is not None),
    ):
        handle = await queue.start(message(notify=NOBODY))
        result = await asyncio.wait_for(handle.result(), 60)

    assert result.outcome == "exhausted"
    assert acme.channels() == ["whatsapp", "sms", "email"]
    assert len(await children(handle)) == 6


async def test_a_reply_while_the_last_children_start_is_told_as_well(
    env: WorkflowEnvironment,
) -> None:
    async with (
        serving(env.client, acme=FakeProvider(), workflows=False) as queue,
        slow_to_start_children(queue, lambda result: bool(result.responses)),
    ):
        handle = await queue.start(message(notify=NOBODY))
        await until(handle, lambda result: result.outcome is not None)
        await handle.signal("responded", {"channel": "sms", "text": "too late?"})
        await asyncio.wait_for(handle.result(), 60)

    assert (await children(handle))[-2:] == ["6-ended", "7-responded"]


async def test_a_cancel_while_the_last_children_start_loses_no_event(
    env: WorkflowEnvironment,
) -> None:
    async with (
        serving(env.client, acme=FakeProvider(), workflows=False) as queue,
        slow_to_start_children(queue, lambda result: bool(result.responses)),
    ):
        handle = await queue.start(message(notify=NOBODY))
        await until(handle, lambda result: result.outcome is not None)
        await handle.cancel()
        await handle.signal("responded", {"channel": "sms", "text": "too late?"})
        result = await asyncio.wait_for(handle.result(), 60)

    assert result.outcome == "exhausted"
    assert (await children(handle))[-2:] == ["6-ended", "7-responded"]


async def test_a_cancel_is_told_as_the_end(env: WorkflowEnvironment, receiver: Receiver) -> None:
    async with telling(env.client), serving(env.client, acme=FakeProvider()) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(notify=receiver.url))
        await until(handle, last_is("accepted"))
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await asyncio.wait_for(handle.result(), 60)
        await receiver.until(lambda receiver: len(receiver.events) == 2)

    told = receiver.in_order()
    assert kinds(told) == ["accepted", "ended"]
    assert told[1]["data"]["outcome"] == "cancelled"
    assert await ended(handle) == WorkflowExecutionStatus.CANCELED


async def test_a_message_that_says_no_notify_starts_nothing(env: WorkflowEnvironment) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        handle = await queue.start(message())
        await asyncio.wait_for(handle.result(), 60)

    history = await handle.fetch_history()
    assert not [event for event in history.events if event.event_type == INITIATED]


@pytest.mark.parametrize(
    ("url", "targets", "says"),
    [
        ("https://shop.example.com/?token=hush", NOWHERE, "a URL needs NOTIFY_SECRET"),
        ("http://shop.example.com/?token=hush", Targets(private=()), "should be an https URL"),
    ],
)
async def test_a_service_that_cannot_be_told_is_refused_when_the_message_starts(
    env: WorkflowEnvironment, url: str, targets: Targets, says: str
) -> None:
    acme = FakeProvider()
    async with serving(env.client, acme=acme, targets=targets) as queue:
        handle = await queue.start(message(notify=url))
        with pytest.raises(WorkflowFailureError) as failed:
            await asyncio.wait_for(handle.result(), 60)

    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.message.startswith(f"invalid message: notify: {says}")
    assert "hush" not in cause.message
    assert acme.sent == []
    assert await children(handle) == []


async def test_a_message_invalid_otherwise_is_told_to_nobody(env: WorkflowEnvironment) -> None:
    asked = message(
        notify="https://shop.example.com/", steps=[{"channel": "push", "wait": 1, "to": "x"}]
    )
    async with serving(env.client, acme=FakeProvider()) as queue:
        handle = await queue.start(asked)
        with pytest.raises(WorkflowFailureError):
            await asyncio.wait_for(handle.result(), 60)

    assert await children(handle) == []


async def test_an_event_whose_workflow_exists_is_no_error(
    env: WorkflowEnvironment, receiver: Receiver
) -> None:
    """As after a reset of the message."""
    asked = message(notify=receiver.url)
    known = f"notification-{asked.id}-1-accepted"
    await env.client.start_workflow("Nobody", id=known, task_queue="nobody")

    async with telling(env.client), serving(env.client, acme=FakeProvider()) as queue:
        handle = await queue.start(asked)
        result = await asyncio.wait_for(handle.result(), 60)

    assert result.outcome == "exhausted"
    assert len(await children(handle)) == 5


@pytest.mark.parametrize("ending", ["answered", "cancelled"])
async def test_histories_with_events_replay(
    env: WorkflowEnvironment, receiver: Receiver, ending: str
) -> None:
    acme = FakeProvider()
    acme.then("whatsapp", refuse(FailureClass.ADDRESS))
    async with telling(env.client), serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message(notify=receiver.url))
        await until(handle, last_is("accepted"))
        for number in range(3):
            await handle.signal("reported", {"attempt": 2, "status": "sent", "event_id": number})
        await handle.signal("reported", {"attempt": 2, "status": "delivered"})
        if ending == "answered":
            await handle.signal("responded", {"channel": "sms", "text": "yes"})
        else:
            await handle.cancel()
        await asyncio.gather(handle.result(), return_exceptions=True)

    history = await handle.fetch_history()
    replayer = Replayer(
        workflows=[MessageWorkflow],
        data_converter=env.client.data_converter,
        workflow_runner=RUNNER,
    )
    await replayer.replay_workflow(history)


async def notified(client: Client, notify: Any) -> WorkflowHandle[Any, Any]:
    id = f"evt_{uuid4().hex}"
    about = AboutEnd(message_id="order-1", outcome="responded", sequence=1)
    notice = MessageEnded(id=id, timestamp=datetime.now(UTC), data=about)
    given = Notification(notify=notify, notice=notice)
    return await client.start_workflow(
        NOTIFICATION_WORKFLOW, given, id=f"notification-{id}", task_queue=BACK_OFFICE
    )


async def took(handle: WorkflowHandle[Any, Any]) -> timedelta:
    described = await handle.describe()
    assert described.close_time
    return described.close_time - described.start_time


async def failure(handle: WorkflowHandle[Any, Any]) -> str:
    with pytest.raises(WorkflowFailureError) as failed:
        await asyncio.wait_for(handle.result(), 60)
    assert await ended(handle) == WorkflowExecutionStatus.FAILED
    assert isinstance(failed.value.cause, ActivityError)
    return str(failed.value.cause.cause)


async def test_it_is_tried_for_a_day_and_then_has_failed(
    env: WorkflowEnvironment, receiver: Receiver
) -> None:
    receiver.always = answer(500)

    async with telling(env.client):
        handle = await notified(env.client, receiver.url)
        said = await failure(handle)

    assert "127.0.0.1 answered 500" in said
    assert GIVE_UP - timedelta(hours=2) < await took(handle) < GIVE_UP + timedelta(minutes=5)
    assert 20 < len(receiver.events) < 40
    assert len({event["id"] for event in receiver.events}) == 1


async def test_a_service_that_comes_back_hears_of_it(
    env: WorkflowEnvironment, receiver: Receiver
) -> None:
    receiver.answers = [answer(500), answer(503, Retry_After="3000"), answer(404)]

    async with telling(env.client):
        handle = await notified(env.client, receiver.url)
        await asyncio.wait_for(handle.result(), 60)

    assert len(receiver.verified()) == 4
    assert timedelta(seconds=3000) < await took(handle) < timedelta(seconds=3600)


async def test_a_service_that_wants_no_more_fails_visibly_and_at_once(
    env: WorkflowEnvironment, receiver: Receiver
) -> None:
    receiver.always = answer(410)

    async with telling(env.client):
        said = await failure(await notified(env.client, receiver.url))

    assert "410" in said
    assert len(receiver.events) == 1


@workflow.defn(name="Order", sandboxed=False)
class Order:
    """A service's own workflow, which hears by the signal `heard` until it has the end."""

    def __init__(self) -> None:
        self._heard: list[dict[str, Any]] = []

    @workflow.run
    async def run(self) -> list[dict[str, Any]]:
        await workflow.wait_condition(
            lambda: (
                any(e["type"] == "message.ended" for e in self._heard)
                and len(self._heard) == self._heard[-1]["data"]["sequence"]
            )
        )
        return self._heard

    @workflow.signal
    def heard(self, event: dict[str, Any]) -> None:
        self._heard.append(event)
        self._heard.sort(key=lambda event: int(event["data"]["sequence"]))


def of_order(id: str, **more: Any) -> Message:
    return message(notify={"workflow_id": id, "signal": "heard"}, **more)


async def test_a_workflow_of_the_service_hears_the_same(env: WorkflowEnvironment) -> None:
    id = f"order-{uuid4().hex[:8]}"
    async with (
        telling(env.client, Notifications([], NOWHERE).notify),
        serving(env.client, acme=FakeProvider(), targets=NOWHERE) as queue,
        Worker(env.client, task_queue="orders", workflows=[Order]),
    ):
        order = await env.client.start_workflow(Order.run, id=id, task_queue="orders")
        await asyncio.wait_for((await queue.start(of_order(id))).result(), 60)
        told = await asyncio.wait_for(order.result(), 60)

    assert kinds(told)[-1] == "ended"
    assert [event["data"]["sequence"] for event in told] == [1, 2, 3, 4, 5, 6]
    assert all(event["id"].startswith("evt_") for event in told)


async def test_a_workflow_that_starts_a_moment_later_hears_of_it(env: WorkflowEnvironment) -> None:
    id = f"order-{uuid4().hex[:8]}"
    async with telling(env.client, Notifications([], NOWHERE).notify):
        with env.with_time_skipping_disabled():
            handle = await notified(env.client, {"workflow_id": id, "signal": "heard"})
            await tried_in_vain(handle)
            order = await env.client.start_workflow("Order", id=id, task_queue="orders-later")
        await asyncio.wait_for(handle.result(), 60)
        async with Worker(env.client, task_queue="orders-later", workflows=[Order]):
            heard = await order.result()

    assert kinds(heard) == ["ended"]


async def tried_in_vain(handle: WorkflowHandle[Any, Any]) -> None:
    for _ in range(400):
        pending = (await handle.describe()).raw_description.pending_activities
        if pending and pending[0].attempt > 1:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("never tried")


async def test_a_workflow_that_is_not_there_fails_after_some_minutes(
    env: WorkflowEnvironment,
) -> None:
    async with telling(env.client, Notifications([], NOWHERE).notify):
        handle = await notified(env.client, {"workflow_id": "nobody-here", "signal": "heard"})
        said = await failure(handle)

    assert "nobody-here is not running" in said
    assert timedelta(minutes=10) < await took(handle) < timedelta(hours=1)


async def test_no_two_messages_share_an_event(env: WorkflowEnvironment, receiver: Receiver) -> None:
    async with telling(env.client), serving(env.client, acme=FakeProvider()) as queue:
        handles = [await queue.start(message(notify=receiver.url)) for _ in range(2)]
        for handle in handles:
            await asyncio.wait_for(handle.result(), 60)
        await receiver.until(lambda receiver: len(receiver.events) == 12)

    assert len({event["id"] for event in receiver.verified()}) == 12
