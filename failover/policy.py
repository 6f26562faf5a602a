"""The failover decision, as a value.

This is workflow code: histories are replayed against it. A rule may only change behind a field of
the message or the rules that a message began with; `tests/test_replay.py` holds the recorded ones.
"""

from datetime import datetime
from itertools import count

from failover.asides import Purpose
from failover.attempts import RANK, Attempt, Outcome, State
from failover.conversation import Conversation
from failover.events import Failure, FailureClass
from failover.message import OnOptOut, OnUnknown
from failover.moves import Confirm, Finish, Move, Send, Skip, Wait
from failover.plan import elsewhere, in_hours, left_behind, next_provider, opted_out, unusable
from failover.saying import say

#: What an agent says is said, also where it ends the message.
ANSWERS = frozenset({Purpose.ANSWER})
EVERYTHING = frozenset(Purpose)
#: A look-up may miss what is still being indexed, so one miss is no proof; two, apart, must do.
LOOKUPS = 2


def next_move(conversation: Conversation, now: datetime) -> Move:
    """What to do about this conversation at this time. The first rule that matches wins."""
    over = _over(conversation, now)
    if over:
        return _last_word(conversation, over, now) or Finish(over)
    current = _current(conversation)
    if current and current.state == State.SENDING:
        move: Move | None = _about(conversation, current, now)
    else:
        move = say(conversation, EVERYTHING) or _hold_for_agent(conversation, now)
        move = move or (_about(conversation, current, now) if current else None)
    move = move or _next_step(conversation, current)
    if isinstance(move, Send) and move.aside is None:
        move = in_hours(conversation, move, now)
    deadline = conversation.message.deadline
    if deadline and isinstance(move, Wait) and (move.until is None or deadline < move.until):
        return Wait(deadline, move.why)
    return move


def _last_word(conversation: Conversation, over: Outcome, now: datetime) -> Move | None:
    """What an agent has answered for the person is said to the person before the end."""
    deadline = conversation.message.deadline
    late = deadline is not None and now >= deadline
    return None if late or over != Outcome.RESPONDED else say(conversation, ANSWERS)


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
    usable = any(unusable(conversation, number) is None for number in later)
    return not usable and next_provider(conversation, attempt) is None


def _over(conversation: Conversation, now: datetime) -> Outcome | None:
    message = conversation.message
    if conversation.stopped and message.on_opt_out == OnOptOut.STOP:
        return Outcome.OPTED_OUT
    if conversation.has_answered(now):
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
    if left_behind(conversation, current):
        return None
    match current.state:
        case State.SENDING:
            why = f"wait for {current.provider} to take the {current.channel.label}"
            return Wait(None, why)
        case State.UNKNOWN:
            return _settle(conversation, current, now)
        case State.REFUSED | State.FAILED:
            failed = current.failure
            return next_provider(conversation, current) if elsewhere(failed) else None
        case State.UNAVAILABLE:
            return next_provider(conversation, current)
        case State.SKIPPED:
            return None
        case _:
            return _hold(conversation, current, now)


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


def _next_step(conversation: Conversation, current: Attempt | None) -> Move:
    message = conversation.message
    number = conversation.next_step
    if number >= len(message.steps):
        return _at_the_end(conversation, current)
    if reason := unusable(conversation, number):
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
    gone = current.step in conversation.skips or opted_out(conversation, current.step)
    return over if gone else _resend(conversation, current) or over


def _way(attempt: Attempt) -> tuple[int, str | None]:
    return attempt.step, attempt.provider
