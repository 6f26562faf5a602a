"""A reply that found no message at once: found later, late, or kept for an operator."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from activities.notification import NOTIFY, NOTIFY_QUEUE, Notification
from activities.opt_outs import OptOuts, known
from failover.events import OptOut, Reply, Response
from failover.message import Message
from failover.names import BACK_OFFICE, INBOUND_WORKFLOW, MESSAGE_WORKFLOW, workflow_id
from failover.notices import MessageLateResponse, ReplyUnmatched, event_id
from tests.plans import message
from tests.world import eventually
from workers.back_office import back_office_worker
from workflows.inbound import DELAYS, LATE_AFTER, InboundMessageWorkflow
from workflows.inbound_showing import InboundResult
from workflows.search_attributes import CONVERSATION, RECIPIENT, REPLY_KEYS

Handle = WorkflowHandle[Any, Any]
Kept = WorkflowHandle[Any, InboundResult]
AT = datetime(2026, 11, 21, 21, 45, tzinfo=UTC)
SERVICE = {"workflow_id": "orders", "signal": "heard"}
UNMATCHED = "https://example.com/unmatched"
STARTED = EventType.EVENT_TYPE_TIMER_STARTED
DONE = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED


HEARD: list[Notification] = []


@activity.defn(name=NOTIFY)
async def hear(told: Notification) -> None:
    HEARD.append(told)


@pytest.fixture(scope="module", autouse=True)
async def _workers(env: WorkflowEnvironment) -> AsyncIterator[None]:
    back_office = back_office_worker(env.client, opt_outs=OptOuts("key"), unmatched=UNMATCHED)
    async with back_office, Worker(env.client, task_queue=NOTIFY_QUEUE, activities=[hear]):
        yield


THREAD = f"order-{uuid4().hex[:12]}"


async def said(client: Client, *keys: str, **more: Any) -> Kept:
    """A reply that the webhooks have handed over."""
    id = f"SM{uuid4().hex}"
    given = {"channel": "sms", "provider": "twilio", "provider_id": id, "text": "a secret"}
    reply = Reply.model_validate({**given, "keys": keys, "at": AT, **more})
    return await client.start_workflow(
        INBOUND_WORKFLOW,
        reply,
        id=f"inbound-twilio-{id}",
        task_queue=BACK_OFFICE,
        result_type=InboundResult,
    )


async def asked(client: Client, *keys: str, findable: bool = True, **more: Any) -> Handle:
    """A message that no worker takes up: signals reach its history all the same."""
    # A thread of its own: what other tests have open is no part of it.
    about: Message = message(**{"conversation": f"order-{uuid4().hex[:12]}", **more})
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(REPLY_KEYS, [*keys, *(f"{key}@1763761500000" for key in keys)]),
        SearchAttributePair(CONVERSATION, about.conversation or ""),
        SearchAttributePair(RECIPIENT, about.recipient.id or ""),
    ]
    handle: WorkflowHandle[Any, Any] = await client.start_workflow(
        MESSAGE_WORKFLOW,
        about,
        id=workflow_id(about.id),
        task_queue="inbound-nobody",
        search_attributes=TypedSearchAttributes([pair for pair in pairs if pair.value]),
    )
    if findable:
        await visible(client, handle.id, "Running")
    return handle


async def ended(client: Client, *keys: str, **more: Any) -> Handle:
    handle = await asked(client, *keys, findable=False, **more)
    await handle.terminate()
    await visible(client, handle.id, "Terminated")
    return handle


async def visible(client: Client, id: str, status: str) -> None:
    query = f'WorkflowId="{id}" AND ExecutionStatus="{status}"'

    async def count() -> int:
        return (await client.count_workflows(query)).count

    await eventually(count, lambda found: [found] if found else [])


async def signals(handle: Handle) -> list[str]:
    history = await handle.fetch_history()
    told = (event.workflow_execution_signaled_event_attributes for event in history.events)
    return [one.signal_name for one in told if one.signal_name]


async def unmatched(env: WorkflowEnvironment) -> Kept:
    """What brings nothing to look for. The thirty days for which it is kept do not pass."""
    with env.with_time_skipping_disabled():
        kept = await said(env.client)
    await stands(kept, "unmatched")
    return kept


async def looks(kept: Kept) -> int:
    events = (await kept.fetch_history()).events
    return sum(event.event_type == DONE for event in events)


async def looked(kept: Kept, times: int) -> None:
    await eventually(lambda: looks(kept), lambda count: [True] if count >= times else [])


async def stands(kept: Kept, status: str) -> dict[str, Any]:
    """What it can be found by, once it is as it should be."""

    async def look() -> dict[str, Any]:
        about = await kept.describe()
        return {pair.key.name: pair.value for pair in about.typed_search_attributes}

    found: dict[str, Any] = await eventually(
        look, lambda now: [now] if now.get("MessageStatus") == status else []
    )
    return found


async def details(kept: Kept) -> str:
    told = await kept.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(told.current_details)


async def notified(id: str) -> Notification:
    """What the service was told."""

    async def look() -> list[Notification]:
        return [told for told in HEARD if told.notice.id == event_id(id)]

    told: Notification = await eventually(look, lambda found: found)
    return told


async def test_it_is_found_once_the_keys_of_what_was_sent_are_known(
    env: WorkflowEnvironment,
) -> None:
    key = uuid4().hex
    with env.with_time_skipping_disabled():
        kept = await said(env.client, key)
        await looked(kept, 1)
        handle = await asked(env.client, key)
        result = await kept.result()

    assert result == InboundResult(outcome="delivered", message_id=handle.id[8:])
    assert await signals(handle) == ["responded"]
    assert (await stands(kept, "delivered"))["Channel"] == "sms"


async def test_a_stop_that_is_found_later_is_an_opt_out(env: WorkflowEnvironment) -> None:
    handle = await asked(env.client, key := uuid4().hex)

    kept = await said(env.client, key, text="STOP", stop=True, certain=True)

    assert (await kept.result()).outcome == "delivered"
    assert await signals(handle) == ["opted_out"]


async def test_a_quoted_message_that_has_ended_hears_no_more_and_its_service_does(
    client: Client,
) -> None:
    handle = await ended(
        client, key := uuid4().hex, notify=SERVICE, context={"order": 7}, conversation=THREAD
    )

    kept = await said(client, key, exact=1, text="no")
    result = await kept.result()

    told = await notified(f"{kept.id}-late")
    assert (result.outcome, await looks(kept)) == ("late", 1)
    assert await signals(handle) == []
    assert isinstance(told.notice, MessageLateResponse)
    about = told.notice.data
    assert (about.message_id, about.conversation, about.recipient, about.context) == (
        handle.id[8:],
        THREAD,
        "cust-42",
        {"order": 7},
    )
    assert (about.text, about.choice, about.said_at) == ("no", "no", AT)
    shown = await stands(kept, "late")
    assert (shown["Conversation"], shown["Recipient"]) == (THREAD, "cust-42")


@pytest.mark.parametrize("junk", [None, b"junk", 7])
async def test_what_else_the_message_was_told_is_in_nobodys_way(client: Client, junk: Any) -> None:
    """Anybody with a client may have signalled it anything."""
    handle = await asked(client, key := uuid4().hex)
    await handle.signal("responded", junk)
    await handle.terminate()
    await visible(client, handle.id, "Terminated")

    kept = await said(client, key, exact=1, text="no")

    assert (await asyncio.wait_for(kept.result(), 20)).outcome == "late"


async def test_what_names_no_message_waits_for_one_that_was_just_sent(
    env: WorkflowEnvironment,
) -> None:
    """The person may answer a message whose send nobody is sure of yet."""
    key = uuid4().hex
    before = await ended(env.client, key, conversation=None)
    with env.with_time_skipping_disabled():
        kept = await said(env.client, key)
        await looked(kept, 2)
        handle = await asked(env.client, key, conversation=None)
        result = await kept.result()

    assert result == InboundResult(outcome="delivered", message_id=handle.id[8:])
    assert (await signals(handle), await signals(before)) == (["responded"], [])


async def test_what_names_no_message_is_late_after_two_minutes(client: Client) -> None:
    handle = await ended(client, key := uuid4().hex, conversation=None)

    kept = await said(client, key)
    result = await kept.result()

    assert result == InboundResult(outcome="late", message_id=handle.id[8:])
    assert (await looks(kept), sum(DELAYS[:LATE_AFTER])) == (LATE_AFTER + 1, 123)


async def test_the_thread_of_a_message_that_has_ended_goes_on(client: Client) -> None:
    thread = f"order-{uuid4().hex}"
    await ended(client, key := uuid4().hex, conversation=thread)
    other = {"id": "courier-1", "addresses": {"phone": "+14155550188"}}
    await asked(client, uuid4().hex, conversation=thread, recipient=other)
    handle = await asked(client, uuid4().hex, conversation=thread)

    result = await (await said(client, key)).result()

    assert result == InboundResult(outcome="delivered", message_id=handle.id[8:])


async def test_nobody_answers_what_has_not_been_sent_yet(client: Client) -> None:
    thread = f"order-{uuid4().hex}"
    handle = await ended(client, key := uuid4().hex, conversation=thread)
    unsent = await asked(client, conversation=thread)

    result = await (await said(client, key)).result()

    assert result == InboundResult(outcome="late", message_id=handle.id[8:])
    assert await signals(unsent) == []


async def test_a_conversation_is_found_whatever_is_in_its_name(client: Client) -> None:
    thread = f"order-{uuid4().hex}-of-'Dana'"
    await ended(client, key := uuid4().hex, conversation=thread)
    handle = await asked(client, uuid4().hex, conversation=thread)
    await asked(client, uuid4().hex, conversation=thread.replace("Dana", "Sam"))

    result = await (await said(client, key)).result()

    assert result == InboundResult(outcome="delivered", message_id=handle.id[8:])


@pytest.mark.parametrize("stop", [False, True])
async def test_what_has_ended_the_message_itself_is_not_late(client: Client, stop: bool) -> None:
    """The look that delivered it was lost with its worker, or the callback came twice."""
    handle = await asked(client, key := uuid4().hex, notify=SERVICE)
    told = {"channel": "sms", "provider": "twilio", "provider_id": "SM1"}
    if stop:
        await handle.signal("opted_out", OptOut.model_validate(told))
    else:
        await handle.signal("responded", Response.model_validate(told))
    await handle.terminate()
    await visible(client, handle.id, "Terminated")

    kept = await said(client, key, provider_id="SM1", exact=1, stop=stop)

    assert (await kept.result()).outcome == "delivered"


@pytest.mark.parametrize(
    ("text", "certain", "outcome", "told"),
    [
        pytest.param("cancel", False, "late", "message.late_response", id="a choice of it"),
        pytest.param("CANCEL", True, "opted_out", "message.opted_out", id="certain"),
        pytest.param("quit", False, "opted_out", "message.opted_out", id="no choice of it"),
    ],
)
async def test_a_stop_for_a_message_that_has_ended(
    client: Client, text: str, certain: bool, outcome: str, told: str
) -> None:
    cancel = {"text": "Keep it?", "choices": [{"id": "cancel", "label": "Cancel"}]}
    handle = await ended(client, key := uuid4().hex, notify=SERVICE, content=cancel)
    person = uuid4().hex

    kept = await said(client, key, exact=1, text=text, stop=True, certain=certain, person=person)
    result = await kept.result()

    assert result == InboundResult(outcome=outcome, message_id=handle.id[8:])
    assert (await notified(f"{kept.id}-late")).notice.type == told
    # What is certain was remembered by the webhooks.
    assert await known(client, person) == (outcome == "opted_out" and not certain)


async def test_a_stranger_who_says_stop_is_left_alone(client: Client) -> None:
    kept = await said(client, text="quit", stop=True, person=(person := uuid4().hex))

    assert (await kept.result()).outcome == "opted_out"
    assert await known(client, person)


async def test_a_strangers_is_kept_until_an_operator_has_seen_to_it(
    env: WorkflowEnvironment,
) -> None:
    with env.with_time_skipping_disabled():
        kept = await said(env.client, uuid4().hex)
    await env.fast_forward(kept, timedelta(minutes=11))
    shown = await stands(kept, "unmatched")
    told = await notified(kept.id)
    described = await kept.describe()
    await kept.signal("done")
    result = await kept.result()

    assert result == InboundResult(outcome="done")
    assert described.status == WorkflowExecutionStatus.RUNNING
    assert (await looks(kept), sum(DELAYS)) == (len(DELAYS) + 1, 603)
    assert told.notify == UNMATCHED
    assert isinstance(told.notice, ReplyUnmatched)
    assert (told.notice.data.inbound, told.notice.data.text) == (kept.id, "a secret")
    assert "secret" not in f"{shown} {await details(kept)} {described.static_summary}"
    assert "sms by twilio, 2026-11-21 21:45 UTC" in await details(kept)


async def test_nobody_sees_to_it_for_thirty_days(client: Client) -> None:
    kept = await said(client)

    assert (await kept.result()).outcome == "forgotten"
    lasted = await lasting(kept)
    assert timedelta(days=30) < lasted < timedelta(days=30, hours=1)


async def test_what_it_did_it_does_again(env: WorkflowEnvironment) -> None:
    handle = await ended(env.client, key := uuid4().hex, notify=SERVICE)
    late = await said(env.client, key, exact=1)
    stranger = await unmatched(env)
    await stranger.signal("assign", {"message_id": handle.id[8:]})
    replayer = Replayer(
        workflows=[InboundMessageWorkflow], data_converter=env.client.data_converter
    )

    for kept in (late, stranger):
        await kept.result()
        await replayer.replay_workflow(await kept.fetch_history())


async def lasting(kept: Kept) -> timedelta:
    events = (await kept.fetch_history()).events
    first, last = (events[at].event_time.ToDatetime(UTC) for at in (0, -1))
    return last - first


@pytest.mark.parametrize("state", ["running", "ended"])
async def test_an_operator_knows_whose_it_is(env: WorkflowEnvironment, state: str) -> None:
    start = {"running": asked, "ended": ended}[state]
    handle = await start(env.client, uuid4().hex, notify=SERVICE)
    kept = await unmatched(env)

    await kept.signal("assign", {"message_id": handle.id[8:]})

    assert await kept.result() == InboundResult(outcome="assigned", message_id=handle.id[8:])
    assert await signals(handle) == (["responded"] if state == "running" else [])
    if state == "ended":
        told = await notified(f"{kept.id}-late")
        assert told.notice.type == "message.late_response"


async def test_what_an_operator_gets_wrong_changes_nothing(env: WorkflowEnvironment) -> None:
    with env.with_time_skipping_disabled():
        kept = await said(env.client, uuid4().hex)
        await kept.signal("assign", {"message": "nobody"})
        await kept.signal("assign", {"message_id": "nobody"})
        await stands(kept, "unmatched")
        shown = await details(kept)
        await kept.signal("done")
        result = await kept.result()

    assert result.outcome == "done"
    assert "there is no message nobody" in shown
    assert "Assign: message_id: Field required" in shown


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ([], "should be one JSON object, not 0 inputs"),
        ([{"channel": "sms"}], "provider"),
        ([{"channel": "sms"}, 1], "should be one JSON object, not 2 inputs"),
        (["yes"], "invalid reply"),
    ],
)
async def test_what_is_no_reply_fails_once_and_says_why(
    client: Client, given: Sequence[Any], why: str
) -> None:
    handle = await client.start_workflow(
        INBOUND_WORKFLOW, args=given, id=f"inbound-{uuid4().hex}", task_queue=BACK_OFFICE
    )

    with pytest.raises(WorkflowFailureError) as failed:
        await asyncio.wait_for(handle.result(), 20)

    assert isinstance(failed.value.cause, ApplicationError)
    assert why in failed.value.cause.message
