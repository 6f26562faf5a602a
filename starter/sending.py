"""The verb `send`: start a message, and say truthfully whether this is what started it."""

import json
import sys
from datetime import timedelta
from pathlib import Path

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from failover.message import InvalidMessage, Message, parse_message
from failover.names import MESSAGE_WORKFLOW, TASK_QUEUE
from failover.start import start_options
from starter.errors import BadInput, NotDone
from starter.history import asked
from starter.look import OPEN, status
from starter.screen import Screen, complain, web_page
from starter.temporal import SILENCE, describe
from starter.timeline import one_line

#: Bytes of one input (`limit.blobSize.error`); from 4 MiB on no server hears of the rest (gRPC).
_LARGEST = 2 * 1024 * 1024


def read_message(path: str) -> Message:
    """The message in this file, or on standard input for `-`. Raises `BadInput`."""
    try:
        return parse_message(read_json(path))
    except InvalidMessage as error:
        raise BadInput(f"{called(path)}: {one_line(str(error))}") from None


def called(path: str) -> str:
    return "standard input" if path == "-" else path


def read_json(path: str) -> str:
    """What this file says, or standard input. Raises `BadInput` where it is no JSON."""
    name = called(path)
    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        text = raw.decode("utf-8-sig")
        json.loads(text)
        return text
    except OSError as error:
        raise BadInput(f"{name}: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadInput(f"{name}: not JSON at {where}: {error.msg}") from None
    except RecursionError:
        raise BadInput(f"{name}: nested too deeply to be a message") from None
    except ValueError:
        raise BadInput(f"{name}: a number in it has more digits than any message needs") from None


async def send(client: Client, screen: Screen, message: Message) -> int:
    """Raises `NotDone` when the id is taken by a message with other content.

    Raises `BadInput` for a message that Temporal finds too large.
    """
    options = start_options(message) | {"id_conflict_policy": WorkflowIDConflictPolicy.FAIL}
    try:
        handle = await client.start_workflow(MESSAGE_WORKFLOW, message, **options)
    except WorkflowAlreadyStartedError:
        return await _already_there(client, screen, message)
    except RPCError as error:
        if error.status not in SILENCE:
            if fault := too_large(message):
                raise BadInput(f"{message.id}: {fault}") from None
            raise
        raise NotDone(
            f"{message.id}: Temporal stopped answering while it was asked, so this may have been "
            f"started or not; send it again with the id {message.id}: it cannot start twice"
        ) from None
    screen.say(f"{message.id}: started", "bold")
    if not await _has_worker(client):
        complain(
            f"{message.id}: no worker listens on the task queue {TASK_QUEUE!r} yet; "
            "nothing is sent before one does"
        )
    run = handle.result_run_id or ""
    screen.say(f"  follow it   python -m starter watch {message.id}")
    if page := web_page(client.namespace, handle.id, run):
        screen.say(f"  or look at  {page}")
    return 0


def too_large(message: Message) -> str | None:
    """Why Temporal's server, which has the same limit wherever nobody set another, refuses it."""
    [payload] = pydantic_data_converter.payload_converter.to_payloads([message])
    size = payload.ByteSize()
    if size <= _LARGEST:
        return None
    return f"the message takes {size} bytes, and Temporal takes no more than {_LARGEST}"


async def _already_there(client: Client, screen: Screen, message: Message) -> int:
    described = await describe(client, message.id)
    run = client.get_workflow_handle(described.id, run_id=described.run_id)
    before = await asked(client, run)
    word = status(described).replace("_", " ")
    fate = "is already on its way" if word == OPEN else f"has already ended: {word}"
    if differing := _differences(before, message):
        raise NotDone(
            f"{message.id}: another message with this id {fate}; what you asked for now was NOT "
            f"taken (it differs in {', '.join(differing)}); use another id"
        )
    if described.status not in (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED):
        raise NotDone(f"{message.id}: the same message {fate}; to send it anew, use another id")
    screen.say(f"{message.id}: the same message {fate} (nothing was sent twice)")
    return 0


def _differences(before: Message | None, now: Message) -> list[str]:
    """The fields in which two messages differ."""
    if before is None:
        return ["everything: the other one was not a valid message"]
    fields = Message.model_fields
    return [name for name in fields if getattr(before, name) != getattr(now, name)]


async def _has_worker(client: Client) -> bool:
    """Whether anybody listens; when Temporal does not say, nobody is alarmed."""
    query = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=TASK_QUEUE),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        answer = await client.workflow_service.describe_task_queue(
            query, timeout=timedelta(seconds=3)
        )
    except RPCError:
        return True
    return bool(answer.pollers)
