"""One send on its way: how it is handed over, withdrawn, and what came of it."""

import asyncio
from datetime import timedelta
from typing import Any, cast

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutType
from temporalio.exceptions import TimeoutError as ActivityTimeout
from temporalio.exceptions import is_cancelled_exception as is_cancelled

with workflow.unsafe.imports_passed_through():
    from activities.outcomes import (
        CONFIRM,
        HEARTBEAT,
        UNAVAILABLE,
        Doubt,
        LookUp,
        SendResult,
        SteppedBack,
    )
    from failover.attempts import Attempt
    from failover.budgets import patience
    from failover.channels import Channel
    from failover.content import Content
    from failover.conversation import Conversation
    from failover.events import Failure, FailureClass
    from failover.names import activity_id, send_activity, sending_queue
    from failover.policy import LOOKUPS, last_resort
    from failover.transcript import for_agents
    from providers.base import Accepted, Outbound, Refused

#: Longer than any HTTP timeout of a sender, so that two attempts never overlap.
SEND_TIMEOUT = timedelta(seconds=40)
#: Only what certainly did not send is tried again. A worker that dies in mid-send shows as a
#: timeout, and "TemporalTimeout:..." is how the server names timeouts here (tried on 1.32).
SEND_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(seconds=30),
    non_retryable_error_types=["TemporalTimeout:StartToClose", "TemporalTimeout:Heartbeat"],
)
LOOK_UP_TIMEOUT = timedelta(seconds=30)
LOOK_UP_RETRY = RetryPolicy(maximum_attempts=3)

Handle = workflow.ActivityHandle[Any]


def start_send(conversation: Conversation, attempt: Attempt) -> Handle:
    assert attempt.provider
    # Nothing at all is no limit to Temporal.
    may_take = max(patience(conversation, attempt, workflow.now()), timedelta(seconds=1))
    channel = attempt.channel.label
    return workflow.start_activity(
        send_activity(attempt.channel),
        _outbound(conversation, attempt),
        result_type=cast(type, SendResult),
        task_queue=sending_queue(attempt.provider),
        activity_id=activity_id(attempt.number),
        summary=f"{attempt.number}: {channel} by {attempt.provider} to {attempt.to}",
        schedule_to_start_timeout=may_take,
        start_to_close_timeout=SEND_TIMEOUT,
        schedule_to_close_timeout=may_take + SEND_TIMEOUT,
        heartbeat_timeout=HEARTBEAT,
        retry_policy=SEND_RETRY,
        cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    )


def start_look_up(conversation: Conversation, attempt: Attempt) -> Handle:
    assert attempt.provider
    return workflow.start_activity(
        CONFIRM,
        Doubt(outbound=_outbound(conversation, attempt), since=attempt.changes[0].at),
        result_type=LookUp,
        task_queue=sending_queue(attempt.provider),
        summary=f"{attempt.number}: did {attempt.provider} take the {attempt.channel.label}?",
        start_to_close_timeout=LOOK_UP_TIMEOUT,
        heartbeat_timeout=HEARTBEAT,
        schedule_to_close_timeout=LOOK_UP_TIMEOUT * 2,
        retry_policy=LOOK_UP_RETRY,
    )


async def withdrawn(handle: Handle) -> None:
    """Cancel a send, and wait for the truth: one that is under way comes to its end first.

    Raises CancelledError when the workflow was cancelled meanwhile, after the send has ended.
    """
    # A cancel and the end of the send may come at once, and cancelling drops a result not read.
    await workflow.wait_condition(lambda: True)
    if handle.done():
        return
    handle.cancel()
    interrupted: asyncio.CancelledError | None = None
    while not handle.done():
        try:
            await workflow.wait_condition(handle.done)
        except asyncio.CancelledError as error:
            interrupted = error
    if interrupted:
        raise interrupted


def note_send(conversation: Conversation, number: int, handle: Handle) -> tuple[str, ...]:
    """Record what became of a send that has ended. Returns the keys that replies will carry."""
    now = workflow.now()
    try:
        result = handle.result()
    except (ActivityError, asyncio.CancelledError) as error:
        _note_no_answer(conversation, number, error)
        return ()
    match result:
        case Accepted():
            conversation.accepted(number, result.provider_id, now, result.person)
            return _keys(result)
        case Refused():
            conversation.refused(number, result.failure, now)
        case SteppedBack():
            conversation.taken_back(number)
    return ()


def note_look_up(conversation: Conversation, number: int, handle: Handle) -> tuple[str, ...]:
    """Record what the provider knew; a look-up that failed has asked nobody."""
    try:
        answer: LookUp | None = handle.result()
    except ActivityError:
        answer = None
    if answer and answer.found:
        found = answer.found
        conversation.accepted(number, found.provider_id, workflow.now(), found.person)
        return _keys(found)
    if answer and answer.possible:
        conversation.denied(number)
    times = LOOKUPS if answer and not answer.possible else 1
    conversation.looked_up(number, workflow.now(), times=times)
    return ()


def _keys(sent: Accepted) -> tuple[str, ...]:
    return (*sent.reply_keys, sent.person) if sent.person else sent.reply_keys


def _note_no_answer(conversation: Conversation, number: int, error: BaseException) -> None:
    """What an activity that did not complete says about the send."""
    now = workflow.now()
    cause = error.cause if isinstance(error, ActivityError) else error
    if is_cancelled(error):
        conversation.withdrawn(number, now)
    elif _never_started(cause):
        failure = Failure(kind=FailureClass.PROVIDER, detail="no worker took it in time")
        conversation.unavailable(number, failure, now)
    elif isinstance(cause, ApplicationError) and cause.type == UNAVAILABLE:
        told = cause.details[0] if cause.details else {}
        conversation.unavailable(number, Failure.model_validate(told), now)
    else:
        conversation.unknown(number, now)


def _never_started(cause: BaseException | None) -> bool:
    """No worker took it, or one that has no such activity: it sends by another provider's rules."""
    if isinstance(cause, ApplicationError):
        return cause.type == "NotFoundError"
    return isinstance(cause, ActivityTimeout) and cause.type == TimeoutType.SCHEDULE_TO_START


def _outbound(conversation: Conversation, attempt: Attempt) -> Outbound:
    message, step = conversation.message, conversation.message.steps[attempt.step]
    left = message.deadline - workflow.now() if message.deadline else step.wait
    address = message.address(step)
    assert address
    assert attempt.provider
    return Outbound(
        reference=attempt.reference,
        channel=attempt.channel,
        provider=attempt.provider,
        to=address,
        content=_content(conversation, attempt),
        valid_for=max(min(step.wait, step.deliver_within or step.wait, left), timedelta(0)),
        send_within=patience(conversation, attempt, workflow.now()),
        deadline=message.deadline,
        last_resort=last_resort(conversation, attempt),
        name=message.person(step).name,
        locale=message.person(step).locale,
    )


def _content(conversation: Conversation, attempt: Attempt) -> Content:
    """What this attempt says: its step's content, an aside, or what an agent is to read."""
    message = conversation.message
    step = message.steps[attempt.step]
    if attempt.aside is not None:
        return conversation.asides[attempt.aside].content
    if step.channel == Channel.AGENT and step.content is None:
        return for_agents(message, conversation.result(), message.person(step).locale)
    said = message.said(step)
    return said.model_copy(update={"template": None}) if attempt.in_text else said
