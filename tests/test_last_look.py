"""A send looks once more before it goes, since it may have been decided on old news."""

import asyncio

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
