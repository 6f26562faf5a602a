"""The verbs `respond`, `skip` and `cancel`: what an operator does to a message under way."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime

from temporalio.client import Client, WorkflowExecutionDescription, WorkflowFailureError
from temporalio.service import RPCError, RPCStatusCode

from failover.choices import match_choice
from failover.events import Response
from failover.message import Message
from failover.names import SearchAttribute, Signal
from starter.errors import BadInput, NotDone
from starter.history import asked
from starter.look import CANCELLED, attributes, status
from starter.screen import Screen
from starter.temporal import describe
from starter.timeline import OPERATOR, label, one_line

_CANCEL_PATIENCE = 5.0


async def respond(
    client: Client,
    screen: Screen,
    id: str,
    *,
    text: str | None,
    choice: str | None,
    channel: str | None,
) -> int:
    """Enter an answer that came some other way, by telephone perhaps."""
    described = await under_way(client, id, "no answer was recorded")
    message = await asked(client, client.get_workflow_handle(described.id))
    if choice and message:
        choice = offered_choice(choice, message)
    at_hand = channel or attributes(described).get(SearchAttribute.CHANNEL)
    if not at_hand:
        raise BadInput(f"{id}: nothing was sent yet, so say where the answer came: --channel sms")
    response = Response(
        channel=at_hand, text=text, choice=choice, provider=OPERATOR, at=datetime.now(UTC)
    )
    handle = client.get_workflow_handle(described.id)
    await unless_ended(handle.signal(Signal.RESPONDED, response), client, id)
    said = [f"“{one_line(text)}”" if text else "", f"choice {choice}" if choice else ""]
    screen.say(f"{id}: answered on {label(at_hand)}: {', '.join(filter(None, said))}")
    return 0


async def skip(client: Client, screen: Screen, id: str) -> int:
    described = await under_way(client, id, "there is nothing to skip")
    handle = client.get_workflow_handle(described.id)
    await unless_ended(handle.signal(Signal.SKIP), client, id)
    screen.say(f"{id}: told to go to the next step")
    return 0


async def cancel(client: Client, screen: Screen, id: str, reason: str) -> int:
    """Raises `NotDone` when the message came to another end before the cancel took hold."""
    described = await under_way(client, id, "there is nothing to cancel")
    handle = client.get_workflow_handle(described.id, run_id=described.run_id)
    await unless_ended(handle.cancel(reason=reason), client, id)
    try:
        async with asyncio.timeout(_CANCEL_PATIENCE):
            await handle.result()
    except TimeoutError:
        screen.say(f"{id}: asked to cancel; it has not come to its end yet (is a worker running?)")
        return 0
    except WorkflowFailureError:
        pass
    ended = await describe(client, id)
    if status(ended) != CANCELLED:
        raise NotDone(over(id, ended, "it was too late to cancel"))
    screen.say(f"{id}: cancelled; nothing more is sent")
    return 0


async def under_way(client: Client, id: str, else_what: str) -> WorkflowExecutionDescription:
    """Raises `NotDone` when there is no such message, or it has ended."""
    described = await describe(client, id)
    if described.close_time:
        raise NotDone(over(id, described, else_what))
    return described


async def unless_ended(call: Awaitable[None], client: Client, id: str) -> None:
    """The message may end between the look and the deed."""
    try:
        await call
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        raise NotDone(over(id, await describe(client, id), "it was too late")) from None


def over(id: str, described: WorkflowExecutionDescription, so: str) -> str:
    return f"{id}: has already ended: {status(described).replace('_', ' ')}; {so}"


def offered_choice(choice: str, message: Message) -> str:
    """The id of the choice that is meant. Raises `BadInput` with those that were offered."""
    offered = [one for step in message.steps for one in message.said(step).choices]
    if match := match_choice(choice, list(dict.fromkeys(offered))):
        return match.id
    known = ", ".join(dict.fromkeys(one.id for one in offered)) or "none"
    raise BadInput(f"{message.id}: {choice!r} is not a choice of this message; offered: {known}")
