"""What has happened to a message, in order of time: as plain lines, and for a terminal."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from rich.table import Table
from rich.text import Text

from failover.asides import Purpose
from failover.attempts import Attempt, Outcome, Result, State
from failover.channels import Channel
from failover.events import AgentAct, Answer, Failure, OptOut, Response
from failover.message import Message

#: Who an answer is from when an operator entered it with `respond`.
OPERATOR = "operator"

GOOD, BAD, DOUBTFUL, QUIET, PLAIN = "green", "red", "yellow", "dim", ""
TONES = {
    State.DELIVERED: GOOD,
    State.READ: GOOD,
    State.REFUSED: BAD,
    State.FAILED: BAD,
    State.UNAVAILABLE: DOUBTFUL,
    State.UNKNOWN: DOUBTFUL,
    State.SKIPPED: QUIET,
    State.SENDING: QUIET,
}
_ENDS = {
    Outcome.RESPONDED: ("responded", GOOD),
    Outcome.REACHED: ("reached", GOOD),
    Outcome.EXHAUSTED: ("exhausted: every step was tried", BAD),
    Outcome.EXPIRED: ("expired: the deadline passed", BAD),
    Outcome.OPTED_OUT: ("opted out: nothing more is sent", DOUBTFUL),
}
_BOTH_WAYS = {
    chr(code) for code in (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}


@dataclass(frozen=True)
class Entry:
    """One line of the story. `at` is None where nobody knows the time."""

    at: datetime | None
    who: str
    what: str
    tone: str = PLAIN


def entries(
    result: Result, message: Message | None = None, *, ended: datetime | None = None
) -> list[Entry]:
    """In order of time; what has no time comes after the rest, and the outcome last."""
    steps = [attempt for attempt in result.attempts if not attempt.purpose]
    asides = [attempt for attempt in result.attempts if attempt.purpose]
    told = [entry for attempt in steps for entry in _about(attempt)]
    # An answer in the person's stead is what an agent did.
    told += [answer(given, message) for given in result.responses if not given.agent]
    told += [stop(gone) for gone in result.opt_outs]
    told += [acted(act) for act in result.agents]
    # After what they are about, which may bear the same time.
    told += [entry for attempt in asides for entry in _about(attempt)]
    latest = max((entry.at for entry in told if entry.at), default=None)
    if latest:
        told.sort(key=lambda entry: entry.at or latest)
    if result.outcome:
        what, tone = _ENDS[result.outcome]
        told.append(Entry(ended, "end", what, tone))
    return told


def lines(
    result: Result,
    message: Message | None = None,
    *,
    ended: datetime | None = None,
    zone: tzinfo | None = None,
) -> list[str]:
    """The story as plain lines, in local time."""
    return plain(entries(result, message, ended=ended), zone=zone)


def plain(told: Sequence[Entry], *, zone: tzinfo | None = None, width: int = 0) -> list[str]:
    """`width` is at least that of the second column, for lines that are told bit by bit."""
    width = max([width, *(len(entry.who) for entry in told)])
    times = clock(told, zone)
    return [
        f"{time}  {entry.who:<{width}}  {entry.what}".rstrip()
        for time, entry in zip(times, told, strict=True)
    ]


def table(told: Sequence[Entry], *, zone: tzinfo | None = None, width: int = 0) -> Table:
    """The story for a terminal: coloured, and long texts wrap in their own column."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(no_wrap=True, min_width=width or None)
    grid.add_column(overflow="fold")
    for time, entry in zip(clock(told, zone), told, strict=True):
        grid.add_row(time, Text(entry.who, style="bold"), Text(entry.what, style=entry.tone))
    return grid


def clock(told: Sequence[Entry], zone: tzinfo | None = None) -> list[str]:
    """Times with seconds, all alike; with the date unless all of it is of today."""
    local = [entry.at.astimezone(zone) if entry.at else None for entry in told]
    today = datetime.now(zone).date()
    dated = any(at and at.date() != today for at in local)
    form = "%Y-%m-%d %H:%M:%S" if dated else "%H:%M:%S"
    width = 19 if dated else 8
    return [at.strftime(form) if at else " " * width for at in local]


def one_line(text: str) -> str:
    """A stranger's text made safe for a terminal: no control characters, no reversed text."""
    shown = " ⏎ ".join(part.strip() for part in text.splitlines() if part.strip())
    return "".join(
        "�" if unicodedata.category(char) in ("Cc", "Cs") or char in _BOTH_WAYS else char
        for char in shown
    )


def reason(failure: Failure) -> str:
    """`sender, 30034: not registered`."""
    told = ", ".join(filter(None, (failure.kind, failure.code)))
    return f"{told}: {one_line(failure.detail)}" if failure.detail else told


def label(channel: str) -> str:
    return Channel(channel).label if channel in set(Channel) else one_line(channel)


def _about(attempt: Attempt) -> list[Entry]:
    who = f"{attempt.number} {label(attempt.channel)}"
    if attempt.changes:
        return [Entry(change.at, who, *_news(attempt, change.state)) for change in attempt.changes]
    what, tone = _news(attempt, attempt.state)
    by = f", by {attempt.provider}" if attempt.provider and attempt.state != State.SENDING else ""
    return [Entry(attempt.accepted_at, who, what + by, tone)]


def _news(attempt: Attempt, state: State) -> tuple[str, str]:
    tone = TONES.get(state, PLAIN)
    if state == State.SENDING:
        to = f" to {attempt.to}" if attempt.to else ""
        return f"send by {attempt.provider}{to}{_aside(attempt)}", tone
    if state == State.UNKNOWN:
        return "unknown whether it was sent", tone
    failure = attempt.failure if state == attempt.state else None
    if failure and state == State.SKIPPED:
        return f"skipped: {one_line(failure.detail or failure.kind)}", tone
    return (f"{state} ({reason(failure)})" if failure else str(state)), tone


def _aside(attempt: Attempt) -> str:
    if attempt.purpose == Purpose.ASK_AGAIN:
        return ": asked again"
    said = f": “{one_line(attempt.said)}”" if attempt.said else ""
    return f", answer by an agent{said}" if attempt.purpose else ""


def answer(response: Response, message: Message | None = None) -> Entry:
    said = f"“{one_line(response.text)}”" if response.text else ""
    if response.choice:
        labels = {c.id: c.label for c in message.content.choices} if message else {}
        means = labels.get(response.choice)
        chose = f"chose {one_line(response.choice)}"
        if not said and means and means.casefold() != response.choice.casefold():
            chose += f" (“{one_line(means)}”)"
        said = f"{said}, {chose}" if said else chose
    by = ", entered by an operator" if response.provider == OPERATOR else ""
    who, said = f"← {label(response.channel)}", (said or "answered") + by
    if isinstance(response, Answer) and not response.counts:
        return Entry(response.at, who, f"{said}, is none of the choices", DOUBTFUL)
    return Entry(response.at, who, said, GOOD)


def acted(act: AgentAct) -> Entry:
    chose = f", chose {one_line(act.choice)}" if act.choice else ""
    said = f": “{one_line(act.text)}”" if act.text else ""
    return Entry(act.at, "agent", f"{act.act} by {one_line(act.agent or 'an agent')}{chose}{said}")


def stop(opt_out: OptOut) -> Entry:
    said = f": “{one_line(opt_out.text)}”" if opt_out.text else ""
    return Entry(opt_out.at, f"← {label(opt_out.channel)}", f"said stop{said}", DOUBTFUL)
