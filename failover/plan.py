"""What is left of a message's plan: which provider, which step, and at what time.

Workflow code, like the policy.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from failover.attempts import Attempt
from failover.capabilities import REPORTS
from failover.channels import Channel
from failover.conversation import Conversation
from failover.events import Failure, FailureClass
from failover.hours import all_open_at
from failover.moves import Move, Send, Skip, Wait

#: Failures that another provider of the same channel may not have. The rest follow the person.
NEXT_PROVIDER = frozenset(
    {FailureClass.PROVIDER, FailureClass.ACCOUNT, FailureClass.SENDER, FailureClass.CAP}
)


def next_provider(conversation: Conversation, current: Attempt) -> Send | None:
    tried = {a.provider for a in conversation.tries if a.step == current.step}
    untried = [name for name in conversation.providers(current.step) if name not in tried]
    return Send(current.step, untried[0]) if untried else None


def in_hours(conversation: Conversation, send: Send, now: datetime) -> Move:
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


def unusable(conversation: Conversation, number: int) -> Failure | None:
    message = conversation.message
    step = message.steps[number]
    if number in conversation.skips:
        return Failure(kind=FailureClass.POLICY, detail="skipped by an operator")
    ahead = _agent_ahead(conversation, number - 1)
    if ahead is not None and number < ahead:
        return Failure(kind=FailureClass.POLICY, detail="handed over to an agent")
    if step.channel != Channel.AGENT and message.address(step) is None:
        return Failure(kind=FailureClass.ADDRESS, detail=f"no address for {step.channel}")
    if opted_out(conversation, number):
        return Failure(kind=FailureClass.OPT_OUT, detail=f"opted out of {step.channel}")
    # An agent is asked to act, whatever the message is sent for.
    if step.channel != Channel.AGENT and message.goal(step) not in REPORTS[step.channel]:
        never = f"{step.channel} never reports {message.goal(step)}"
        return Failure(kind=FailureClass.POLICY, detail=never)
    return None


def left_behind(conversation: Conversation, current: Attempt) -> bool:
    """Skipped by an operator, closed by the person, or followed by a step that was skipped."""
    if _agent_ahead(conversation, current.step) is not None:
        return True
    if current.step in conversation.skips or opted_out(conversation, current.step):
        return True
    return conversation.next_step > current.step + 1


def _agent_ahead(conversation: Conversation, step: int) -> int | None:
    """The agent's step after this one to which the person's words are handed over."""
    wanted = conversation.hand_over_to
    return wanted if wanted is not None and step < wanted else None


def opted_out(conversation: Conversation, number: int) -> bool:
    """On whatever channel the person said stop at the address of this step."""
    step = conversation.message.steps[number]
    if conversation.rules < 3:
        return any(gone.channel == step.channel for gone in conversation.opt_outs)
    address = conversation.message.address(step)
    return any(known.covers(step.channel, address) for known in conversation.closings)


def elsewhere(failure: Failure | None) -> bool:
    return failure is not None and failure.kind in NEXT_PROVIDER
