"""A send looks once more before it goes, since it may have been decided on old news."""

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio.testing import WorkflowEnvironment

from tests.fake_senders import FakeProvider
from tests.plans import message
from tests.running import last_is, serving, until


async def test_a_queued_send_steps_back_when_a_reply_came_while_no_worker_ran(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()

    async with serving(env.client, workflows=False, unserved=("acme",)) as queue:
        async with queue.workflow_worker():
            with env.with_time_skipping_disabled():
                handle = await queue.start(message())
            await until(handle, last_is("sending"))
        await handle.signal("responded", {"channel": "sms", "text": "yes"})
        async with queue.send_worker("acme", acme):
            await asyncio.sleep(1)  # The send is offered, and taken, in this time.
        async with queue.workflow_worker():
            result = await handle.result()

    assert result.outcome == "responded"
    assert acme.sent == []


async def test_a_send_that_stepped_back_for_other_news_goes_out_once(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()

    async with serving(env.client, workflows=False, unserved=("acme",)) as queue:
        async with queue.workflow_worker():
            with env.with_time_skipping_disabled():
                handle = await queue.start(message())
            await until(handle, last_is("sending"))
        await handle.signal("reported", {"attempt": 9, "status": "delivered"})
        async with queue.send_worker("acme", acme):
            await asyncio.sleep(1)
            assert acme.sent == []
            async with queue.workflow_worker():
                result = await until(handle, last_is("accepted"))
                await handle.cancel()

    assert acme.channels() == ["whatsapp"]
    assert [attempt.number for attempt in result.attempts] == [1]


async def test_a_queued_send_steps_back_when_the_deadline_passed_while_no_worker_ran(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()

    async with serving(env.client, workflows=False, unserved=("acme",)) as queue:
        async with queue.workflow_worker():
            soon = datetime.now(UTC) + timedelta(seconds=6)
            with env.with_time_skipping_disabled():
                handle = await queue.start(message(deadline=soon.isoformat()))
            await until(handle, last_is("sending"))
        await asyncio.sleep((soon - datetime.now(UTC)).total_seconds() + 1.5)
        async with queue.send_worker("acme", acme):
            await asyncio.sleep(1)
        async with queue.workflow_worker():
            result = await handle.result()

    assert result.outcome == "expired"
    assert acme.sent == []
