"""The verbs `inbound …`: what people wrote that belongs to no message we know."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionDescription
from temporalio.service import RPCError, RPCStatusCode

from failover.names import INBOUND_WORKFLOW, SearchAttribute, message_id
from starter import record
from starter.errors import NotDone, one_line
from starter.look import attributes
from starter.screen import Screen, complain
from starter.spans import show_moment
from starter.temporal import PATIENCE, describe
from starter.timeline import label
from workflows.inbound import ASSIGN, DONE
from workflows.inbound_showing import Assign, InboundStatus

COLUMNS = ("id", "channel", "provider", "since")
_PREFIX = "inbound-"
_UNMATCHED = (
    f"WorkflowType = '{INBOUND_WORKFLOW}' AND ExecutionStatus = 'Running' "
    f"AND {SearchAttribute.MESSAGE_STATUS} = '{InboundStatus.UNMATCHED}'"
)


@dataclass(frozen=True)
class Line:
    id: str
    channel: str
    provider: str
    since: datetime


async def listed(client: Client, screen: Screen, *, limit: int, as_json: bool) -> int:
    """The newest first, without what they wrote."""
    found = [_line(run) async for run in client.list_workflows(_UNMATCHED, limit=limit)]
    if as_json:
        told = [{**asdict(line), "since": line.since.isoformat()} for line in found]
        screen.write(json.dumps(told, indent=2))
        return 0
    if found:
        screen.columns([list(COLUMNS), *map(_cells, found)])
    else:
        complain("no reply waits for a message")
    if len(found) == limit:
        complain(f"{limit} shown; there may be more: --limit {limit * 5}")
    return 0


async def show(client: Client, screen: Screen, id: str) -> int:
    """With what the person wrote."""
    about = await _known(client, id)
    if (kept := await record.inbound(client, about)) is None:
        raise NotDone(f"{id}: what it was started with is no reply")
    said, reply = kept
    screen.say(f"{_bare(id)}: {_status(about)}")
    facts = [("came", show_moment(said.at)), ("on", f"{label(reply.channel)} by {reply.provider}")]
    if said.message_id:
        facts.append(("message", said.message_id))
    screen.facts([*facts, ("choice", reply.choice)] if reply.choice else facts)
    screen.write(reply.text or "(no text)")
    return 0


async def assign(client: Client, screen: Screen, id: str, message: str) -> int:
    """Give it to this message; one that has ended has it as a late response."""
    about = await _waiting(client, id)
    named = await describe(client, message)
    await _signal(client, about, ASSIGN, Assign(message_id=message_id(named.id)))
    late = ", which has ended: it is a late response" if named.close_time else ""
    screen.say(f"{_bare(id)}: given to {message}{late}")
    return 0


async def done(client: Client, screen: Screen, id: str) -> int:
    await _signal(client, await _waiting(client, id), DONE)
    screen.say(f"{_bare(id)}: done")
    return 0


async def _signal(
    client: Client, about: WorkflowExecutionDescription, name: str, *given: Assign
) -> None:
    handle = client.get_workflow_handle(about.id)
    try:
        await handle.signal(name, args=given, rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        raise NotDone(f"{_bare(about.id)}: has just been seen to") from None


async def _waiting(client: Client, id: str) -> WorkflowExecutionDescription:
    about = await _known(client, id)
    if about.close_time:
        raise NotDone(f"{_bare(id)}: has been seen to: {_status(about)}")
    return about


async def _known(client: Client, id: str) -> WorkflowExecutionDescription:
    try:
        handle = client.get_workflow_handle(f"{_PREFIX}{_bare(id)}")
        return await handle.describe(rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        raise NotDone(f"{_bare(id)}: there is no such reply in {client.namespace!r}") from None


def _line(run: WorkflowExecution) -> Line:
    id = _bare(run.id)
    channel = attributes(run).get(SearchAttribute.CHANNEL, "-")
    return Line(id, channel, id.partition("-")[0], run.start_time)


def _cells(line: Line) -> list[str]:
    return [one_line(line.id), label(line.channel), line.provider, show_moment(line.since)]


def _status(about: WorkflowExecution) -> str:
    known = attributes(about).get(SearchAttribute.MESSAGE_STATUS, "not looked at yet")
    return known.replace("_", " ")


def _bare(id: str) -> str:
    """Also of what the Web UI shows."""
    return id.removeprefix(_PREFIX)
