"""How workers and operators read and write the providers' standing."""

from datetime import timedelta

from pydantic import BaseModel
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from failover.names import TASK_QUEUE
from workflows.standing import MEMO, PROVIDERS_ID, PROVIDERS_WORKFLOW, Standing

#: Its own, so that this workflow moves on to a new version of the workers while messages stay.
QUEUE = f"{TASK_QUEUE}-providers"
_PATIENCE = timedelta(seconds=5)
_SUMMARY = "the providers as the workers see them, and what operators drained"


async def read_standing(client: Client) -> Standing:
    """What is known; nothing where nobody has told anything yet. Raises RPCError."""
    try:
        description = await client.get_workflow_handle(PROVIDERS_ID).describe(rpc_timeout=_PATIENCE)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return Standing()
        raise
    if description.status != WorkflowExecutionStatus.RUNNING:
        return Standing()  # who ended it ended every drain
    return await description.memo_value(MEMO, type_hint=Standing)


async def tell_standing(client: Client, signal: str, told: BaseModel | str) -> None:
    """Signal it, and start it where there is none yet. Raises RPCError."""
    await client.start_workflow(
        PROVIDERS_WORKFLOW,
        Standing(),
        id=PROVIDERS_ID,
        task_queue=QUEUE,
        memo={MEMO: {}},
        start_signal=signal,
        start_signal_args=[told],
        static_summary=_SUMMARY,
        rpc_timeout=_PATIENCE,
    )
