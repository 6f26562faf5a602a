"""How a service starts a message with its own Temporal client."""

from datetime import timedelta
from typing import Any

from failover.message import Message
from failover.names import TASK_QUEUE, workflow_id

# temporalio's WorkflowIDReusePolicy.REJECT_DUPLICATE and WorkflowIDConflictPolicy.USE_EXISTING, by
# their numbers in Temporal's API: this package does not import temporalio.
_REJECT_DUPLICATE = 3
_USE_EXISTING = 2
#: A workflow task in the hands of a worker that dies waits this long for the next one. Temporal's
#: own 10 s made recovery from `kill -9` half as long again (docs/reliability.md).
_TASK_TIMEOUT = timedelta(seconds=5)


def start_options(message: Message) -> dict[str, Any]:
    """Keyword arguments for `client.start_workflow("Message", message, ...)`.

    With them the same id is the same message: while it runs a second start returns the first run,
    and once it has ended temporalio raises `WorkflowAlreadyStartedError`.
    """
    return {
        "id": workflow_id(message.id),
        "task_queue": TASK_QUEUE,
        "id_reuse_policy": _REJECT_DUPLICATE,
        "id_conflict_policy": _USE_EXISTING,
        "task_timeout": _TASK_TIMEOUT,
        "static_summary": summary(message),
    }


def summary(message: Message) -> str:
    """One line for the list of workflows: the channels, and what ends it; no address, no text."""
    channels = ", then ".join(dict.fromkeys(step.channel for step in message.steps))
    return f"{channels}, until {message.until}"[:200]
