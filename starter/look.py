"""Everything that can be known of one message now, with or without a worker."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.service import RPCError

from failover.attempts import Outcome, Result
from failover.message import Message
from failover.names import CONVERSATION_QUERY, TASK_QUEUE, SearchAttribute
from starter.history import History, Wait, said
from starter.temporal import describe
from starter.timeline import BAD, DOUBTFUL, Entry, entries, one_line

OPEN, CANCELLED, FAILED = "open", "cancelled", "failed"
#: What Temporal's own status means where the message itself has no last word.
ENDINGS = {
    WorkflowExecutionStatus.CANCELED: CANCELLED,
    WorkflowExecutionStatus.FAILED: FAILED,
    WorkflowExecutionStatus.TERMINATED: "terminated",
    WorkflowExecutionStatus.TIMED_OUT: "timed_out",
}
WELL = frozenset({Outcome.RESPONDED, Outcome.REACHED})
_QUERY_PATIENCE = timedelta(seconds=5)
_PAGE = 1000


@dataclass(frozen=True)
class Seen:
    """Without a word from a worker `silence` says why, and `story` tells what it can."""

    id: str
    status: str
    workflow_id: str
    run_id: str
    started: datetime
    ended: datetime | None
    attributes: dict[str, str]
    message: Message | None = None
    result: Result | None = None
    silence: str | None = None
    why: str | None = None  #: of a failure or a cancellation
    waits: Sequence[Wait] = ()
    sending: Sequence[str] = ()
    story: Sequence[Entry] = field(default=())

    @property
    def entries(self) -> list[Entry]:
        known = self.result
        told = entries(known, self.message, ended=self.ended) if known else list(self.story)
        if self.ended and not (known and known.outcome):
            tone = DOUBTFUL if self.status == CANCELLED else BAD
            told.append(Entry(self.ended, "end", self.ending, tone))
        return told

    @property
    def ending(self) -> str:
        status = self.status.replace("_", " ")
        return f"{status}: {one_line(self.why)}" if self.why else status


async def look(client: Client, id: str) -> Seen:
    """Raises `NotDone` when there is no such message."""
    described = await describe(client, id)
    run = client.get_workflow_handle(described.id, run_id=described.run_id)
    events = [event async for event in run.fetch_history_events(page_size=_PAGE)]
    history = History(events, client.data_converter)
    result = await history.result()
    silence = None
    if result is None and described.status != WorkflowExecutionStatus.FAILED:
        result, silence = await asked_itself(run)
    if (trouble := await history.stuck()) and described.close_time is None:
        silence = f"the worker fails to go on with it: {one_line(trouble)}"
    running = described.close_time is None
    return Seen(
        id=id,
        status=result.outcome if result and result.outcome else status(described),
        workflow_id=described.id,
        run_id=described.run_id or "",
        started=described.start_time,
        ended=described.close_time,
        attributes=attributes(described),
        message=await history.message(),
        result=result,
        silence=silence,
        why=await history.error() or history.cancel_reason(),
        waits=await history.waits() if running else (),
        sending=await _sending(described, history) if running else (),
        story=await history.story(),
    )


def status(seen: WorkflowExecution) -> str:
    """`open`, an outcome, or how Temporal ended it."""
    if seen.status in ENDINGS:
        return ENDINGS[seen.status]
    published = attributes(seen).get(SearchAttribute.MESSAGE_STATUS)
    return published or (OPEN if seen.close_time is None else "ended")


def attributes(seen: WorkflowExecution) -> dict[str, str]:
    """The message's search attributes that hold a single word."""
    return {
        pair.key.name: pair.value
        for pair in seen.typed_search_attributes
        if isinstance(pair.value, str) and pair.key.name in set(SearchAttribute)
    }


async def asked_itself(run: WorkflowHandle[Any, Any]) -> tuple[Result | None, str | None]:
    """What the workflow itself says, or why it says nothing."""
    try:
        async with asyncio.timeout(_QUERY_PATIENCE.total_seconds() + 1):
            known: Result = await run.query(
                CONVERSATION_QUERY, result_type=Result, rpc_timeout=_QUERY_PATIENCE
            )
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
        return None, f"the worker cannot tell: {one_line(str(error))}"
    except (RPCError, TimeoutError):
        return None, f"no worker answers on {TASK_QUEUE!r}"
    return known, None


async def _sending(described: WorkflowExecutionDescription, history: History) -> list[str]:
    """The sends under way, with what keeps them."""
    names = await history.sends()
    pending = described.raw_description.pending_activities
    return [
        await _under_way(one, names.get(one.activity_id, one.activity_type.name), history)
        for one in pending
    ]


async def _under_way(pending: PendingActivityInfo, what: str, history: History) -> str:
    if pending.attempt > 1:
        trouble = one_line(await said(pending.last_failure, history.converter))
        return f"{what}, try {pending.attempt}" + (f" after: {trouble}" if trouble else "")
    if pending.state == PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED:
        return f"{what}, not yet picked up by a worker"
    return what
