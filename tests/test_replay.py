"""What recorded messages did, the code of today does again: else messages under way get stuck."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from tests.record_histories import FOLDER, TALES
from workflows.message import MessageWorkflow

RECORDED = sorted(FOLDER.glob("*.json"))


def replayer() -> Replayer:
    return Replayer(workflows=[MessageWorkflow], data_converter=pydantic_data_converter)


def test_every_way_a_message_can_go_is_recorded() -> None:
    assert {tale.__name__ for tale in TALES} <= {path.stem for path in RECORDED}


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    await replayer().replay_workflow(named(path))


async def test_a_changed_decision_is_noticed() -> None:
    recorded = json.loads((FOLDER / "responded.json").read_text())
    for event in recorded["events"]:
        scheduled = event.get("activityTaskScheduledEventAttributes")
        if scheduled:
            scheduled["activityType"]["name"] = "send_carrier_pigeon"

    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(WorkflowHistory.from_json("message-x", recorded))


def named(path: Path) -> WorkflowHistory:
    """A history does not hold its workflow's id, and ours is checked against the message's."""
    recorded = json.loads(path.read_text())
    started = recorded["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(started["workflowId"], recorded)
