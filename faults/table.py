"""The table that a run ends with."""

from collections import Counter
from collections.abc import Iterator, Sequence

from failover.attempts import State
from faults.check import NOTES, PROMISES, Finding
from faults.figures import kills, lateness, others, outcomes, recovery, share
from faults.record import Record

#: Broken promises that are named one by one.
_NAMED = 40


def table(record: Record, findings: Sequence[Finding]) -> str:
    rows = [*_asked(record), *_promises(findings), *_measured(record), *_notes(findings)]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


def complaint(record: Record, broken: Sequence[Finding]) -> str:
    """Every broken promise with its message, and how to have the same run again."""
    lines = [f"{one.kind}: {one.message}: {one.why}" for one in broken[:_NAMED]]
    if len(broken) > _NAMED:
        lines.append(f"and {len(broken) - _NAMED} more")
    again = f"--seed {record.seed}" + (" --breakers" if record.breaker_sends else "")
    return "\n".join([f"{len(broken)} broken promises with {again}", *lines])


def _asked(record: Record) -> Iterator[tuple[str, str]]:
    ended = [asked for asked in record.asked if _ended(record, asked.id)]
    yield "seed", str(record.seed)
    yield "messages acknowledged", str(len(record.asked))
    yield "ended", str(len(ended))
    yield "sends taken by providers", str(len(record.taken))
    good = [said for said in record.said if said.answer is not None and said.answer < 300]
    yield "replies answered 2xx", f"{len(good)} of {len(record.said)}"
    found = outcomes(record)
    yield "outcomes", ", ".join(f"{name} {count}" for name, count in sorted(found.items()))


def _promises(findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    count = Counter(finding.kind for finding in findings)
    yield from ((kind, str(count[kind])) for kind in PROMISES)


def _notes(findings: Sequence[Finding]) -> Iterator[tuple[str, str]]:
    count = Counter(finding.kind for finding in findings)
    yield from ((f"({kind})", str(count[kind])) for kind in NOTES)


def _measured(record: Record) -> Iterator[tuple[str, str]]:
    yield "sends of unknown outcome", str(_unknown(record))
    yield "kills", _counted(kills(record))
    yield "frozen, cut off, slow", _counted(others(record))
    yield "completions that came too late", str(record.refused)
    yield "workflow tasks timed out", str(sum(t.task_timeouts for t in record.told.values()))
    for part, seconds in recovery(record).items():
        yield f"recovery after {part}, p50 / max", _spread(seconds, 0.5, 1)
    yield "timers late by, p50 / p99 / max", _spread(lateness(record), 0.5, 0.99, 1)
    yield "duration", f"{(record.ended - record.began).total_seconds():.0f} s"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def _spread(ordered: Sequence[float], *parts: float) -> str:
    values = [share(ordered, part) for part in parts]
    said = " / ".join("-" if value is None else f"{value:.2f}" for value in values)
    return f"{said} s of {len(ordered)}"


def _unknown(record: Record) -> int:
    results = (told.result for told in record.told.values())
    attempts = (attempt for result in results if result for attempt in result.attempts)
    return sum(any(c.state == State.UNKNOWN for c in a.changes) for a in attempts)


def _ended(record: Record, id: str) -> bool:
    told = record.told.get(id)
    return told is not None and told.state in ("completed", "canceled")
