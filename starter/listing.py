"""The verb `list`: messages by what they can be found by."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text
from temporalio.client import Client, WorkflowExecution

from activities.finding import clause
from failover.names import MESSAGE_WORKFLOW, SearchAttribute, message_id
from starter.look import attributes, status
from starter.screen import Screen, complain
from starter.showing import style
from starter.spans import show_moment, show_span
from starter.timeline import one_line

COLUMNS = ("id", "status", "channel", "recipient", "conversation", "started", "run for")


class Status(StrEnum):
    OPEN = "open"
    RESPONDED = "responded"
    REACHED = "reached"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    OPTED_OUT = "opted_out"
    CANCELLED = "cancelled"
    FAILED = "failed"
    TERMINATED = "terminated"
    TIMED_OUT = "timed_out"


_BY_TEMPORAL = {
    Status.OPEN: "Running",
    Status.CANCELLED: "Canceled",
    Status.FAILED: "Failed",
    Status.TERMINATED: "Terminated",
    Status.TIMED_OUT: "TimedOut",
}


async def listing(
    client: Client, wanted: Mapping[str, str], *, state: Status | None, limit: int
) -> list[WorkflowExecution]:
    """The newest first. `wanted` is by search attribute."""
    found: list[WorkflowExecution] = []
    async for seen in client.list_workflows(query(wanted, state)):
        if fits(seen, wanted):
            found.append(seen)
        if len(found) >= limit:
            break
    return found


def query(
    wanted: Mapping[str, str],
    state: Status | None = None,
    kinds: Sequence[str] = (MESSAGE_WORKFLOW,),
) -> str:
    """Temporal's query. `fits` looks at what is found, which may be more than is wanted."""
    clauses = [_kinds(kinds)]
    if state in _BY_TEMPORAL:
        clauses.append(f"ExecutionStatus = '{_BY_TEMPORAL[state]}'")
    elif state:
        clauses += ["ExecutionStatus = 'Completed'", f"MessageStatus = '{state}'"]
    clauses += [part for name, value in wanted.items() if (part := clause(name, value))]
    return " AND ".join(clauses)


def _kinds(kinds: Sequence[str]) -> str:
    if len(kinds) == 1:
        return f"WorkflowType = '{kinds[0]}'"
    return f"WorkflowType IN ({', '.join(repr(kind) for kind in kinds)})"


def fits(seen: WorkflowExecution, wanted: Mapping[str, str]) -> bool:
    known = attributes(seen)
    return all(known.get(name) == value for name, value in wanted.items())


def print_list(screen: Screen, found: list[WorkflowExecution], limit: int) -> None:
    if not found:
        complain("no message matches")
        return
    if screen.live:
        rows = [_cells(seen, show_moment(seen.start_time)) for seen in found]
        shown = _table(rows)
        screen.console.print(shown if screen.fits(shown) else _stacked(rows))
    else:
        times = [f"{seen.start_time.astimezone():%Y-%m-%d %H:%M:%S}" for seen in found]
        screen.columns([list(COLUMNS), *map(_cells, found, times)])
    if len(found) == limit:
        complain(f"{limit} shown; there may be more: --limit {limit * 5}")


def print_json(screen: Screen, found: list[WorkflowExecution]) -> None:
    screen.write(json.dumps([_as_json(seen) for seen in found], ensure_ascii=False, indent=2))


def _table(rows: list[list[str]]) -> Table:
    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in COLUMNS:
        shown.add_column(column, no_wrap=True)
    for id, state, *rest in rows:
        shown.add_row(Text(id, "bold"), Text(state, style(state)), *map(Text, rest))
    return shown


def _stacked(rows: list[list[str]]) -> Group:
    """Two lines a message, where a table would have to cut ids short."""
    lines = []
    for id, state, *rest in rows:
        lines.append(Text.assemble((id, "bold"), "  ", (state, style(state))))
        lines.append(Text(f"  {'  '.join(cell for cell in rest if cell != '-')}", "dim"))
    return Group(*lines)


def _cells(seen: WorkflowExecution, started: str) -> list[str]:
    known = attributes(seen)
    ended = seen.close_time or datetime.now(UTC)
    return [
        one_line(message_id(seen.id)),
        status(seen),
        known.get(SearchAttribute.CHANNEL, "-"),
        one_line(known.get(SearchAttribute.RECIPIENT, "-")),
        one_line(known.get(SearchAttribute.CONVERSATION, "-")),
        started,
        show_span(ended - seen.start_time),
    ]


def _as_json(seen: WorkflowExecution) -> dict[str, Any]:
    known = attributes(seen)
    return {
        "id": message_id(seen.id),
        "status": status(seen),
        "channel": known.get(SearchAttribute.CHANNEL),
        "recipient": known.get(SearchAttribute.RECIPIENT),
        "conversation": known.get(SearchAttribute.CONVERSATION),
        "started_at": seen.start_time.isoformat(),
        "ended_at": seen.close_time and seen.close_time.isoformat(),
    }
