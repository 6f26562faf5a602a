"""Reads the truths from where they are kept, when a run is over."""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCError, RPCStatusCode

from activities.finding import find_ended
from failover.attempts import Result
from failover.events import Reply
from failover.names import CONVERSATION_QUERY, INBOUND_WORKFLOW, workflow_id
from failover.transcript import Said as Written
from faults.asking import RPC_TIMEOUT, insist
from faults.plan import Person
from faults.record import Posted, Said, Taken, Told
from faults.telling import Reading
from starter.record import inbound
from workflows.inbound_showing import InboundStatus

#: Histories read at once.
_TOGETHER = 10
#: The words of Temporal's SDK, for activities and for workflow tasks.
_REFUSED = re.compile(r"not found (?:on completion|when completing)")


async def still_open(client: Client, ids: Iterable[str]) -> list[str]:
    """Those of these messages that have not ended."""

    async def one(id: str) -> str | None:
        about = await _described(client, id)
        return id if about and about.status == WorkflowExecutionStatus.RUNNING else None

    return [id for id in await _each(ids, one) if id]


async def told(client: Client, ids: Iterable[str]) -> dict[str, Told]:
    async def one(id: str) -> tuple[str, Told]:
        return id, await _told(client, id)

    return dict(await _each(ids, one))


async def taken(http: httpx.AsyncClient) -> tuple[Taken, ...]:
    """Everything that providers accepted, with the callbacks they posted."""
    answer = await http.get("/simulator/messages")
    return tuple(
        Taken(
            **{name: item[name] for name in ("id", "provider", "channel", "to", "at")},
            reference=item["reference"] or "",
            callbacks=tuple(
                Posted(says=posted["status"], at=posted["sent_at"], answer=posted["answer"])
                for posted in item["callbacks"]
            ),
        )
        for item in answer.json()
    )


async def said(
    http: httpx.AsyncClient, people: Iterable[Person], sends: Iterable[Taken]
) -> tuple[Said, ...]:
    """Everything that people answered: in writing, and by a key in a call."""
    whose = {address: person.id for person in people for address in (person.phone, person.email)}
    answer = await http.get("/simulator/replies")
    written = [
        Said(
            id=item["id"],
            message=whose[item["from"]],
            channel=item["channel"],
            at=item["at"],
            answer=item["answer"],
        )
        for item in answer.json()
    ]
    return (*written, *(_pressed(send, key, whose) for send in sends for key in _keys(send)))


async def kept(client: Client) -> dict[str, str]:
    """Of each reply that found no message at once, by the provider's id, where it stands."""
    query = f"WorkflowType = '{INBOUND_WORKFLOW}'"

    async def every() -> list[WorkflowExecution]:
        return [run async for run in client.list_workflows(query, rpc_timeout=RPC_TIMEOUT)]

    async def one(run: WorkflowExecution) -> tuple[str, str] | None:
        written = await insist(lambda: inbound(client, run))
        return (written[1].provider_id, await _stands(client, *written)) if written else None

    found = await _each(await insist(every), one)
    return dict(known for known in found if known)


async def _stands(client: Client, said: Written, reply: Reply) -> str:
    """What is still looked for is late when its message is known to have ended."""
    if said.state != InboundStatus.LOOKING:
        return said.state or InboundStatus.LOOKING
    return InboundStatus.LATE if await find_ended(client, reply) else InboundStatus.UNMATCHED


def refused(logs: Iterable[Path]) -> int:
    """How often a worker came too late with what it had done: Temporal had given it up."""
    return len(_lines(logs, _REFUSED))


def _lines(logs: Iterable[Path], sought: re.Pattern[str]) -> tuple[str, ...]:
    return tuple(found for log in logs for found in sought.findall(log.read_text(errors="replace")))


def _keys(call: Taken) -> list[Posted]:
    return [posted for posted in call.callbacks if posted.says == "gather"]


def _pressed(call: Taken, key: Posted, whose: dict[str, str]) -> Said:
    return Said(id=call.id, message=whose[call.to], channel="voice", at=key.at, answer=key.answer)


async def _told(client: Client, id: str) -> Told:
    about = await _described(client, id)
    if about is None:
        return Told(state="absent")
    handle = client.get_workflow_handle(workflow_id(id))
    history = await insist(lambda: handle.fetch_history(rpc_timeout=RPC_TIMEOUT))
    reading = Reading(client)
    for event in history.events:
        await reading.read(event)
    return Told(
        state=about.status.name.lower() if about.status else "unknown",
        closed=about.close_time,
        result=reading.result or await _result(client, id),
        signals=tuple(reading.signals),
        cancel=reading.cancel,
        sends=tuple(reading.sends.values()),
        hands=(*reading.hands, *reading.still_held()),
        timers=tuple(reading.timers),
        progress=tuple(reading.progress),
        task_failures=tuple(reading.failures),
        task_timeouts=reading.timeouts,
        pending=_pending(about),
    )


async def _result(client: Client, id: str) -> Result | None:
    """Of a message that was cancelled or is open: by the query."""
    handle = client.get_workflow_handle(workflow_id(id))
    try:
        result: Result = await handle.query(
            CONVERSATION_QUERY, result_type=Result, rpc_timeout=RPC_TIMEOUT * 4
        )
    except RPCError:
        return None
    return result


async def _described(client: Client, id: str) -> WorkflowExecutionDescription | None:
    handle = client.get_workflow_handle(workflow_id(id))
    try:
        return await insist(lambda: handle.describe(rpc_timeout=RPC_TIMEOUT))
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return None


def _pending(about: WorkflowExecutionDescription) -> tuple[str, ...]:
    raw = about.raw_description
    sends = [activity.activity_type.name for activity in raw.pending_activities]
    task = ["workflow task"] if raw.HasField("pending_workflow_task") else []
    return (*sends, *task)


async def _each(ids: Iterable[Any], one: Any) -> list[Any]:
    turn = asyncio.Semaphore(_TOGETHER)

    async def in_turn(id: Any) -> Any:
        async with turn:
            return await one(id)

    return await asyncio.gather(*(in_turn(id) for id in ids))
