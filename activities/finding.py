"""Which message a reply belongs to, asked of Temporal: by reference, by key, by conversation.

The webhooks look so once, and the workflow of a reply that found nothing goes on looking.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
)
from temporalio.service import RPCError, RPCStatusCode

from failover.events import Reply
from failover.names import MESSAGE_WORKFLOW, SearchAttribute, parse_reference, workflow_id

#: For one request; the SDK makes it again by itself while Temporal is away.
RPC_TIMEOUT = timedelta(seconds=3)
#: Messages to one pair, or of one conversation, that are compared.
MOST = 100
_RUNNING = 'ExecutionStatus="Running"'
#: By name: the SDK cannot read a run that is paused, which has neither ended.
_ENDED = "ExecutionStatus IN ('Completed', 'Failed', 'Canceled', 'Terminated', 'TimedOut')"

T = TypeVar("T")


class TemporalOutOfReach(Exception):
    """Temporal did not answer, or not to this: the same again may do."""


@dataclass(frozen=True)
class Ended:
    """The message that a reply belongs to, and that has come to its end.

    `exact` where the reply names it; else another one may have the same key in a moment.
    """

    workflow_id: str
    exact: bool


async def find_running(client: Client, reply: Reply) -> str | None:
    """The workflow id. Raises `TemporalOutOfReach`."""
    named = _named(reply)
    if named and (about := await _described(client, named)) and _runs(about):
        return named
    for number, key in enumerate(reply.keys):
        if found := await _last_writer(client, key, _RUNNING):
            exact = number < reply.exact
            return (
                found.id if exact else (await _latest_of_thread(client, found, reply) or found).id
            )
    return None


async def find_ended(client: Client, reply: Reply) -> Ended | str | None:
    """The message that has ended, or the id of the running one that goes on with its thread.

    Raises `TemporalOutOfReach`.
    """
    named = _named(reply)
    if named and (about := await _described(client, named)) and not _runs(about):
        return Ended(named, exact=True)
    for number, key in enumerate(reply.keys):
        if found := await _last_writer(client, key, _ENDED):
            if number < reply.exact:
                return Ended(found.id, exact=True)
            latest = await _latest_of_thread(client, found, reply)
            return latest.id if latest else Ended(found.id, exact=False)
    return None


async def asked(call: Callable[[], Awaitable[T]]) -> T:
    """What Temporal answers. Raises `TemporalOutOfReach`; LookupError when there is no such run."""
    try:
        return await call()
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND and not _no_namespace(error):
            raise LookupError from None
        raise TemporalOutOfReach(error.status.name) from None
    except Exception as error:
        # A lazy client that cannot connect raises RuntimeError.
        raise TemporalOutOfReach(type(error).__name__) from None


def clause(name: str, value: str) -> str | None:
    """A part of a query that finds this value, and may find more. Nothing where none can be made.

    Quotes and backslashes cannot be relied on there: server 1.32 with SQLite finds none of `a"b`,
    `a\\b` and `'a'` however they are escaped. Such a value is searched for by what stands before
    them.
    """
    safe = _before_any("'\"\\`", value)
    if safe == value:
        return f"{name} = '{value}'"
    return f"{name} STARTS_WITH '{safe}'" if safe else None


def _named(reply: Reply) -> str | None:
    parsed = parse_reference(reply.reference) if reply.reference else None
    return workflow_id(parsed[0]) if parsed else None


async def _described(client: Client, workflow: str) -> WorkflowExecutionDescription | None:
    handle = client.get_workflow_handle(workflow)
    try:
        return await asked(lambda: handle.describe(rpc_timeout=RPC_TIMEOUT))
    except LookupError:
        return None


def _runs(about: WorkflowExecutionDescription) -> bool:
    return about.status == WorkflowExecutionStatus.RUNNING


async def _last_writer(client: Client, key: str, state: str) -> WorkflowExecution | None:
    """Of the messages that hold this key the one that wrote to the pair last."""
    holders = await _listed(client, state, f'{SearchAttribute.REPLY_KEYS}="{key}"')
    return max(holders, key=lambda run: _wrote_at(run, key), default=None)


async def _latest_of_thread(
    client: Client, holder: WorkflowExecution, reply: Reply
) -> WorkflowExecution | None:
    """The running message of its conversation, to the same person, that wrote last by any way."""
    conversation = _one(holder, SearchAttribute.CONVERSATION)
    about = clause(SearchAttribute.CONVERSATION, conversation) if conversation else None
    if not about:
        return None
    thread = [
        run
        for run in await _listed(client, _RUNNING, about)
        if _one(run, SearchAttribute.CONVERSATION) == conversation
        and _to_same_person(run, holder, reply)
    ]
    return max(thread, key=_wrote_at, default=None)


def _to_same_person(run: WorkflowExecution, holder: WorkflowExecution, reply: Reply) -> bool:
    """One that has written already. A conversation may be with several people."""
    keys = _kept(run, SearchAttribute.REPLY_KEYS)
    known = _one(holder, SearchAttribute.RECIPIENT)
    same = known is not None and _one(run, SearchAttribute.RECIPIENT) == known
    return bool(keys) and (same or not {*reply.keys, reply.person}.isdisjoint(keys))


async def _listed(client: Client, state: str, wanted: str) -> list[WorkflowExecution]:
    query = f'WorkflowType="{MESSAGE_WORKFLOW}" AND {state} AND {wanted}'
    return await asked(partial(_collected, client, query))


async def _collected(client: Client, query: str) -> list[WorkflowExecution]:
    found = client.list_workflows(query, limit=MOST, rpc_timeout=RPC_TIMEOUT)
    return [run async for run in found]


def _wrote_at(run: WorkflowExecution, key: str | None = None) -> tuple[int, datetime]:
    """When it last wrote to the pair: `ReplyKeys` has `<key>@<unix ms>` beside the key."""
    entries = (entry.rpartition("@") for entry in _kept(run, SearchAttribute.REPLY_KEYS))
    times = (int(at) for of, _, at in entries if at.isdigit() and of and key in (of, None))
    return max(times, default=0), run.start_time


def _kept(run: WorkflowExecution, name: SearchAttribute) -> Sequence[str]:
    return [str(value) for value in run.search_attributes.get(name, ())]


def _one(run: WorkflowExecution, name: SearchAttribute) -> str | None:
    return next(iter(_kept(run, name)), None)


def _no_namespace(error: RPCError) -> bool:
    details = error.grpc_status.details
    return any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in details)


def _before_any(marks: str, value: str) -> str:
    ends = [value.index(mark) for mark in marks if mark in value]
    return value[: min(ends)] if ends else value
