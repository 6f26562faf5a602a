"""The failover decision, as a value.

This is workflow code: histories are replayed against it. A rule may only change behind a field of
the message or `workflow.patched` in the shell; `tests/test_replay.py` holds the recorded ones.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

from failover.asides import Purpose
from failover.attempts import RANK, Attempt, Outcome, State
from failover.capabilities import REPORTS
from failover.channels import Channel
from failover.conversation import Conversation
from failover.events import Failure, FailureClass
from failover.hours import all_open_at
from failover.message import OnOptOut, OnUnknown

#: Failures that another provider of the same channel may not have. The rest follow the person.
NEXT_PROVIDER = frozenset(
    {FailureClass.PROVIDER, FailureClass.ACCOUNT, FailureClass.SENDER, FailureClass.CAP}
)
#: What an agent says is said, also where it ends the message.
ANSWERS = frozenset({Purpose.ANSWER})
EVERYTHING = frozenset(Purpose)
#: A look-up may miss what is still being indexed, so one miss is no proof; two, apart, must do.
LOOKUPS = 2


@dataclass(frozen=True)
class Send:
    """Send this step through this provider."""

    step: int
    provider: str
    #: Not the step itself, but what is said besides (`Conversation.asides`).
    aside: int | None = None


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
        return _last_word(conversation, over, now) or Finish(over)
    current = _current(conversation)
    if current and current.state == State.SENDING:
        move: Move | None = _about(conversation, current, now)
    else:
        move = _say(conversation, EVERYTHING) or _hold_for_agent(conversation, now)
        move = move or (_about(conversation, current, now) if current else None)
    move = move or _next_step(conversation, current)
    if isinstance(move, Send) and move.aside is None:
        move = _in_hours(conversation, move, now)
    deadline = conversation.message.deadline
    if deadline and isinstance(move, Wait) and (move.until is None or deadline < move.until):
        return Wait(deadline, move.why)
    return move


def _last_word(conversation: Conversation, over: Outcome, now: datetime) -> Move | None:
    """What an agent has answered for the person is said to the person before the end."""
    deadline = conversation.message.deadline
    late = deadline is not None and now >= deadline
    return None if late or over != Outcome.RESPONDED else _say(conversation, ANSWERS)


def step_at_hand(conversation: Conversation, now: datetime) -> int:
    """The step that an operator's skip means: the one being held, else the one to come."""
    current = _current(conversation)
    about = current is not None and _about(conversation, current, now)
    held = about or _hold_for_agent(conversation, now)
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
    if conversation.answered:
        return Outcome.RESPONDED
    for attempt in conversation.attempts:
        if attempt.reached(message.goal(message.steps[attempt.step])):
            return Outcome.REACHED
    if message.deadline and now >= message.deadline:
        return Outcome.EXPIRED
    return None


def _current(conversation: Conversation) -> Attempt | None:
    """The last attempt that was made; a step that was skipped is none."""
    made = [attempt for attempt in conversation.tries if attempt.provider is not None]
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


def _say(conversation: Conversation, purposes: Container[Purpose]) -> Move | None:
    """What is to be said besides the steps; by the provider that has reached the person first."""
    for number, aside in enumerate(conversation.asides):
        if aside.purpose not in purposes or _opted_out(conversation, aside.step):
            continue
        tried = [a for a in conversation.attempts if a.aside == number]
        if tried and tried[-1].state == State.SENDING:
            why = f"wait for {tried[-1].provider} to take the {tried[-1].channel.label}"
            return Wait(None, why)
        if provider := _speaker(conversation, aside.step, tried):
            return Send(aside.step, provider, number)
    return None


def _speaker(conversation: Conversation, step: int, tried: Sequence[Attempt]) -> str | None:
    """Who says it; nobody, where it was said, or cannot be."""
    if tried and not (tried[-1].state == State.UNAVAILABLE or _may_go_elsewhere(tried[-1])):
        return None
    by = [a.provider for a in conversation.tries if a.step == step and a.provider and a.open]
    names = dict.fromkeys([*reversed(by), *conversation.providers(step)])
    return next((name for name in names if name not in {a.provider for a in tried}), None)


def _may_go_elsewhere(attempt: Attempt) -> bool:
    return attempt.state == State.REFUSED and _elsewhere(attempt.failure)


def _hold_for_agent(conversation: Conversation, now: datetime) -> Wait | None:
    """While an agent has it no step is taken."""
    until = conversation.claimed_until(now)
    current = _current(conversation)
    if until is None or (current and current.step in conversation.skips):
        return None
    return Wait(until, "wait for the agent who has it")


def _hold(conversation: Conversation, current: Attempt, now: datetime) -> Move | None:
    step = conversation.message.steps[current.step]
    assert current.accepted_at
    again = [a.accepted_at for a in conversation.attempts if a.purpose and a.step == current.step]
    spoken = max([current.accepted_at, *filter(None, again)])
    until, what = spoken + step.wait, "a reply on"
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
    tried = [a for a in conversation.tries if (a.step, a.provider) == _way(current)]
    return Send(current.step, current.provider) if len(tried) < 2 else None


def _next_provider(conversation: Conversation, current: Attempt) -> Send | None:
    tried = {a.provider for a in conversation.tries if a.step == current.step}
    untried = [name for name in conversation.providers(current.step) if name not in tried]
    return Send(current.step, untried[0]) if untried else None


def _in_hours(conversation: Conversation, send: Send, now: datetime) -> Move:
    step = conversation.message.steps[send.step]
    hours = conversation.message.in_hours(step)
    if hours is None:
        return send
    opens = all_open_at(hours, _zones(conversation, send.step), now)
    if opens is None:
        never = "no time is within the hours in every time zone of the number"
        return Skip(send.step, Failure(kind=FailureClass.POLICY, detail=never))
    why = f"wait for the hours of {step.channel.label}"
    return Wait(opens, why) if opens > now else send


def _zones(conversation: Conversation, step: int) -> list[ZoneInfo]:
    known = conversation.message.person(conversation.message.steps[step]).time_zone
    return [ZoneInfo(name) for name in ([known] if known else conversation.zones.get(step, ()))]


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
    gone = current.step in conversation.skips or _opted_out(conversation, current.step)
    return over if gone else _resend(conversation, current) or over


def _unusable(conversation: Conversation, number: int) -> Failure | None:
    message = conversation.message
    step = message.steps[number]
    if number in conversation.skips:
        return Failure(kind=FailureClass.POLICY, detail="skipped by an operator")
    ahead = _agent_ahead(conversation, number - 1)
    if ahead is not None and number < ahead:
        return Failure(kind=FailureClass.POLICY, detail="handed over to an agent")
    if step.channel != Channel.AGENT and message.address(step) is None:
        return Failure(kind=FailureClass.ADDRESS, detail=f"no address for {step.channel}")
    if _opted_out(conversation, number):
        return Failure(kind=FailureClass.OPT_OUT, detail=f"opted out of {step.channel}")
    # An agent is asked to act, whatever the message is sent for.
    if step.channel != Channel.AGENT and message.goal(step) not in REPORTS[step.channel]:
        never = f"{step.channel} never reports {message.goal(step)}"
        return Failure(kind=FailureClass.POLICY, detail=never)
    return None


def _left_behind(conversation: Conversation, current: Attempt) -> bool:
    """Skipped by an operator, closed by the person, or followed by a step that was skipped."""
    if _agent_ahead(conversation, current.step) is not None:
        return True
    if current.step in conversation.skips or _opted_out(conversation, current.step):
        return True
    return conversation.next_step > current.step + 1


def _agent_ahead(conversation: Conversation, step: int) -> int | None:
    """The agent's step after this one, where the person has said what needs an agent."""
    if not conversation.wants_agent:
        return None
    steps = enumerate(conversation.message.steps)
    ahead = (n for n, known in steps if n > step and known.channel == Channel.AGENT)
    return next(ahead, None)


def _opted_out(conversation: Conversation, number: int) -> bool:
    """On whatever channel the person said stop at the address of this step."""
    step = conversation.message.steps[number]
    if conversation.rules < 3:
        return any(gone.channel == step.channel for gone in conversation.opt_outs)
    address = conversation.message.address(step)
    return any(known.covers(step.channel, address) for known in conversation.closings)


def _way(attempt: Attempt) -> tuple[int, str | None]:
    return attempt.step, attempt.provider


def _elsewhere(failure: Failure | None) -> bool:
    return failure is not None and failure.kind in NEXT_PROVIDER
