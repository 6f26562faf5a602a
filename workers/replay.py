"""`python -m workers.replay FOLDER`: would messages under way go on with the code that is here?

The folder has histories as `temporal workflow show -o json` writes them. Without one, the
histories of everything of ours that is running are read from Temporal.
"""

import argparse
import asyncio
import json
import logging
import os
import re
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.worker import Replayer

from activities.caps import CAP_WORKFLOW
from failover.names import (
    INBOUND_WORKFLOW,
    MESSAGE_WORKFLOW,
    NOTIFICATION_WORKFLOW,
    OPT_OUT_WORKFLOW,
)
from providers.settings import ConfigurationError
from workflows.cap import CapWorkflow
from workflows.client import connect
from workflows.encryption import data_converter
from workflows.inbound import InboundMessageWorkflow
from workflows.message import MessageWorkflow
from workflows.notification import NotificationWorkflow
from workflows.opt_out import OptOutWorkflow
from workflows.payload_keys import payload_keys
from workflows.standing import PROVIDERS_WORKFLOW, ProvidersWorkflow

#: All that our workers run, by the names that Temporal knows them by.
WORKFLOWS = {
    MESSAGE_WORKFLOW: MessageWorkflow,
    CAP_WORKFLOW: CapWorkflow,
    PROVIDERS_WORKFLOW: ProvidersWorkflow,
    INBOUND_WORKFLOW: InboundMessageWorkflow,
    OPT_OUT_WORKFLOW: OptOutWorkflow,
    NOTIFICATION_WORKFLOW: NotificationWorkflow,
}
_TYPES = ", ".join(f"'{name}'" for name in WORKFLOWS)
RUNNING = f"WorkflowType IN ({_TYPES}) AND ExecutionStatus = 'Running'"

_MESSAGE = re.compile(r'message: "(.+?)", source: ')

#: A name to show, and a history or what is wrong with it.
Found = tuple[str, WorkflowHistory | str]


async def replay(found: AsyncIterator[Found], converter: DataConverter) -> int:
    """One line for each. 0 when all replay, 1 when one does not, 2 when there is none."""
    # What goes wrong is in our lines; the SDK would log it at length.
    quiet = Runtime(telemetry=TelemetryConfig(logging=None))
    replayer = Replayer(workflows=[*WORKFLOWS.values()], data_converter=converter, runtime=quiet)
    count = failures = 0
    async for name, history in found:
        wrong = history if isinstance(history, str) else await _failure(replayer, history)
        sys.stdout.write(f"{name}: {wrong or 'replays'}\n")
        count, failures = count + 1, failures + bool(wrong)
    sys.stdout.write(f"{count} replayed, {failures} would stand still\n")
    return 2 if not count else 1 if failures else 0


async def _failure(replayer: Replayer, history: WorkflowHistory) -> str:
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    return f"does not replay: {_short(result.replay_failure)}" if result.replay_failure else ""


def _short(error: BaseException) -> str:
    """Of what the SDK's core says at length, the message."""
    told = _MESSAGE.search(str(error))
    return told[1] if told else str(error).partition("\n")[0]


async def in_folder(folder: Path) -> AsyncIterator[Found]:
    for found in recorded(folder):
        yield found


def recorded(folder: Path) -> Iterator[Found]:
    """What is JSON and no history, such as the record that `make faults` keeps, is passed over."""
    for path in sorted(folder.glob("*.json")):
        try:
            content = json.loads(path.read_text())
            if "events" in content:
                yield path.stem, named(content)
        except (ValueError, LookupError) as error:
            yield path.stem, f"cannot be read: {type(error).__name__}: {error}"


def named(content: dict[str, Any]) -> WorkflowHistory:
    """The id, which the code compares with the message's, is in the first event alone."""
    started = content["events"][0]["workflowExecutionStartedEventAttributes"]
    return WorkflowHistory.from_json(started["workflowId"], content)


async def in_temporal(query: str) -> AsyncIterator[Found]:
    client = await connect()
    async for history in client.list_workflows(query).map_histories():
        yield history.workflow_id, history


async def main(folder: Path | None, query: str) -> int:
    found = in_folder(folder) if folder else in_temporal(query)
    return await replay(found, data_converter(payload_keys()))


def run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m workers.replay", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="with histories in JSON")
    parser.add_argument("--query", default=RUNNING, help="what to read from Temporal")
    given = parser.parse_args(words)
    logging.disable()
    try:
        return asyncio.run(main(given.folder, given.query))
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except RuntimeError as error:
        sys.stderr.write(f"Temporal does not answer (TEMPORAL_ADDRESS): {error}\n")
        return 2


if __name__ == "__main__":
    code = run(sys.argv[1:])
    sys.stdout.flush()
    # Temporal's client can crash the interpreter at a normal exit (sdk-python#300).
    os._exit(code)
