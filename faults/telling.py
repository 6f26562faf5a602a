"""What Temporal says of one message, out of its history."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType, TimeoutType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from failover.attempts import Result
from faults.record import Hand, Send, Signalled, Timer

_ENDS = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: "activity_task_completed_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: "activity_task_failed_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: "activity_task_timed_out_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED: "activity_task_canceled_event_attributes",
}
_TASK_ENDS = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
)
_TAKEN_AND_LOST = TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE
#: Not a fault: news came in the same instant, and the task is done again with it.
_HARMLESS = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND


class Reading:
    """Goes through a history once, event by event."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.signals: list[Signalled] = []
        self.cancel: datetime | None = None
        self.sends: dict[int, Send] = {}
        self.hands: list[Hand] = []
        self.timers: list[Timer] = []
        self.progress: list[datetime] = []
        self.failures: list[str] = []
        self.timeouts = 0
        self.result: Result | None = None
        self._waiting: dict[str, datetime] = {}
        self._fired: list[datetime] = []
        self._held: dict[int | str, tuple[str, datetime]] = {}

    async def read(self, event: HistoryEvent) -> None:
        at = _moment(event.event_time)
        match event.event_type:
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                signal = event.workflow_execution_signaled_event_attributes
                told = await self._decoded(signal.input)
                self.signals.append(Signalled(name=signal.signal_name, at=at, told=told))
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED:
                self.cancel = self.cancel or at
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
                ended = event.workflow_execution_completed_event_attributes
                self.result = Result.model_validate(await self._decoded(ended.result))
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                await self._scheduled(event, at)
            case EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
                self._started(event, at)
            case kind if kind in _ENDS:
                number = getattr(event, _ENDS[kind]).scheduled_event_id
                self._let_go(number, at)
                if kind == EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT:
                    self._changed(number, given_up=at)
            case _:
                self._task_or_timer(event, at)

    def still_held(self) -> list[Hand]:
        return [Hand(worker=who, began=began, ended=None) for who, began in self._held.values()]

    async def _scheduled(self, event: HistoryEvent, at: datetime) -> None:
        scheduled = event.activity_task_scheduled_event_attributes
        if scheduled.activity_type.name.startswith(("send_", "place_")):
            told = await self._decoded(scheduled.input)
            self.sends[event.event_id] = Send(reference=told["reference"], scheduled=at)

    def _started(self, event: HistoryEvent, at: datetime) -> None:
        """It is written when the activity ends, with the time and the worker of its last try."""
        started = event.activity_task_started_event_attributes
        number = started.scheduled_event_id
        self._held[number] = (started.identity, at)
        self._changed(number, started=at, worker=started.identity)

    def _changed(self, number: int, **known: datetime | str) -> None:
        if send := self.sends.get(number):
            self.sends[number] = send.model_copy(update=known)

    def _task_or_timer(self, event: HistoryEvent, at: datetime) -> None:
        match event.event_type:
            case EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
                who = event.workflow_task_started_event_attributes.identity
                self._held["task"] = (who, at)
            case kind if kind in _TASK_ENDS:
                self._let_go("task", at)
                self._note_task(event, at)
            case EventType.EVENT_TYPE_TIMER_STARTED:
                timer = event.timer_started_event_attributes
                length = timer.start_to_fire_timeout.ToTimedelta()
                self._waiting[timer.timer_id] = at + length
            case EventType.EVENT_TYPE_TIMER_FIRED:
                self._fired.append(self._waiting.pop(event.timer_fired_event_attributes.timer_id))

    def _note_task(self, event: HistoryEvent, at: datetime) -> None:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            self.progress.append(at)
            self.timers += [Timer(due=due, acted=max(at, due)) for due in self._fired]
            self._fired = []
        elif event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
            cause = event.workflow_task_failed_event_attributes.cause
            if cause != _HARMLESS:
                self.failures.append(WorkflowTaskFailedCause.Name(cause))
        elif event.workflow_task_timed_out_event_attributes.timeout_type == _TAKEN_AND_LOST:
            self.timeouts += 1

    def _let_go(self, what: int | str, at: datetime) -> None:
        if held := self._held.pop(what, None):
            self.hands.append(Hand(worker=held[0], began=held[1], ended=at))

    async def _decoded(self, given: Payloads) -> dict[str, Any]:
        if not given.payloads:
            return {}
        (told,) = await self._client.data_converter.decode(given.payloads[:1], [dict])
        return dict(told)


def _moment(at: Timestamp) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at.ToMicroseconds())
