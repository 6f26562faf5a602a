"""What ends a message, and the sends that providers took afterwards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from faults.record import Asked, Harmed, Send, Taken, Told
from faults.system import HTTP_TIMEOUT

#: A request that was under way at the end may be accepted within the worker's HTTP timeout.
IN_FLIGHT = timedelta(seconds=HTTP_TIMEOUT + 1)


@dataclass(frozen=True)
class End:
    """From then on nothing goes out, on this channel or (None) on any."""

    at: datetime
    what: str
    channel: str | None = None


def after_the_end(
    asked: Asked, told: Told, sends: Sequence[Taken], harms: Sequence[Harmed]
) -> Iterator[tuple[str, str]]:
    """Sends taken after the message's end: broken promises, and those that were in flight.

    A send looks once more at its workflow before it goes. One that a worker took up after the end
    should have seen it; one that was already with the worker may be past that look, and stays in
    flight for as long as its worker is frozen or cut off.
    """
    for one in sends:
        over = [end for end in ends(asked, told) if end.channel in (None, one.channel)]
        first = min(over, key=lambda end: end.at, default=None)
        if first is None or one.at <= first.at:
            continue
        late, begun = one.at - first.at, _begun(told, one)
        began = (begun.started or begun.scheduled) if begun else None
        why = f"{one.reference} taken {_seconds(late)} after {first.what}"
        if begun is None or began is None or began > first.at:
            since = "unknown when" if began is None else f"{_seconds(began - first.at)} after it"
            yield "send after the end", f"{why}, begun {since}"
        elif late > IN_FLIGHT + _held_up(begun, first.at, one.at, harms):
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


def given_up(told: Told, sends: Sequence[Taken]) -> Iterator[tuple[str, str]]:
    """Sends taken when Temporal had given up the worker that was at it: one frozen, or cut off."""
    for one in sends:
        begun = _begun(told, one)
        if begun and begun.given_up and begun.given_up < one.at:
            late = _seconds(one.at - begun.given_up)
            yield "send after it was given up", f"{one.reference} taken {late} after that"


def _begun(told: Told, one: Taken) -> Send | None:
    """The try that went out: an attempt taken back may use its number.

    Temporal writes a start down when the activity ends; until then there is its schedule.
    """
    tries = [send for send in told.sends if send.reference == one.reference]
    taken_up = [(s.started, s) for s in tries if s.started and s.started <= one.at]
    unfinished = [(s.scheduled, s) for s in tries if s.started is None]
    _, begun = max(taken_up or unfinished, key=lambda pair: pair[0], default=(None, None))
    return begun


def _held_up(send: Send, began: datetime, ended: datetime, harms: Sequence[Harmed]) -> timedelta:
    """For how much of this time its worker was frozen or cut off."""
    spans = [
        min(harm.back or ended, ended) - max(harm.at, began)
        for harm in harms
        if harm.worker == send.worker and harm.how != "kill"
    ]
    return sum((span for span in spans if span > timedelta(0)), timedelta(0))


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.3f} s"
