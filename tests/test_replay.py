"""What recorded messages did, the code of today does again: else messages under way get stuck."""

import asyncio
import base64
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from failover.attempts import Outcome
from tests.fake_senders import FakeProvider
from tests.plans import message
from tests.record_histories import BESIDE, FOLDER, TALES, path_of
from tests.running import Handle, last_is, serving, until
from workers.replay import WORKFLOWS, named
from workflows.encryption import Keys, data_converter
from workflows.message import MessageWorkflow

ROOT = Path(__file__).parent.parent
RECORDED = sorted(FOLDER.glob("*.json"))


def replayer() -> Replayer:
    return Replayer(workflows=[MessageWorkflow], data_converter=pydantic_data_converter)


def content(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def changed(name: str) -> dict[str, Any]:
    """As if the code of then had sent by other means."""
    recorded = content(name)
    for event in recorded["events"]:
        scheduled = event.get("activityTaskScheduledEventAttributes")
        if scheduled:
            scheduled["activityType"]["name"] = "send_carrier_pigeon"
    return recorded


def test_every_way_a_message_can_go_is_recorded() -> None:
    assert {path_of(tale) for tale in TALES} <= {*RECORDED}


def test_every_end_of_a_message_is_recorded() -> None:
    assert {ended(content(path.stem)) for path in RECORDED} >= {*Outcome, "canceled", "failed"}


def ended(recorded: dict[str, Any]) -> str:
    last = recorded["events"][-1]
    if "workflowExecutionCompletedEventAttributes" not in last:
        return str(last["eventType"]).removeprefix("EVENT_TYPE_WORKFLOW_EXECUTION_").lower()
    [payload] = last["workflowExecutionCompletedEventAttributes"]["result"]["payloads"]
    return str(json.loads(base64.b64decode(payload["data"]))["outcome"])


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    await replayer().replay_workflow(named(content(path.stem)))


@pytest.mark.parametrize("path", BESIDE, ids=lambda path: path.stem)
def test_what_stands_beside_messages_replays(path: Path) -> None:
    beside = Replayer(workflows=[*WORKFLOWS.values()], data_converter=pydantic_data_converter)

    asyncio.run(beside.replay_workflow(named(json.loads(path.read_text()))))


async def test_a_changed_decision_is_noticed() -> None:
    with pytest.raises(NondeterminismError):
        await replayer().replay_workflow(named(changed("responded")))


async def test_the_command_replays_every_history_of_a_folder() -> None:
    code, lines = await command(str(FOLDER))

    assert lines[:-1] == [f"{path.stem}: replays" for path in RECORDED]
    assert lines[-1] == f"{len(RECORDED)} replayed, 0 would stand still"
    assert code == 0


async def test_the_command_names_what_does_not_replay_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(changed("responded")))
    (tmp_path / "b.json").write_text("Error: workflow not found")
    (tmp_path / "c.json").write_text(json.dumps(content("reached")))
    (tmp_path / "record.json").write_text('{"seed": 7}')

    code, [a, b, c, total] = await command(str(tmp_path))

    assert a.startswith("a: does not replay: [TMPRL1100]")
    assert "send_carrier_pigeon" in a
    assert b.startswith("b: cannot be read")
    assert c == "c: replays"
    assert total == "3 replayed, 2 would stand still"
    assert code == 1


async def test_a_folder_without_histories_is_no_success(tmp_path: Path) -> None:
    code, _ = await command(str(tmp_path))

    assert code == 2


async def test_the_command_replays_messages_under_way_with_the_keys_they_need(
    env: WorkflowEnvironment,
) -> None:
    written = f"mine:{base64.b64encode(os.urandom(32)).decode()}"
    config = env.client.config()
    config["data_converter"] = data_converter(Keys.parse(written))
    with env.with_time_skipping_disabled():
        async with serving(Client(**config), acme=FakeProvider()) as queue:
            handle = await queue.start(message())
            await until(handle, last_is("accepted"))
            with_keys = await under_way(env, handle, PAYLOAD_KEYS=written)
            without = await under_way(env, handle)
            await handle.cancel()

    assert with_keys == (0, [f"{handle.id}: replays", "1 replayed, 0 would stand still"])
    assert without[0] == 1
    assert "PAYLOAD_KEYS has no key 'mine'" in without[1][0]


async def under_way(
    env: WorkflowEnvironment, handle: Handle, **given: str
) -> tuple[int, list[str]]:
    """Temporal's search is a moment behind."""
    address = env.client.service_client.config.target_host
    end = time.monotonic() + 30
    while True:
        query = f"WorkflowId = '{handle.id}' AND ExecutionStatus = 'Running'"
        answer = await command("--query", query, TEMPORAL_ADDRESS=address, **given)
        if answer[0] != 2 or time.monotonic() > end:
            return answer


async def command(*words: str, **given: str) -> tuple[int, list[str]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.replay", *words),
        cwd=ROOT,
        env={**os.environ, "TEMPORAL_NAMESPACE": "default", **given},
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, said.decode().splitlines()
