"""Workers without the right key, keys that change, encryption turned on under a running message."""

import asyncio
import base64
import os
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from failover.attempts import Result
from tests.fake_senders import FakeProvider
from tests.plans import message
from tests.running import Handle, Queue, last_is, until
from workflows.encryption import Keys, data_converter


def key(id: str) -> str:
    return f"{id}:{base64.b64encode(os.urandom(32)).decode()}"


OLD, NEW = key("old"), key("new")


def with_keys(client: Client, *entries: str) -> Client:
    keys = Keys.parse(",".join(entries)) if entries else Keys()
    return Client(**(client.config() | {"data_converter": data_converter(keys)}))


def queue_of(client: Client, name: str) -> Queue:
    return Queue(client, name, ["acme"], ("whatsapp", "sms", "email"))


async def failure_of_the_task(handle: Handle) -> str:
    async for event in handle.fetch_history_events(wait_new_event=True):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            return event.workflow_task_failed_event_attributes.failure.message
    raise AssertionError("it ended")


@pytest.mark.parametrize("wrong", [(), (OLD,), (key("new"),)], ids=["none", "other", "same id"])
async def test_a_worker_without_the_key_fails_no_message(
    env: WorkflowEnvironment, wrong: tuple[str, ...]
) -> None:
    mine, theirs = with_keys(env.client, NEW), with_keys(env.client, *wrong)
    name, acme = f"keys-{os.urandom(4).hex()}", FakeProvider()
    with env.with_time_skipping_disabled():
        asked, soon = message(until="accepted"), timedelta(seconds=5)
        handle = await queue_of(mine, name).start(asked, task_timeout=soon)

    async with queue_of(theirs, name).workflow_worker():
        why = await asyncio.wait_for(failure_of_the_task(handle), 60)
        described = await handle.describe()
    right = queue_of(mine, name)
    async with right.workflow_worker(), right.send_worker("acme", acme):
        result = await handle.result()

    assert "key 'new'" in why
    assert described.status == WorkflowExecutionStatus.RUNNING
    assert result.outcome == "reached"
    assert acme.channels() == ["whatsapp"]


async def test_a_sender_without_the_key_sends_nothing_and_one_with_it_sends_once(
    env: WorkflowEnvironment,
) -> None:
    mine, theirs = with_keys(env.client, NEW), with_keys(env.client)
    name, blind, acme = f"keys-{os.urandom(4).hex()}", FakeProvider(), FakeProvider()
    right = queue_of(mine, name)

    async with right.workflow_worker():
        with env.with_time_skipping_disabled():
            handle = await right.start(message(until="accepted"))
            async with queue_of(theirs, name).send_worker("acme", blind):
                await retried(handle)
            async with right.send_worker("acme", acme):
                result = await handle.result()

    assert blind.sent == []
    assert result.outcome == "reached"
    assert acme.channels() == ["whatsapp"]


async def retried(handle: Handle) -> None:
    """Once its send was tried and has failed."""
    for _ in range(400):
        pending = (await handle.describe()).raw_description.pending_activities
        if pending and pending[0].attempt > 1:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("never tried again")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param((), (NEW,), id="turned on"),
        pytest.param((OLD,), (NEW, OLD), id="rotated"),
        pytest.param((NEW, OLD), (OLD, NEW), id="rotated back"),
    ],
)
async def test_a_waiting_message_goes_on_with_other_keys(
    env: WorkflowEnvironment, before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    name, acme = f"keys-{os.urandom(4).hex()}", FakeProvider()
    first = queue_of(with_keys(env.client, *before), name)
    then = queue_of(with_keys(env.client, *after), name)

    with env.with_time_skipping_disabled():
        async with first.workflow_worker(), first.send_worker("acme", acme):
            handle = await first.start(message())
            await until(handle, last_is("accepted"))
        async with then.workflow_worker():
            again = then.client.get_workflow_handle(handle.id, result_type=Result)
            await again.signal("responded", {"channel": "sms", "text": "yes"})
            result = await again.result()

    assert result.outcome == "responded"
    assert result.responses[0].text == "yes"
