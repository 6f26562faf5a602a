"""From what providers say to signals for the message it is about."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Protocol

from pydantic import BaseModel
from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.answering import MOST_TEXT, answer, aware, remembered_at_once, shortened
from activities.finding import RPC_TIMEOUT, TemporalOutOfReach, asked, find_running
from activities.opt_outs import Said, remember, take_back
from failover.events import DeliveryReport, DeliveryStatus, Event, FailureClass, Reply, Report
from failover.names import (
    BACK_OFFICE,
    IN_DOUBT,
    INBOUND_WORKFLOW,
    SearchAttribute,
    Signal,
    activity_id,
    inbound_id,
    message_id,
    parse_reference,
    workflow_id,
)

#: Seconds for one event with all its requests. Twilio waits 15 s for our answer.
EVENT_TIMEOUT = 8.0
HEALTH_TIMEOUT = timedelta(seconds=2)
#: Events of one callback under way at once.
TOGETHER = 20
#: Characters of what a person wrote that are kept: Temporal takes 2 MB for one input.
MOST_KEPT = 200_000
#: Of a stop, what is remembered.
_SAID = {"channel", "provider", "at"}

_log = logging.getLogger(__name__)


class Gateway(Protocol):
    """Where events go. `TemporalGateway` outside of tests."""

    async def deliver(self, events: Sequence[Event]) -> None:
        """Give each event to its message. Raises `TemporalOutOfReach` if even one could not be."""

    async def healthy(self) -> bool:
        """Whether Temporal answers."""


class TemporalGateway:
    """Signals running messages, and has a workflow keep each reply that finds none.

    It never starts a message: on a closed id that would send everything again.
    """

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
        told = event.model_dump(exclude={"reference", "at"}) | {"at": aware(event.at)}
        report = Report(attempt=attempt, **told)
        if not await self._signal(workflow_id(message), Signal.REPORTED, report):
            await self._heed_late(event)

    async def _heed_late(self, event: DeliveryReport) -> None:
        """The message has ended, and remembers no more that the person said stop."""
        if event.person and event.failure and event.failure.kind == FailureClass.OPT_OUT:
            await self._remember(event.person, Said(why=event.failure.code, at=aware(event.at)))

    async def _in_doubt(self, message: str, attempt: int) -> bool:
        """Whether what became of a send is not known, or not yet; this leaves no event."""
        handle = self._client.get_workflow_handle(workflow_id(message))
        try:
            about = await asked(lambda: handle.describe(rpc_timeout=RPC_TIMEOUT))
        except LookupError:
            return False
        raw = about.raw_description
        if raw.HasField("pending_workflow_task"):  # the message has not heard all of it yet
            return True
        under_way = (one.activity_id for one in raw.pending_activities)
        doubtful = IN_DOUBT in about.search_attributes.get(SearchAttribute.MESSAGE_STATUS, ())
        return doubtful or activity_id(attempt) in under_way

    async def _reply(self, reply: Reply) -> None:
        reply = reply.model_copy(update={"at": aware(reply.at)})
        if reply.start and reply.person:
            await self._take_back(reply.person)
        if reply.person and remembered_at_once(reply):
            said = Said.model_validate(reply.model_dump(include=_SAID))
            await self._remember(reply.person, said)
        try:
            async with asyncio.timeout(self._event_timeout / 2):
                # A longer answer is kept whole where it goes on looking.
                if len(reply.text or "") <= MOST_TEXT and await self._answered(reply):
                    return
        except (TimeoutError, TemporalOutOfReach) as error:
            _log.info("no look-up of a reply's message: %s", str(error) or "no answer in time")
        if not reply.start:  # which answers nothing that is not there
            await self._keep(reply)

    async def _answered(self, reply: Reply) -> bool:
        found = await find_running(self._client, reply)
        return found is not None and await answer(self._client, found, reply)

    async def _remember(self, person: str, said: Said) -> None:
        """From here on no send goes to this address."""
        await asked(lambda: remember(self._client, person, said))

    async def _take_back(self, person: str) -> None:
        await asked(lambda: take_back(self._client, person))

    async def _keep(self, reply: Reply) -> None:
        """As a workflow, which goes on looking. The same callback again finds it there."""
        id = inbound_id(reply.provider, reply.provider_id)
        kept = reply.model_copy(update={"text": shortened(reply.text, MOST_KEPT)})

        async def start() -> None:
            with suppress(WorkflowAlreadyStartedError):
                await self._client.start_workflow(
                    INBOUND_WORKFLOW,
                    kept,
                    id=id,
                    task_queue=BACK_OFFICE,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    static_summary=f"a reply on {reply.channel} by {reply.provider}",
                    rpc_timeout=RPC_TIMEOUT,
                )

        await asked(start)
        _log.info("a reply by %s on %s is kept as %s", reply.provider, reply.channel, id)

    async def _signal(self, workflow: str, name: Signal, payload: BaseModel) -> bool:
        """Whether there was anybody to hear it."""
        handle = self._client.get_workflow_handle(workflow)
        try:
            await asked(lambda: handle.signal(name, payload, rpc_timeout=RPC_TIMEOUT))
        except LookupError:
            _log.info("%s for %s, which is closed or unknown", name, message_id(workflow))
            return False
        return True
