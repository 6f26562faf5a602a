"""What the histories say: events, billable actions, and how late a timer was."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from benchmarks.report import Story
from benchmarks.sides import Handle, Side

_PREFIX = "EVENT_TYPE_"
_STARTED = EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
_MARKER = EventType.EVENT_TYPE_MARKER_RECORDED
#: One action each, by https://docs.temporal.io/evaluate/cloud/actions (read on 2026-11-22).
#: An activity counts once for each time it is started.
_ACTIONS = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
        EventType.EVENT_TYPE_TIMER_STARTED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
        EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
    }
)


class Told(NamedTuple):
    events: Sequence[HistoryEvent]
    transitions: int


async def read(handle: Handle) -> Told:
    about = (await handle.describe()).raw_description.workflow_execution_info
    history = await handle.fetch_history()
    return Told(history.events, about.state_transition_count)


async def is_waiting(handle: Handle) -> bool:
    """Whether all that is left to it is a timer or a signal, once its send was taken."""
    about = (await handle.describe()).raw_description
    return not (about.pending_activities or about.HasField("pending_workflow_task"))


def story(side: Side, attempts: int, told: Sequence[Told], heartbeats: int) -> Story:
    """`heartbeats` are those of one message: the server bills them and writes no event."""
    shapes = Counter(_shape(one) for one in told)
    (events, transitions, actions), most = shapes.most_common(1)[0]
    return Story(
        side=side.name,
        attempts=attempts,
        events=dict(events),
        transitions=transitions,
        actions=actions + heartbeats,
        read=len(told),
        others=len(told) - most,
    )


def lateness(events: Sequence[HistoryEvent]) -> list[float]:
    """Seconds from when each timer was due to when a worker had taken up the send after it."""
    due: dict[int, float] = {}
    fired: list[float] = []
    late = []
    for event in events:
        timer = event.timer_started_event_attributes
        if event.HasField("timer_started_event_attributes"):
            wait = timer.start_to_fire_timeout.ToNanoseconds() / 1e9
            due[event.event_id] = _seconds(event.event_time) + wait
        elif event.HasField("timer_fired_event_attributes"):
            fired.append(due[event.timer_fired_event_attributes.started_event_id])
        elif event.event_type == _STARTED and fired:
            late.append(_seconds(event.event_time) - fired.pop())
    return late


def _shape(told: Told) -> tuple[tuple[tuple[str, int], ...], int, int]:
    names = Counter(EventType.Name(event.event_type).removeprefix(_PREFIX) for event in told.events)
    return tuple(sorted(names.items())), told.transitions, _actions(told.events)


def _actions(events: Sequence[HistoryEvent]) -> int:
    counted = sum(event.event_type in _ACTIONS for event in events)
    counted += sum(
        event.activity_task_started_event_attributes.attempt
        for event in events
        if event.event_type == _STARTED
    )
    return counted + len(_local_activities(events))


def _local_activities(events: Sequence[HistoryEvent]) -> set[int]:
    """All of one workflow task are one action."""
    return {
        event.marker_recorded_event_attributes.workflow_task_completed_event_id
        for event in events
        if event.event_type == _MARKER
        and event.marker_recorded_event_attributes.marker_name == "core_local_activity"
    }


def _seconds(at: Timestamp) -> float:
    return at.ToNanoseconds() / 1e9
