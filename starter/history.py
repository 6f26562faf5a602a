"""What Temporal's own record says of a message, for when no worker is there to be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from temporalio.api.common.v1 import Payloads
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHandle
from temporalio.converter import DataConverter
from temporalio.exceptions import FailureError

from failover.attempts import Result
from failover.events import Act, AgentAct, AgentSays, OptOut, Response
from failover.message import Message
from failover.names import Signal
from starter import timeline
from starter.timeline import Entry

Value = TypeVar("Value")
_SENDS = ("send_", "place_call", "confirm_send")


async def asked(client: Client, run: WorkflowHandle[Any, Any]) -> Message | None:
    """What this run was asked for; one short read, however long the history is."""
    async for event in run.fetch_history_events(page_size=1):
        return await History([event], client.data_converter).message()
    return None


async def said(failure: Failure, converter: DataConverter) -> str:
    """Its message, which is encrypted where payloads are."""
    clear = Failure()
    clear.CopyFrom(failure)
    error = await converter.decode_failure(clear)
    return error.message if isinstance(error, FailureError) else str(error)


@dataclass(frozen=True)
class Wait:
    """What the message is waiting for, as its timer says it."""

    what: str
    until: datetime


@dataclass(frozen=True)
class History:
    events: Sequence[HistoryEvent]
    converter: DataConverter

    async def message(self) -> Message | None:
        """What was asked for; None when it does not hold, as in a message that was refused."""
        if not self.events:
            return None
        started = self.events[0].workflow_execution_started_event_attributes
        return await self.decoded(started.input, Message)

    async def result(self) -> Result | None:
        for event in reversed(self.events):
            if event.HasField("workflow_execution_completed_event_attributes"):
                done = event.workflow_execution_completed_event_attributes
                return await self.decoded(done.result, Result)
        return None

    async def error(self) -> str | None:
        """Why it failed, if it did."""
        for event in reversed(self.events):
            if event.HasField("workflow_execution_failed_event_attributes"):
                failed = event.workflow_execution_failed_event_attributes
                return await said(failed.failure, self.converter)
        return None

    def cancel_reason(self) -> str | None:
        for event in self.events:
            if event.HasField("workflow_execution_cancel_requested_event_attributes"):
                asked = event.workflow_execution_cancel_requested_event_attributes
                return asked.cause or ""
        return None

    async def stuck(self) -> str | None:
        """Why the worker cannot go on with it, if it last failed in trying."""
        for event in reversed(self.events):
            if event.HasField("workflow_task_completed_event_attributes"):
                return None
            if event.HasField("workflow_task_failed_event_attributes"):
                failed = event.workflow_task_failed_event_attributes
                return await said(failed.failure, self.converter) or None
        return None

    async def waits(self) -> list[Wait]:
        """The timers that are running."""
        running: dict[int, HistoryEvent] = {}
        for event in self.events:
            if event.HasField("timer_started_event_attributes"):
                running[event.event_id] = event
            elif event.HasField("timer_fired_event_attributes"):
                running.pop(event.timer_fired_event_attributes.started_event_id, None)
            elif event.HasField("timer_canceled_event_attributes"):
                running.pop(event.timer_canceled_event_attributes.started_event_id, None)
        return [await self._wait(event) for event in running.values()]

    async def sends(self) -> dict[str, str]:
        """Per activity id what it is, as the timeline in the Web UI says it."""
        found = {}
        for event in self.events:
            if event.HasField("activity_task_scheduled_event_attributes"):
                asked = event.activity_task_scheduled_event_attributes
                found[asked.activity_id] = await self._summary(event) or asked.activity_type.name
        return found

    async def story(self) -> list[Entry]:
        """Sends and signals, without what the worker made of them."""
        told = [await self._told(event) for event in self.events]
        return [entry for entry in told if entry]

    async def _told(self, event: HistoryEvent) -> Entry | None:
        at = event.event_time.ToDatetime(UTC)
        if event.HasField("activity_task_scheduled_event_attributes"):
            asked = event.activity_task_scheduled_event_attributes
            if asked.activity_type.name.startswith(_SENDS):
                return Entry(at, "send", await self._summary(event) or asked.activity_type.name)
        if event.HasField("workflow_execution_signaled_event_attributes"):
            signal = event.workflow_execution_signaled_event_attributes
            return await self._signal(at, signal.signal_name, signal.input)
        return None

    async def _signal(self, at: datetime, name: str, given: Payloads) -> Entry:
        if name == Signal.RESPONDED and (said := await self.decoded(given, Response)):
            return timeline.answer(said.model_copy(update={"at": at}))
        if name == Signal.OPTED_OUT and (stop := await self.decoded(given, OptOut)):
            return timeline.stop(stop.model_copy(update={"at": at}))
        if name in set(Act) and (says := await self.decoded(given, AgentSays)):
            facts = says.model_dump(include={"agent", "text", "choice"})
            return timeline.acted(AgentAct(act=Act(name), at=at, **facts))
        if name == Signal.REPORTED and (report := await self.decoded(given, dict[str, Any])):
            what = f"reported: attempt {report.get('attempt')} {report.get('status')}"
            return Entry(at, "signal", timeline.one_line(what))
        return Entry(at, "signal", timeline.one_line(name))

    async def _wait(self, event: HistoryEvent) -> Wait:
        lasts = event.timer_started_event_attributes.start_to_fire_timeout.ToTimedelta()
        until = event.event_time.ToDatetime(UTC) + lasts
        return Wait(await self._summary(event) or "wait", until)

    async def _summary(self, event: HistoryEvent) -> str | None:
        if not event.user_metadata.HasField("summary"):
            return None
        [summary] = await self.converter.decode([event.user_metadata.summary], [str])
        return timeline.one_line(summary)

    async def decoded(self, given: Payloads, kind: type[Value]) -> Value | None:
        try:
            [value] = await self.converter.decode_wrapper(given, [kind])
        except (ValueError, KeyError, RuntimeError):
            return None
        return value  # type: ignore[no-any-return]
