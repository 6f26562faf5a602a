"""Tells the worker how long deliveries take; nothing of it is in the history.

The worker hands its function in as an extern function of the SDK. It is called once for each
attempt, and not in a replay, as a log line or a metric would be.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from failover.attempts import RANK, Attempt, Outcome, State
    from failover.channels import Channel
    from failover.conversation import Conversation

#: The name of the extern function: provider, channel, and the time taken; None when it was
#: waited for in vain, for `IN_VAIN` or for as long as the step says.
NOTE_DELIVERY = "failover_note_delivery"
NoteDelivery = Callable[[str, str, timedelta | None], None]
IN_VAIN = timedelta(minutes=5)


class Observing:
    def __init__(self) -> None:
        self._told: set[int] = set()

    def look(self, conversation: Conversation) -> None:
        """Tell of the attempts that have come to be delivered, or were left before they were."""
        note: NoteDelivery | None = workflow.extern_functions().get(NOTE_DELIVERY)
        for attempt in conversation.attempts:
            if attempt.number in self._told or not _tells(conversation, attempt):
                continue
            self._told.add(attempt.number)
            if note and not workflow.unsafe.is_replaying():
                note(str(attempt.provider), attempt.channel.value, _took(attempt))


def _tells(conversation: Conversation, attempt: Attempt) -> bool:
    """Whether this says something of the provider: a call that nobody takes is the person's."""
    if attempt.accepted_at is None or attempt.channel == Channel.VOICE:
        return False
    if _took(attempt) is not None:
        return True
    left = _left_at(conversation, attempt)
    if left is None or attempt.state not in (State.ACCEPTED, State.SENT):
        return False
    within = conversation.message.steps[attempt.step].deliver_within
    return left - attempt.accepted_at >= min(within or IN_VAIN, IN_VAIN)


def _took(attempt: Attempt) -> timedelta | None:
    assert attempt.accepted_at
    arrived = (c.at for c in attempt.changes if RANK.get(c.state, 0) >= RANK[State.DELIVERED])
    first = next(arrived, None)
    return first - attempt.accepted_at if first else None


def _left_at(conversation: Conversation, attempt: Attempt) -> datetime | None:
    """When it was given up: the next attempt was begun, or there was none to begin."""
    later = [made for made in conversation.tries if made.number > attempt.number]
    if later:
        return later[0].changes[0].at
    given_up = conversation.outcome in (Outcome.EXHAUSTED, Outcome.EXPIRED)
    return workflow.now() if given_up else None
