"""The benchmark in its small size: the tables come out, and its counts keep their bound."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from benchmarks.report import ONCE, PER_ATTEMPT, Report, Story
from benchmarks.sides import SIDES
from benchmarks.sizes import SIZES, Name
from benchmarks.stories import Told, lateness, story

ROOT = Path(__file__).parent.parent
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, str]:
    """One small run: what it measured, and what it printed."""
    folder = tmp_path_factory.mktemp("benchmark")
    kept = folder / "report.json"
    ended = subprocess.run(
        _command("--json", str(kept)),
        cwd=ROOT,
        env=_environment(folder),
        capture_output=True,
        text=True,
        timeout=SIZES["smoke"].limit + 60,
    )
    assert ended.returncode == 0, ended.stderr
    assert _left_in(folder) == []
    return Report.model_validate_json(kept.read_text()), ended.stdout


def test_every_figure_is_measured_on_both_sides(done: tuple[Report, str]) -> None:
    report, _ = done
    size = SIZES["smoke"]

    assert [one.side for one in report.rounds] == list(size.rounds)
    assert all(one.used.server > 0 and one.used.worker > 0 for one in report.rounds)
    assert all(one.requests["SignalWorkflowExecution"] == size.messages for one in report.rounds)
    assert [one.side for one in report.timings] == ["floor", "product"]
    assert all(len(one.late) == len(one.closed) == size.failed_over for one in report.timings)
    assert [one.side for one in report.waiting] == ["floor", "product"]
    assert all(one.worker_bytes > 0 < one.worker_bytes_before for one in report.waiting)
    assert all(one.disk_bytes > 0 for one in report.waiting)


def test_the_tables_show_what_was_counted(done: tuple[Report, str]) -> None:
    report, printed = done
    lines = [[cell.strip() for cell in line.split("|")] for line in printed.splitlines()]
    told = {cells[1]: cells[2:-1] for cells in lines if len(cells) > 3}

    for tries, figure in ((1, "history events, 1 attempt"), (2, "history events, 2 attempts")):
        floor, product, above, _ = told[figure]
        assert int(floor) == report.story("floor", tries).length
        assert int(product) == report.story("product", tries).length
        assert int(above) == report.above(tries)
    assert told["TIMER_FIRED"] == ["0", "0", "1", "1"]


def test_the_floor_is_as_small_as_it_says(done: tuple[Report, str]) -> None:
    """A start, a send, a timer and an answer; another send and another timer."""
    report, _ = done

    assert [report.story("floor", tries).actions for tries in (1, 2)] == [4, 6]
    assert [report.story("floor", tries).length for tries in (1, 2)] == [17, 28]


def test_a_message_has_few_events_above_the_floor(done: tuple[Report, str]) -> None:
    report, _ = done

    assert report.too_many_events() == []
    assert report.above(2) - report.above(1) <= PER_ATTEMPT


@pytest.mark.parametrize("tries", [1, 2])
def test_one_event_too_many_is_told(tries: int) -> None:
    most = ONCE + PER_ATTEMPT * tries

    assert _above(tries, most).too_many_events() == []
    assert _above(tries, most + 1).too_many_events() == [
        f"{tries} attempts: {most + 1} events above the floor"
    ]


def test_actions_are_counted_as_they_are_billed() -> None:
    """Local activities of one task once, an activity for each try, heartbeats that came."""
    told = [
        event("WORKFLOW_EXECUTION_STARTED"),
        event("WORKFLOW_TASK_COMPLETED"),
        marker("core_local_activity", task=2),
        marker("core_local_activity", task=2),
        marker("core_patch", task=7),
        event("UPSERT_WORKFLOW_SEARCH_ATTRIBUTES"),
        event("ACTIVITY_TASK_SCHEDULED"),
        event("ACTIVITY_TASK_STARTED", activity_task_started_event_attributes={"attempt": 3}),
        event("TIMER_STARTED"),
        event("TIMER_FIRED"),
        event("WORKFLOW_EXECUTION_SIGNALED"),
        event("WORKFLOW_EXECUTION_COMPLETED"),
    ]

    counted = story(SIDES["product"], 1, [Told(told, 5)], heartbeats=2)

    assert counted.actions == 1 + 1 + 1 + 3 + 1 + 1 + 2
    assert counted.length == len(told)


def test_the_usual_history_is_told_and_the_others_counted() -> None:
    usual, other = [event("WORKFLOW_EXECUTION_STARTED")], [event("WORKFLOW_TASK_FAILED")]

    counted = story(SIDES["floor"], 1, [Told(other, 1), Told(usual, 1), Told(usual, 1)], 0)

    assert counted.events == {"WORKFLOW_EXECUTION_STARTED": 1}
    assert (counted.read, counted.others) == (3, 1)


def test_a_timer_is_late_until_the_next_send_is_taken_up() -> None:
    told = [
        event("TIMER_STARTED", 7, at=10, timer_started_event_attributes={"timer_id": "1"}),
        event("TIMER_FIRED", 8, at=12.5, timer_fired_event_attributes={"started_event_id": 7}),
        event("ACTIVITY_TASK_STARTED", 9, at=12.75),
        event("TIMER_STARTED", 10, at=13),
        event("ACTIVITY_TASK_STARTED", 11, at=14),
    ]
    told[0].timer_started_event_attributes.start_to_fire_timeout.FromTimedelta(timedelta(seconds=2))

    assert lateness(told) == [pytest.approx(0.75)]


def test_a_run_that_is_stopped_leaves_no_process_behind(tmp_path: Path) -> None:
    running = subprocess.Popen(
        _command(), cwd=ROOT, env=_environment(tmp_path), stderr=subprocess.PIPE, text=True
    )
    assert running.stderr
    with running.stderr as said:
        assert said.readline().startswith("round 1")
        assert _left_in(tmp_path) != []
        running.send_signal(signal.SIGTERM)
        assert running.wait(60) == 130
    assert _left_in(tmp_path) == []


def _command(*more: str) -> Sequence[str]:
    return [sys.executable, "-m", "benchmarks", "--size", "smoke", *more]


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder)}


def _left_in(folder: Path) -> list[str]:
    """The processes that a run has started there."""
    found = []
    for process in psutil.process_iter(["cwd", "cmdline"]):
        cwd = process.info["cwd"]
        if cwd and Path(cwd).is_relative_to(folder) and process.is_running():
            found.append(" ".join(process.info["cmdline"] or ()))
    return found


def _above(tries: int, events: int) -> Report:
    def of(side: Name, length: int) -> Story:
        counts = {"TIMER_STARTED": length}
        return Story(
            side=side, attempts=tries, events=counts, transitions=1, actions=1, read=1, others=0
        )

    stories = [of("floor", 17), of("product", 17 + events)]
    return Report(machine="", versions="", at="", load=(0, 0), size="", stories=stories)


def event(name: str, number: int = 1, *, at: float = 0, **attributes: Any) -> HistoryEvent:
    kind = EventType.Value(f"EVENT_TYPE_{name}")
    made = HistoryEvent(event_id=number, event_type=kind, **attributes)
    made.event_time.FromDatetime(NOON + timedelta(seconds=at))
    return made


def marker(name: str, *, task: int) -> HistoryEvent:
    about = {"marker_name": name, "workflow_task_completed_event_id": task}
    return event("MARKER_RECORDED", marker_recorded_event_attributes=about)
