"""From what providers say to signals for the message it is about."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol, TypeVar

from pydantic import BaseModel
from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from failover.addresses import scrub
from failover.events import DeliveryReport, DeliveryStatus, Event, OptOut, Reply, Report, Response
from failover.names import (
    IN_DOUBT,
    MESSAGE_WORKFLOW,
    SearchAttribute,
    Signal,
    activity_id,
    message_id,
    parse_reference,
    workflow_id,
)

#: For one request; the SDK makes it again by itself while Temporal is away.
RPC_TIMEOUT = timedelta(seconds=3)
#: Seconds for one event with all its requests. Twilio waits 15 s for our answer.
EVENT_TIMEOUT = 8.0
HEALTH_TIMEOUT = timedelta(seconds=2)
#: Events of one callback under way at once.
TOGETHER = 20
#: Running messages to one pair that are compared; more than that nobody has open.
MOST = 100

T = TypeVar("T")

_log = logging.getLogger(__name__)


class TemporalOutOfReach(Exception):
    """Nothing was lost: the provider sends it again after a 503, and repeats do no harm."""


class Gateway(Protocol):
    """Where events go. `TemporalGateway` outside of tests."""

    async def deliver(self, events: Sequence[Event]) -> None:
        """Give each event to its message. Raises `TemporalOutOfReach` if even one could not be."""

    async def healthy(self) -> bool:
        """Whether Temporal answers."""


class TemporalGateway:
    """Signals running messages. It never starts one: on a closed id that would send all again."""

    def __init__(self, client: Client, *, event_timeout: float = EVENT_TIMEOUT) -> None:
        self._client, self._event_timeout = client, event_timeout

    async def deliver(self, events: Sequence[Event]) -> None:
        turn = asyncio.Semaphore(TOGETHER)

        async def one(event: Event) -> None:
            async with turn:
                await self._in_time(event)

        try:
            async with asyncio.TaskGroup() as group:
                for event in events:
                    group.create_task(one(event))
        except* TemporalOutOfReach as errors:
            raise TemporalOutOfReach(str(errors.exceptions[0])) from None

    async def healthy(self) -> bool:
        try:
            async with asyncio.timeout(HEALTH_TIMEOUT.total_seconds()):
                return await self._client.service_client.check_health(timeout=HEALTH_TIMEOUT)
        except Exception:
            return False

    async def _in_time(self, event: Event) -> None:
        try:
            async with asyncio.timeout(self._event_timeout):
                await self._deliver(event)
        except TimeoutError:
            raise TemporalOutOfReach(f"no answer in {self._event_timeout:g} s") from None

    async def _deliver(self, event: Event) -> None:
        match event:
            case DeliveryReport():
                await self._report(event)
            case Reply():
                await self._reply(event)

    async def _report(self, event: DeliveryReport) -> None:
        parsed = parse_reference(event.reference)
        if parsed is None:
            _log.warning("a report for no message of ours")
            return
        message, attempt = parsed
        # It was accepted, as the provider's answer says too, unless that has not come.
        if event.status == DeliveryStatus.SENT and not await self._in_doubt(message, attempt):
            return
        told = event.model_dump(exclude={"reference", "at"}) | {"at": _aware(event.at)}
        report = Report(attempt=attempt, **told)
        await self._signal(workflow_id(message), Signal.REPORTED, report)

    async def _in_doubt(self, message: str, attempt: int) -> bool:
        """Whether what became of a send is not known, or not yet; this leaves no event."""
        handle = self._client.get_workflow_handle(workflow_id(message))
        try:
            about = await _asked(lambda: handle.describe(rpc_timeout=RPC_TIMEOUT))
        except LookupError:
            return False
        raw = about.raw_description
        if raw.HasField("pending_workflow_task"):  # the message has not heard all of it yet
            return True
        under_way = (one.activity_id for one in raw.pending_activities)
        doubtful = IN_DOUBT in about.search_attributes.get(SearchAttribute.MESSAGE_STATUS, ())
        return doubtful or activity_id(attempt) in under_way

    async def _reply(self, reply: Reply) -> None:
        parsed = parse_reference(reply.reference) if reply.reference else None
        found = workflow_id(parsed[0]) if parsed else await self._find(reply.keys)
        if found and parsed and reply.keys and not await self._runs(found):
            found = await self._find(reply.keys) or found
        if found is None:
            whose = (reply.provider, reply.channel, scrub(reply.provider_id))
            _log.warning("unmatched reply: by %s on %s, %s", *whose)
            return
        at = _aware(reply.at)
        if reply.stop:
            told = reply.model_dump(include={"channel", "text", "provider", "provider_id"})
            await self._signal(found, Signal.OPTED_OUT, OptOut(**told, at=at))
        else:
            told = reply.model_dump(include={*Response.model_fields} - {"at"})
            await self._signal(found, Signal.RESPONDED, Response(**told, at=at))

    async def _runs(self, workflow: str) -> bool:
        """A person who answers a message that has ended may mean the one that has not."""
        try:
            handle = self._client.get_workflow_handle(workflow)
            about = await _asked(lambda: handle.describe(rpc_timeout=RPC_TIMEOUT))
        except LookupError:
            return False
        return about.status == WorkflowExecutionStatus.RUNNING

    async def _find(self, keys: Sequence[str]) -> str | None:
        """The running message that holds the first of these keys that any holds."""
        for key in keys:
            holders = await _asked(partial(self._holders, key))
            if holders:
                return max(holders, key=lambda run: _wrote_at(run, key)).id
        return None

    async def _holders(self, key: str) -> list[WorkflowExecution]:
        query = (
            f'WorkflowType="{MESSAGE_WORKFLOW}" AND ExecutionStatus="Running" '
            f'AND {SearchAttribute.REPLY_KEYS}="{key}"'
        )
        found = self._client.list_workflows(query, limit=MOST, rpc_timeout=RPC_TIMEOUT)
        return [run async for run in found]

    async def _signal(self, workflow: str, name: Signal, payload: BaseModel) -> None:
        handle = self._client.get_workflow_handle(workflow)
        try:
            await _asked(lambda: handle.signal(name, payload, rpc_timeout=RPC_TIMEOUT))
        except LookupError:
            _log.info("%s for %s, which is closed or unknown", name, message_id(workflow))


async def _asked(call: Callable[[], Awaitable[T]]) -> T:
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


def _no_namespace(error: RPCError) -> bool:
    details = error.grpc_status.details
    return any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in details)


def _wrote_at(run: WorkflowExecution, key: str) -> tuple[int, datetime]:
    """When it last wrote to the pair: `ReplyKeys` has `<key>@<unix ms>` beside the key."""
    kept = run.search_attributes.get(SearchAttribute.REPLY_KEYS, [])
    times = (entry.removeprefix(f"{key}@") for entry in map(str, kept))
    return max((int(at) for at in times if at.isdigit()), default=0), run.start_time


def _aware(at: datetime | None) -> datetime:
    """When it happened, else when it came."""
    if at is None:
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
