"""What is said besides the steps, and by whom.

Workflow code, like the policy.
"""

from collections.abc import Container, Sequence

from failover.asides import Purpose
from failover.attempts import Attempt, State
from failover.conversation import Conversation
from failover.moves import Move, Send, Wait
from failover.plan import elsewhere, opted_out


def say(conversation: Conversation, purposes: Container[Purpose]) -> Move | None:
    """What is to be said besides the steps; by the provider that has reached the person first."""
    for number, aside in enumerate(conversation.asides):
        if aside.purpose not in purposes or opted_out(conversation, aside.step):
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
    return attempt.state == State.REFUSED and elsewhere(attempt.failure)
