"""People who said stop: a workflow of type `OptOut` for each address, for as long as they mean it.

Its id has a keyed hash of the address. While it runs nothing is sent there; every send asks.
"""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import BaseModel, ConfigDict
from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from failover.events import OptOut
from failover.lenient import Moment, Word
from failover.names import (
    BACK_OFFICE,
    MESSAGE_WORKFLOW,
    OPT_OUT_WORKFLOW,
    OptOutSignal,
    SearchAttribute,
    Signal,
    opt_out_id,
)
from providers.reply_keys import address_key

REMEMBER, SWEEP = "remember_opt_out", "tell_open_messages"
_PATIENCE = timedelta(seconds=5)


class Said(BaseModel):
    """Signal `said`: where and when the person said stop. No address and no text is in it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    channel: Word = None
    provider: Word = None
    #: A word or a provider's code.
    why: Word = None
    at: Moment = None


class Stop(BaseModel):
    """An opt-out that a message has decided on, to be remembered."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    address: str
    said: Said


class Sweep(BaseModel):
    """Who said stop, to be told to the messages that are open for the person."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    person: str
    said: Said


@dataclass(frozen=True)
class OptOuts:
    """The opt-outs of one installation, by its `ADDRESS_KEY`."""

    secret: str
    queue: str = BACK_OFFICE

    def key(self, address: str) -> str:
        return address_key(self.secret, address)

    async def known(self, client: Client, address: str) -> bool:
        """Whether the person wants nothing at this address. Raises RPCError."""
        return await known(client, self.key(address))

    @activity.defn(name=REMEMBER)
    async def remember(self, stop: Stop) -> None:
        await remember(activity.client(), self.key(stop.address), stop.said, queue=self.queue)

    @activity.defn(name=SWEEP)
    async def sweep(self, sweep: Sweep) -> int:
        """Tell the messages that have written to the address. Returns how many there were."""
        client, told = activity.client(), 0
        said = sweep.said.model_dump(include={"channel", "provider", "at"})
        opt_out = OptOut.model_validate(
            {**said, "channel": said["channel"] or "any", "certain": True, "remembered": True}
            | {"person": sweep.person}
        )
        async for run in client.list_workflows(_open_for(sweep.person), rpc_timeout=_PATIENCE):
            handle = client.get_workflow_handle(run.id)
            try:
                await handle.signal(Signal.OPTED_OUT, opt_out, rpc_timeout=_PATIENCE)
            except RPCError as error:
                if error.status != RPCStatusCode.NOT_FOUND:  # it has ended meanwhile
                    raise
            told += 1
        return told


async def known(client: Client, person: str) -> bool:
    """Whether an opt-out runs for this keyed hash of an address. Raises RPCError.

    Asked without the SDK's own description, which knows no run that is paused.
    """
    asked = DescribeWorkflowExecutionRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=opt_out_id(person))
    )
    try:
        about = await client.workflow_service.describe_workflow_execution(asked, timeout=_PATIENCE)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        raise
    return not about.workflow_execution_info.HasField("close_time")


async def remember(client: Client, person: str, said: Said, *, queue: str = BACK_OFFICE) -> None:
    """Nothing is sent to this address from now on, until it is taken back. Raises RPCError."""
    await client.start_workflow(
        OPT_OUT_WORKFLOW,
        id=opt_out_id(person),
        task_queue=queue,
        start_signal=OptOutSignal.SAID,
        start_signal_args=[said],
        memo=said.model_dump(mode="json", exclude_none=True),
        static_summary=f"said stop on {said.channel}" if said.channel else "said stop",
        rpc_timeout=_PATIENCE,
    )


async def take_back(client: Client, person: str) -> None:
    """The person said START; nothing where there was no opt-out. Raises RPCError."""
    try:
        handle = client.get_workflow_handle(opt_out_id(person))
        await handle.signal(OptOutSignal.START, rpc_timeout=_PATIENCE)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise


def _open_for(person: str) -> str:
    return (
        f'WorkflowType="{MESSAGE_WORKFLOW}" AND ExecutionStatus="Running" '
        f'AND {SearchAttribute.REPLY_KEYS}="{person}"'
    )
