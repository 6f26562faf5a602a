"""The gateway on a real server: messages are found by their reply keys and get their signals."""

import asyncio
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from failover.events import DeliveryReport, DeliveryStatus, Reply
from failover.names import MESSAGE_WORKFLOW, workflow_id
from webhooks.gateway import TemporalGateway
from workflows.search_attributes import REPLY_KEYS


async def start(client: Client, keys: list[str]) -> WorkflowHandle[object, object]:
    """A message that no worker takes up: signals reach its history all the same."""
    return await client.start_workflow(
        MESSAGE_WORKFLOW,
        id=workflow_id(uuid4().hex),
        task_queue="webhooks-nobody",
        search_attributes=TypedSearchAttributes([SearchAttributePair(REPLY_KEYS, keys)]),
    )


async def signals(handle: WorkflowHandle[object, object]) -> list[str]:
    history = await handle.fetch_history()
    told = (event.workflow_execution_signaled_event_attributes for event in history.events)
    return [attributes.signal_name for attributes in told if attributes.signal_name]


async def visible(client: Client, key: str, count: int) -> None:
    """Visibility follows the history a moment later."""
    for _ in range(200):
        if await count_of(client, key) == count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("not visible after ten seconds")


async def count_of(client: Client, key: str) -> int:
    return (await client.count_workflows(f'ReplyKeys="{key}"')).count


def reply(key: str) -> Reply:
    return Reply(channel="sms", provider="twilio", provider_id="SM1", text="Yes", keys=(key,))


async def test_the_message_that_wrote_last_gets_the_reply(client: Client) -> None:
    key = uuid4().hex
    late = await start(client, [key, f"{key}@1763761500001"])
    early = await start(client, [key, f"{key}@1763761500000"])
    await visible(client, key, 2)

    await TemporalGateway(client).deliver([reply(key)])

    assert (await signals(late), await signals(early)) == (["responded"], [])
    await late.terminate()
    await early.terminate()


async def test_reports_for_closed_and_unknown_messages_do_no_harm(client: Client) -> None:
    gateway, handle = TemporalGateway(client), await start(client, [uuid4().hex])
    reference = f"{handle.id.removeprefix('message-')}.1"
    report = DeliveryReport(reference=reference, status=DeliveryStatus.DELIVERED, event_id="e1")

    await gateway.deliver([report])
    await handle.terminate()
    await gateway.deliver([report, report.model_copy(update={"reference": "nobody.1"})])

    assert await signals(handle) == ["reported"]


async def test_it_knows_that_temporal_answers(client: Client) -> None:
    assert await TemporalGateway(client).healthy()


async def test_it_knows_that_temporal_does_not_answer() -> None:
    away = await Client.connect("127.0.0.1:1", lazy=True)

    assert not await TemporalGateway(away).healthy()
