"""Reads the truths from where they are kept, when a run is over."""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from failover.conversation import Result
from failover.names import CONVERSATION_QUERY, workflow_id
from faults.asking import RPC_TIMEOUT, insist
from faults.plan import Person
from faults.record import Posted, Said, Taken, Told
from faults.telling import Reading

#: Histories read at once.
_TOGETHER = 10
_UNMATCHED = re.compile(r"unmatched reply: by \S+ on \S+, (.+)$", re.MULTILINE)
#: The words of Temporal's SDK, for activities and for workflow tasks.
_REFUSED = re.compile(r"not found (?:on completion|when completing)")
_CLOSED = re.compile(r"(?:responded|opted_out) for (\S+), which is closed", re.MULTILINE)


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


def unmatched(logs: Iterable[Path]) -> tuple[str, ...]:
    """The ids, with whatever looks like a number masked, of replies that found no message."""
    return _lines(logs, _UNMATCHED)


def too_late(logs: Iterable[Path]) -> tuple[str, ...]:
    """The messages that had ended, as Temporal told the webhooks, when a reply reached it."""
    return _lines(logs, _CLOSED)


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


async def _each(ids: Iterable[str], one: Any) -> list[Any]:
    turn = asyncio.Semaphore(_TOGETHER)

    async def in_turn(id: str) -> Any:
        async with turn:
            return await one(id)

    return await asyncio.gather(*(in_turn(id) for id in ids))
