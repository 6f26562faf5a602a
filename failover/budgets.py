"""How long may be spent on a send: an attempt's time is part of its step's.

Workflow code, like the policy. The deadline of the message is the policy's first rule.
"""

from datetime import datetime, timedelta

from failover.attempts import Attempt, State
from failover.conversation import Conversation


def patience(conversation: Conversation, attempt: Attempt, now: datetime) -> timedelta:
    """This attempt's share of its step's `send_within`.

    What is left is shared by the providers that are left, and each has its turn: time that was
    lost because none of our workers ran takes no provider's share.
    """
    step = attempt.step
    if attempt.purpose:
        return conversation.message.steps[step].send_within
    providers = set(conversation.providers(step)) | {attempt.provider}
    tried = {a.provider for a in conversation.tries if a.step == step}
    share = _left(conversation, step, now) / (len(providers - tried) + 1)
    return max(share, conversation.message.steps[step].send_within / len(providers))


def _left(conversation: Conversation, step: int, now: datetime) -> timedelta:
    spent = (_spent(attempt, now) for attempt in conversation.tries if attempt.step == step)
    return conversation.message.steps[step].send_within - sum(spent, timedelta(0))


def _spent(attempt: Attempt, now: datetime) -> timedelta:
    """The time in which nobody had taken it; what happens later is not on its account."""
    if attempt.provider is None:
        return timedelta(0)
    begun, *later = attempt.changes
    assert begun.state == State.SENDING
    return (later[0].at if later else now) - begun.at
