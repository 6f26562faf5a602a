"""Holds the three truths of a run against each other, and says which promises were broken."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from failover.attempts import Attempt, State
from failover.names import parse_reference
from faults.answers import good, what_became_of
from faults.ends import after_the_end, given_up
from faults.record import Asked, Harmed, Record, Said, Taken, Told

#: Ways for an attempt to say that the provider has it, and that it has not.
_HAS = frozenset({State.ACCEPTED, State.SENT, State.DELIVERED, State.READ, State.FAILED})
_HAS_NOT = frozenset({State.REFUSED, State.UNAVAILABLE, State.SKIPPED})
_ENDED = frozenset({"completed", "canceled"})
#: Our webhooks answer within 8 s; a report posted earlier before the end must be in the history.
_LONGEST_ANSWER = timedelta(seconds=8)


@dataclass(frozen=True)
class Finding:
    """Something about one message; `kind` is the promise it breaks, or the line it counts in."""

    kind: str
    message: str
    why: str


#: What fails a run, in the order of the table.
PROMISES = (
    "lost",
    "stuck",
    "ended wrongly",
    "second copy of an attempt",
    "second copy on a step",
    "send that the result denies",
    "send that never was",
    "send after the end",
    "reply lost",
    "reply without a match",
    "reply not heeded",
    "report lost",
    "cancel lost",
    "step never tried",
    "workflow task failed",
)
#: What is counted and does not fail a run.
NOTES = (
    "needless send in flight",
    "send after it was given up",
    "reply to a send in doubt",
    "reply found after the end",
    "reply after the end",
)


def check(record: Record) -> list[Finding]:
    """Every broken promise, and what is worth counting."""
    sends, answers = _by_message(record.taken), defaultdict[str, list[Said]](list)
    for said in record.said:
        answers[said.message].append(said)
    found = []
    for asked in record.asked:
        told = record.told.get(asked.id, Told(state="absent"))
        if told.state == "absent":
            found.append(Finding("lost", asked.id, f"acknowledged at {asked.acknowledged}"))
            continue
        about = _about_one(asked, told, sends[asked.id], record.harms)
        found += [Finding(kind, asked.id, why) for kind, why in about]
        for said in answers[asked.id]:
            if finding := what_became_of(said, told, record):
                found.append(Finding(finding, asked.id, f"{said.channel} {said.id} at {said.at}"))
    return found


def broken(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.kind in PROMISES]


def _by_message(taken: tuple[Taken, ...]) -> dict[str, list[Taken]]:
    sends: dict[str, list[Taken]] = defaultdict(list)
    for one in sorted(taken, key=lambda one: one.at):
        parsed = parse_reference(one.reference)
        sends[parsed[0] if parsed else ""].append(one)
    return sends


def _about_one(
    asked: Asked, told: Told, sends: list[Taken], harms: tuple[Harmed, ...]
) -> Iterator[tuple[str, str]]:
    yield from _end(asked, told)
    yield from _copies(told, sends)
    yield from _agreement(told, sends)
    yield from after_the_end(asked, told, sends, harms)
    yield from given_up(told, sends)
    yield from _reports(told, sends)
    yield from (("workflow task failed", cause) for cause in told.task_failures)


def _end(asked: Asked, told: Told) -> Iterator[tuple[str, str]]:
    if told.state == "running":
        yield "stuck", f"pending: {', '.join(told.pending) or 'nothing'}"
    elif told.state not in _ENDED:
        yield "ended wrongly", told.state
    # Temporal acknowledges the cancel of a message that has ended, and does nothing.
    in_time = asked.cancelled and not (told.closed and told.closed <= asked.cancelled)
    if in_time and not told.cancel:
        yield "cancel lost", f"acknowledged at {asked.cancelled}"
    if told.state != "completed" or told.result is None:
        return
    outcome = told.result.outcome
    heard = [signal for signal in told.signals if signal.name == "responded"]
    if heard and outcome not in ("responded", "opted_out"):
        yield "reply not heeded", f"answered at {heard[0].at}, and it ended as {outcome}"
    tried = {attempt.step for attempt in told.result.attempts}
    missing = set(range(len(asked.message["steps"]))) - tried
    settled = asked.message.get("on_unknown") != "stop"
    if outcome == "exhausted" and missing and settled:
        yield "step never tried", f"{sorted(missing)}"


def _copies(told: Told, sends: list[Taken]) -> Iterator[tuple[str, str]]:
    """More than one of an attempt; more than one on a step, unless the first did not arrive."""
    references = [one.reference for one in sends]
    for reference in {name for name in references if references.count(name) > 1}:
        yield "second copy of an attempt", f"{reference}, {references.count(reference)} times"
    arrived: dict[int, str] = {}
    for one in {one.reference: one for one in sends}.values():
        attempt = _attempt(told, one)
        if attempt is None:
            continue
        if first := arrived.get(attempt.step):
            yield "second copy on a step", f"{first} and {one.reference}"
        if attempt.state != State.FAILED:
            arrived[attempt.step] = f"{one.reference} ({attempt.state})"


def _agreement(told: Told, sends: list[Taken]) -> Iterator[tuple[str, str]]:
    """Whether what the result says of its attempts is what the providers saw."""
    if told.result is None:
        return
    for one in sends:
        attempt = _attempt(told, one)
        if attempt is None or attempt.provider != one.provider:
            yield "send that the result denies", f"{one.reference} by {one.provider}: no attempt"
        elif attempt.state in _HAS_NOT:
            yield "send that the result denies", f"{one.reference}: {attempt.state}"
    seen = {one.reference for one in sends}
    for attempt in told.result.attempts:
        if attempt.state in _HAS and attempt.reference not in seen:
            yield "send that never was", f"{attempt.reference}: {attempt.state}"


def _reports(told: Told, sends: list[Taken]) -> Iterator[tuple[str, str]]:
    """A delivery that our webhooks took while the message was open, and that never reached it."""
    heard = {
        signal.told.get("attempt")
        for signal in told.signals
        if signal.name == "reported" and signal.told.get("status") == "delivered"
    }
    for one in sends:
        parsed = parse_reference(one.reference)
        for posted in one.callbacks:
            # SendGrid's come in batches, whose statuses are of several messages.
            delivered = posted.says == "delivered" and one.provider != "sendgrid"
            in_time = told.closed is None or posted.at < told.closed - _LONGEST_ANSWER
            lost = parsed is None or parsed[1] not in heard
            if delivered and good(posted.answer) and in_time and lost:
                yield "report lost", f"{one.reference}: {posted.says} at {posted.at}"


def _attempt(told: Told, one: Taken) -> Attempt | None:
    parsed = parse_reference(one.reference)
    attempts = told.result.attempts if told.result else ()
    return next((a for a in attempts if parsed and a.number == parsed[1]), None)
