"""What ends a message, and the sends that providers took afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.record import Asked, Send, Taken, Told
from faults.system import HTTP_TIMEOUT

#: A request that was under way at the end may be accepted within the worker's HTTP timeout.
IN_FLIGHT = timedelta(seconds=HTTP_TIMEOUT + 1)


@dataclass(frozen=True)
class End:
    """From then on nothing goes out, on this channel or (None) on any."""

    at: datetime
    what: str
    channel: str | None = None


def after_the_end(asked: Asked, told: Told, sends: list[Taken]) -> Iterator[tuple[str, str]]:
    """Sends taken after the message's end: broken promises, and those that were in flight.

    A send looks once more at its workflow before it goes. One that a worker took up after the end
    should have seen it; one that was already with the worker may be past that look.
    """
    for one in sends:
        over = [end for end in ends(asked, told) if end.channel in (None, one.channel)]
        first = min(over, key=lambda end: end.at, default=None)
        if first is None or one.at <= first.at:
            continue
        late, began = one.at - first.at, _begun(told, one)
        why = f"{one.reference} taken {_seconds(late)} after {first.what}"
        if began is None or began > first.at:
            since = "unknown when" if began is None else f"{_seconds(began - first.at)} after it"
            yield "send after the end", f"{why}, begun {since}"
        elif late > IN_FLIGHT:
            yield "send after the end", f"{why}, begun {_seconds(first.at - began)} before it"
        else:
            yield "needless send in flight", why


def ends(asked: Asked, told: Told) -> Iterator[End]:
    message = asked.message
    if message.get("deadline"):
        yield End(datetime.fromisoformat(message["deadline"]), "the deadline")
    if told.cancel:
        yield End(told.cancel, "the cancel")
    for signal in told.signals:
        match signal.name, signal.told.get("status"):
            case "responded", _:
                yield End(signal.at, "the reply")
            case "opted_out", _:
                stop = message.get("on_opt_out") == "stop"
                yield End(signal.at, "the STOP", None if stop else signal.told["channel"])
            case "reported", "delivered" | "read" if message.get("until") == "delivered":
                yield End(signal.at, "the delivery that was asked for")


def _begun(told: Told, one: Taken) -> datetime | None:
    """When a worker took up the try that went out: an attempt taken back may use its number."""
    tries = [send.started for send in told.sends if send.reference == one.reference]
    return max((at for at in tries if at and at <= one.at), default=_unfinished(told.sends, one))


def _unfinished(sends: tuple[Send, ...], one: Taken) -> datetime | None:
    """Temporal writes a start down when the activity ends; until then there is its schedule."""
    waiting = [s.scheduled for s in sends if s.reference == one.reference and s.started is None]
    return max(waiting, default=None)


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.3f} s"
