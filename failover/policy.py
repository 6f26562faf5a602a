"""The failover decision, as a value.

This is workflow code: histories are replayed against it. A rule may only change behind a field of
the message or `workflow.patched` in the shell; `tests/test_replay.py` holds the recorded ones.
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from failover.capabilities import REPORTS
from failover.channels import Channel
from failover.conversation import RANK, Attempt, Conversation, Outcome, State
from failover.events import Failure, FailureClass
from failover.hours import opens_at
from failover.message import OnOptOut, OnUnknown

#: Failures that another provider of the same channel may not have. The rest follow the person.
NEXT_PROVIDER = frozenset(
    {FailureClass.PROVIDER, FailureClass.ACCOUNT, FailureClass.SENDER, FailureClass.CAP}
)
#: A look-up may miss what is still being indexed, so one miss is no proof; two, apart, must do.
LOOKUPS = 2


@dataclass(frozen=True)
class Send:
    """Send this step through this provider."""

    step: int
    provider: str


@dataclass(frozen=True)
class Wait:
    """Do nothing until then, unless something happens. `why` is what an operator reads.

    `until` is None where what is waited for ends by itself: a send has its own timeouts.
    """

    until: datetime | None
    why: str


@dataclass(frozen=True)
class Confirm:
    """Ask the provider whether it took this attempt."""

    attempt: int


@dataclass(frozen=True)
class Skip:
    """Record that this step is not tried, and why."""

    step: int
    reason: Failure


@dataclass(frozen=True)
class Finish:
    outcome: Outcome


Move = Send | Wait | Confirm | Skip | Finish


def next_move(conversation: Conversation, now: datetime) -> Move:
    """What to do about this conversation at this time. The first rule that matches wins."""
    over = _over(conversation, now)
    if over:
        return Finish(over)
    current = _current(conversation)
    move = _about(conversation, current, now) if current else None
    move = move or _next_step(conversation, current)
    if isinstance(move, Send):
        move = _in_hours(conversation, move, now)
    deadline = conversation.message.deadline
    if deadline and isinstance(move, Wait) and (move.until is None or deadline < move.until):
        return Wait(deadline, move.why)
    return move


def step_at_hand(conversation: Conversation, now: datetime) -> int:
    """The step that an operator's skip means: the one being held, else the one to come."""
    current = _current(conversation)
    held = current is not None and _about(conversation, current, now) is not None
    if current and held:
        return current.step
    return next(n for n in count(conversation.next_step) if n not in conversation.skips)


def last_resort(conversation: Conversation, attempt: Attempt) -> bool:
    """Whether nothing else is left to try should this attempt not be had."""
    later = range(attempt.step + 1, len(conversation.message.steps))
    usable = any(_unusable(conversation, number) is None for number in later)
    return not usable and _next_provider(conversation, attempt) is None


def _over(conversation: Conversation, now: datetime) -> Outcome | None:
    message = conversation.message
    if conversation.opt_outs and message.on_opt_out == OnOptOut.STOP:
        return Outcome.OPTED_OUT
    if conversation.responses:
        return Outcome.RESPONDED
    for attempt in conversation.attempts:
        if attempt.reached(message.goal(message.steps[attempt.step])):
            return Outcome.REACHED
    if message.deadline and now >= message.deadline:
        return Outcome.EXPIRED
    return None


def _current(conversation: Conversation) -> Attempt | None:
    """The last attempt that was made; a step that was skipped is none."""
    made = [attempt for attempt in conversation.attempts if attempt.provider is not None]
    return made[-1] if made else None


def _about(conversation: Conversation, current: Attempt, now: datetime) -> Move | None:
    """What the current attempt asks for; None when it is done with and the next step is due."""
    if _left_behind(conversation, current):
        return None
    match current.state:
        case State.SENDING:
            why = f"wait for {current.provider} to take the {current.channel.label}"
            return Wait(None, why)
        case State.UNKNOWN:
            return _settle(conversation, current, now)
        case State.REFUSED | State.FAILED:
            failed = current.failure
            return _next_provider(conversation, current) if _elsewhere(failed) else None
        case State.UNAVAILABLE:
            return _next_provider(conversation, current)
        case State.SKIPPED:
            return None
        case _:
            return _hold(conversation, current, now)


def _hold(conversation: Conversation, current: Attempt, now: datetime) -> Move | None:
    step = conversation.message.steps[current.step]
    assert current.accepted_at
    until, what = current.accepted_at + step.wait, "a reply on"
    if step.deliver_within is not None and RANK[current.state] < RANK[State.DELIVERED]:
        by = current.accepted_at + step.deliver_within
        until, what = (by, "the delivery of") if by < until else (until, what)
    why = f"wait for {what} {current.channel.label}{_then(conversation, current.step)}"
    return Wait(until, why) if now < until else None


def _then(conversation: Conversation, step: int) -> str:
    later = conversation.message.steps[step + 1 :]
    return f", then {later[0].channel.label}" if later else ""


def _settle(conversation: Conversation, current: Attempt, now: datetime) -> Move | None:
    """Wait for a callback that proves acceptance, ask, and only then decide without knowing."""
    message = conversation.message
    assert current.unknown_since
    if current.lookups < LOOKUPS:
        due = current.unknown_since + message.evidence_within * (current.lookups + 1)
        if conversation.rules >= 2 and current.looked_up_at:
            due = current.looked_up_at + message.evidence_within
        why = f"wait for news of what {current.provider} did with the {current.channel.label}"
        return Wait(due, why) if now < due else Confirm(current.number)
    if message.on_unknown == OnUnknown.STOP:
        return Finish(Outcome.EXHAUSTED)
    if message.on_unknown == OnUnknown.RESEND:
        return _resend(conversation, current)
    return None


def _resend(conversation: Conversation, current: Attempt) -> Send | None:
    """The same again, once: two unknown sends of one step by one provider are enough."""
    assert current.provider
    tried = [a for a in conversation.attempts if (a.step, a.provider) == _way(current)]
    return Send(current.step, current.provider) if len(tried) < 2 else None


def _next_provider(conversation: Conversation, current: Attempt) -> Send | None:
    tried = {a.provider for a in conversation.attempts if a.step == current.step}
    untried = [name for name in conversation.providers(current.step) if name not in tried]
    return Send(current.step, untried[0]) if untried else None


def _in_hours(conversation: Conversation, send: Send, now: datetime) -> Send | Wait:
    hours, zone = conversation.message.hours, conversation.message.recipient.time_zone
    if not hours or not zone:
        return send
    opens = opens_at(hours, ZoneInfo(zone), now)
    channel = conversation.message.steps[send.step].channel
    return Wait(opens, f"wait for the hours of {channel.label}") if opens > now else send


def _next_step(conversation: Conversation, current: Attempt | None) -> Move:
    message = conversation.message
    number = conversation.next_step
    if number >= len(message.steps):
        return _at_the_end(conversation, current)
    if reason := _unusable(conversation, number):
        return Skip(number, reason)
    providers = conversation.providers(number)
    if not providers:
        nobody = f"no provider offers {message.steps[number].channel}"
        return Skip(number, Failure(kind=FailureClass.ACCOUNT, detail=nobody))
    return Send(number, providers[0])


def _at_the_end(conversation: Conversation, current: Attempt | None) -> Move:
    """No step is left. What nobody knows to have been sent is then worth sending again."""
    over = Finish(Outcome.EXHAUSTED)
    unknown = current is not None and current.state == State.UNKNOWN
    if not (current and unknown) or conversation.message.on_unknown != OnUnknown.NEXT:
        return over
    if current.denials < LOOKUPS:  # nobody could be asked, so it may well have gone out
        return over
    gone = current.step in conversation.skips or _opted_out(conversation, current.channel)
    return over if gone else _resend(conversation, current) or over


def _unusable(conversation: Conversation, number: int) -> Failure | None:
    message = conversation.message
    step = message.steps[number]
    if number in conversation.skips:
        return Failure(kind=FailureClass.POLICY, detail="skipped by an operator")
    if message.address(step) is None:
        return Failure(kind=FailureClass.ADDRESS, detail=f"no address for {step.channel}")
    if _opted_out(conversation, step.channel):
        return Failure(kind=FailureClass.OPT_OUT, detail=f"opted out of {step.channel}")
    if message.goal(step) not in REPORTS[step.channel]:
        never = f"{step.channel} never reports {message.goal(step)}"
        return Failure(kind=FailureClass.POLICY, detail=never)
    return None


def _left_behind(conversation: Conversation, current: Attempt) -> bool:
    """Skipped by an operator, closed by the person, or followed by a step that was skipped."""
    if current.step in conversation.skips or _opted_out(conversation, current.channel):
        return True
    return conversation.next_step > current.step + 1


def _opted_out(conversation: Conversation, channel: Channel) -> bool:
    return any(gone.channel == channel for gone in conversation.opt_outs)


def _way(attempt: Attempt) -> tuple[int, str | None]:
    return attempt.step, attempt.provider


def _elsewhere(failure: Failure | None) -> bool:
    return failure is not None and failure.kind in NEXT_PROVIDER
