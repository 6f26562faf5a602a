"""What a service hears of a message: finds what is new, and has each told beside the message.

Workflow code. A message that says no `notify` leaves nothing of this in its history.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from failover.attempts import RANK, Attempt, State
    from failover.channels import Channel, Goal
    from failover.conversation import Conversation
    from failover.events import FailureClass
    from failover.notices import (
        AboutAnswer,
        AboutEnd,
        AboutFailover,
        AboutHandOver,
        AboutOptOut,
        AboutSend,
        MessageAccepted,
        MessageDelivered,
        MessageEnded,
        MessageFailedOver,
        MessageHandedOver,
        MessageOptedOut,
        MessageResponded,
        Notice,
        Way,
    )
    from failover.transcript import newest, transcript
    from workflows.notification import tell

Fact = tuple[str, int]
#: Makes the event of a fact, with what is common to all.
Make = Callable[[dict[str, Any], dict[str, Any]], Notice]


class Telling:
    def __init__(self) -> None:
        self._told: set[Fact] = set()
        self._starting: list[asyncio.Future[Any]] = []

    def look(self, conversation: Conversation, outcome: str | None = None) -> None:
        """Have told what is new. Nothing waits for it."""
        notify = conversation.message.notify
        if notify is None:
            return
        for notice in self.news(conversation, workflow.now(), outcome):
            self._starting.append(asyncio.gather(tell(notify, notice)))

    async def finish(self, conversation: Conversation, outcome: str | None = None) -> None:
        """The message ends: wait until all is on its way, a cancel notwithstanding."""
        self.look(conversation, outcome)
        while not all(start.done() for start in self._starting):
            with suppress(asyncio.CancelledError):
                await workflow.wait_condition(lambda: all(s.done() for s in self._starting))
            self.look(conversation, outcome)  # what came meanwhile

    def news(
        self, conversation: Conversation, now: datetime, outcome: str | None = None
    ) -> list[Notice]:
        """The events not told of yet, in order, each with an id that is its own."""
        found = []
        for fact, make in _facts(conversation, outcome or conversation.outcome):
            if fact in self._told:
                continue
            self._told.add(fact)
            sequence = len(self._told)
            id = f"{conversation.message.id}-{sequence}-{fact[0]}"
            about = {**_common(conversation), "sequence": sequence}
            found.append(make({"id": id, "timestamp": now}, about))
        return found


def _facts(conversation: Conversation, outcome: str | None) -> Iterator[tuple[Fact, Make]]:
    """All that there is to tell, in the order in which it happens to one attempt."""
    for attempt in conversation.attempts:
        yield from _of_attempt(conversation, attempt)
    for number, answer in enumerate(conversation.responses, start=conversation.dropped):
        said = answer.model_dump(exclude={"at"}) | {"said_at": answer.at}
        yield ("responded", number), _make(MessageResponded, AboutAnswer, said)
    for number, gone in enumerate(conversation.opt_outs):
        said = gone.model_dump(exclude={"at"}) | {"said_at": gone.at}
        yield ("opted_out", number), _make(MessageOptedOut, AboutOptOut, said)
    if outcome:
        yield ("ended", 0), _make(MessageEnded, AboutEnd, {"outcome": str(outcome)})


def _of_attempt(conversation: Conversation, attempt: Attempt) -> Iterator[tuple[Fact, Make]]:
    number, sent = attempt.number, _way(attempt) | {"purpose": attempt.purpose}
    left = _left(conversation, attempt)
    if left:
        why = {"why": _why(conversation, left, attempt), "failure": left.failure}
        ways = {"from": Way(**_way(left)), "to": Way(**_way(attempt))}
        yield ("failed_over", number), _make(MessageFailedOver, AboutFailover, ways | why)
    if attempt.accepted_at and attempt.channel == Channel.AGENT:
        told = newest(transcript(conversation.message, conversation.result()))
        facts = sent | {"transcript": told}
        yield ("handed_over", number), _make(MessageHandedOver, AboutHandOver, facts)
    elif attempt.accepted_at:
        yield ("accepted", number), _make(MessageAccepted, AboutSend, sent)
        if any(_arrived(change.state) for change in attempt.changes):
            yield ("delivered", number), _make(MessageDelivered, AboutSend, sent)


def _make(envelope: type[Any], data: type[Any], own: dict[str, Any]) -> Make:
    def make(outside: dict[str, Any], about: dict[str, Any]) -> Notice:
        notice: Notice = envelope(**outside, data=data(**about, **own))
        return notice

    return make


def _common(conversation: Conversation) -> dict[str, Any]:
    message = conversation.message
    return {
        "message_id": message.id,
        "conversation": message.conversation,
        "recipient": message.recipient.id,
        "context": message.context,
    }


def _way(attempt: Attempt) -> dict[str, Any]:
    told = attempt.model_dump(include={"step", "channel", "provider", "to"})
    return told | {"attempt": attempt.number}


def _left(conversation: Conversation, attempt: Attempt) -> Attempt | None:
    """What was given up for this attempt: the one made before, else the step skipped before.

    None until something is known of this one, as it may yet be taken back.
    """
    undecided = attempt.state in (State.SENDING, State.SKIPPED) or attempt.aside is not None
    before = [one for one in conversation.tries if one.number < attempt.number]
    made = [one for one in before if one.provider]
    return None if undecided or not before else (made or before)[-1]


def _why(conversation: Conversation, left: Attempt, now: Attempt) -> str:
    if left.state in (State.REFUSED, State.FAILED):
        said_stop = left.failure is not None and left.failure.kind == FailureClass.OPT_OUT
        return "opted_out" if said_stop else "failed"
    if left.state in (State.UNAVAILABLE, State.UNKNOWN):
        return left.state.value
    if left.state == State.SKIPPED or left.step in conversation.skips:
        return "skipped"
    if any(gone.channel == left.channel for gone in conversation.opt_outs):
        return "opted_out"
    if now.channel == Channel.AGENT and conversation.hand_over_to == now.step:
        return "handed_over"
    return _waited_in_vain(conversation, left, now)


def _waited_in_vain(conversation: Conversation, left: Attempt, now: Attempt) -> str:
    step = conversation.message.steps[left.step]
    if _arrived(left.state) or not left.accepted_at:
        return "no_answer"
    early = now.changes[0].at - left.accepted_at < step.wait
    wanted = conversation.message.goal(step) == Goal.DELIVERED
    return "not_delivered" if early or wanted else "no_answer"


def _arrived(state: State) -> bool:
    return RANK.get(state, 0) >= RANK[State.DELIVERED]
