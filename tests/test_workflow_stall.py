"""A worker whose machine stands still in the middle of a workflow task."""

import time
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import _workflow_instance

from tests.fake_senders import FakeProvider
from tests.plans import message
from tests.running import serving

#: More than the two seconds the SDK gives a workflow task, which nothing in it can change.
STILL = 2.5


async def test_what_came_in_meanwhile_is_heard_once(
    env: WorkflowEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK gives the task up and throws away what it had not begun; Temporal asks again."""
    instance: Any = _workflow_instance._WorkflowInstanceImpl
    stills, taken = iter([STILL]), instance._process_signal_job

    def stands_still(*given: Any) -> None:
        taken(*given)
        time.sleep(next(stills, 0))

    monkeypatch.setattr(instance, "_process_signal_job", stands_still)

    async with serving(env.client, acme=FakeProvider(), workflows=False) as queue:
        handle = await queue.start(message())
        for number in range(20):
            await handle.signal("responded", {"channel": "sms", "provider_id": f"SM{number}"})
        async with queue.workflow_worker():
            result = await handle.result()
        history = await handle.fetch_history()

    assert [
        event for event in history.events if event.HasField("workflow_task_failed_event_attributes")
    ]
    assert result.outcome == "responded"
    assert [response.provider_id for response in result.responses] == [
        f"SM{number}" for number in range(20)
    ]
