"""The figures of a run: how it ended, how late, and how soon it went on after each kill."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from faults.record import Killed, Record, Told

#: What is neither ended nor absent shows under its own name.
_BY_STATE = {"canceled": "cancelled", "running": "open"}


def outcomes(record: Record) -> Counter[str]:
    return Counter(_outcome(record.told.get(asked.id)) for asked in record.asked)


def kills(record: Record) -> Counter[str]:
    names = ("worker" if kill.part.startswith("worker") else kill.part for kill in record.kills)
    return Counter(names)


def lateness(record: Record) -> list[float]:
    """Seconds from when each timer was due to when a worker had acted on it."""
    timers = (timer for told in record.told.values() for timer in told.timers)
    return sorted((timer.acted - timer.due).total_seconds() for timer in timers)


def recovery(record: Record) -> dict[str, list[float]]:
    """Seconds from a kill to the next progress, per kind of process.

    Of a worker: of each message that it had in its hands. Of the server: of any message. Of the
    webhooks: to the next callback that they answered with 2xx.
    """
    found: dict[str, list[float]] = {"workers": [], "temporal": [], "webhooks": []}
    progress = sorted(at for told in record.told.values() for at in told.progress)
    answered = sorted(
        posted.at
        for taken in record.taken
        for posted in taken.callbacks
        if posted.answer is not None and posted.answer < 300
    )
    for kill in record.kills:
        match kill.part:
            case "temporal":
                found["temporal"] += _after(kill.at, progress)
            case "webhooks":
                found["webhooks"] += _after(kill.at, answered)
            case _:
                found["workers"] += _of_its_messages(kill, record.told.values())
    return {part: sorted(seconds) for part, seconds in found.items()}


def share(ordered: Sequence[float], part: float) -> float | None:
    """The value that this part of them does not exceed; None without any."""
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else None


def _of_its_messages(kill: Killed, every: Iterable[Told]) -> list[float]:
    seconds = []
    for told in every:
        if any(_in_hand(kill, h.worker, h.began, h.ended) for h in told.hands):
            seconds += _after(kill.at, told.progress)
    return seconds


def _in_hand(kill: Killed, worker: str, began: datetime, ended: datetime | None) -> bool:
    return worker == kill.worker and began <= kill.at and (ended is None or kill.at < ended)


def _after(moment: datetime, ordered: Sequence[datetime]) -> list[float]:
    place = bisect_right(ordered, moment)
    return [(ordered[place] - moment).total_seconds()] if place < len(ordered) else []


def _outcome(told: Told | None) -> str:
    if told is None or told.state != "completed" or told.result is None:
        state = told.state if told else "absent"
        return _BY_STATE.get(state, state)
    return str(told.result.outcome)
