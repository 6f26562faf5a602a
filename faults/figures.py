"""The figures of a run: how it ended, how late, and how soon it went on after each kill."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from faults.record import Harmed, Record, Told

#: What is neither ended nor absent shows under its own name.
_BY_STATE = {"canceled": "cancelled", "running": "open"}
KILL = "kill"
_KINDS = {KILL: "a killed worker", "freeze": "a frozen worker"}


def outcomes(record: Record) -> Counter[str]:
    return Counter(_outcome(record.told.get(asked.id)) for asked in record.asked)


def kills(record: Record) -> Counter[str]:
    killed = (harm.part for harm in record.harms if harm.how == KILL)
    return Counter(part.removesuffix("-2") for part in killed)


def others(record: Record) -> Counter[str]:
    """What else was done to processes and to links between them."""
    return Counter(harm.how for harm in record.harms if harm.how != KILL)


def lateness(record: Record) -> list[float]:
    """Seconds from when each timer was due to when a worker had acted on it."""
    timers = (timer for told in record.told.values() for timer in told.timers)
    return sorted((timer.acted - timer.due).total_seconds() for timer in timers)


def recovery(record: Record) -> dict[str, list[float]]:
    """Seconds from a kill to the next progress, per kind of process.

    Of a worker, also of one that was frozen or cut off: of each message that it had in its hands.
    Of the server: of any message. Of the webhooks: to the next callback answered with 2xx.
    """
    found: dict[str, list[float]] = {
        "a killed worker": [],
        "a frozen worker": [],
        "a worker cut off": [],
        "temporal": [],
        "webhooks": [],
    }
    progress = sorted(at for told in record.told.values() for at in told.progress)
    answered = sorted(
        posted.at
        for taken in record.taken
        for posted in taken.callbacks
        if posted.answer is not None and posted.answer < 300
    )
    for harm in record.harms:
        match harm.part.removesuffix("-2"):
            case "temporal":
                found["temporal"] += _after(harm.at, progress)
            case "webhooks":
                found["webhooks"] += _after(harm.at, answered)
            case _ if harm.how != "slow":
                kind = _KINDS.get(harm.how, "a worker cut off")
                found[kind] += _of_its_messages(harm, record.told.values())
    return {part: sorted(seconds) for part, seconds in found.items()}


def share(ordered: Sequence[float], part: float) -> float | None:
    """The value that this part of them does not exceed; None without any."""
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)] if ordered else None


def _of_its_messages(harm: Harmed, every: Iterable[Told]) -> list[float]:
    seconds = []
    for told in every:
        if any(_in_hand(harm, h.worker, h.began, h.ended) for h in told.hands):
            seconds += _after(harm.at, told.progress)
    return seconds


def _in_hand(harm: Harmed, worker: str, began: datetime, ended: datetime | None) -> bool:
    return worker == harm.worker and began <= harm.at and (ended is None or harm.at < ended)


def _after(moment: datetime, ordered: Sequence[datetime]) -> list[float]:
    place = bisect_right(ordered, moment)
    return [(ordered[place] - moment).total_seconds()] if place < len(ordered) else []


def _outcome(told: Told | None) -> str:
    if told is None or told.state != "completed" or told.result is None:
        state = told.state if told else "absent"
        return _BY_STATE.get(state, state)
    return str(told.result.outcome)
