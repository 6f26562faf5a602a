"""The verb `conversation`: all that was said in one, across messages and channels."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from temporalio.client import Client, WorkflowExecution

from failover.attempts import Result, State
from failover.events import OptOut, Response
from failover.names import INBOUND_WORKFLOW, MESSAGE_WORKFLOW, SearchAttribute, message_id
from failover.transcript import By, Said, transcript
from starter import record
from starter.errors import NotDone
from starter.listing import fits, query
from starter.look import look
from starter.screen import Screen, complain
from starter.timeline import PLAIN, TONES, Entry, label, one_line

#: Read at once; a conversation may have many messages.
_AT_ONCE = 8
_ARROWS = {By.US: "→", By.PERSON: "←", By.AGENT: "·"}

#: An answer, by its provider and the provider's id of it.
Heard = tuple[str | None, str]


@dataclass(frozen=True)
class Part:
    """What one workflow knows of it, and why it may not be all."""

    said: Sequence[Said] = ()
    heard: frozenset[Heard] = frozenset()
    silence: str | None = None


async def show(client: Client, screen: Screen, id: str, *, as_json: bool) -> int:
    """Raises `NotDone` when nothing is known of it."""
    said, silences = await thread(client, id)
    for silence in silences:
        complain(silence)
    if as_json:
        told = [entry.model_dump(mode="json") for entry in said]
        screen.write(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        screen.tell(entries(said))
    return 0


async def thread(client: Client, id: str) -> tuple[list[Said], list[str]]:
    """All that was said, in order, and what could not be asked."""
    wanted = {SearchAttribute.CONVERSATION.value: id}
    asked = query(wanted, kinds=(MESSAGE_WORKFLOW, INBOUND_WORKFLOW))
    found = [seen async for seen in client.list_workflows(asked) if fits(seen, wanted)]
    if not found:
        raise NotDone(
            f"{id}: there is no such conversation in {client.namespace!r}; "
            "a message is found by it when its first send has ended"
        )
    parts = await _each(_message, client, found, MESSAGE_WORKFLOW)
    heard = {answer for part in parts for answer in part.heard}
    # What an operator assigned to a message that still ran is in that message, too.
    kept = await _each(_inbound, client, found, INBOUND_WORKFLOW)
    parts += [part for part in kept if not part.heard & heard]
    said = sorted((entry for part in parts for entry in part.said), key=lambda entry: entry.at)
    return said, sorted(part.silence for part in parts if part.silence)


def entries(said: Sequence[Said]) -> list[Entry]:
    """For people: the message, the channel and the way it went, and what was said."""
    width = max((len(one_line(entry.message_id)) for entry in said), default=0)
    return [_entry(entry, width) for entry in said]


async def _each(
    read: Callable[[Client, WorkflowExecution], Awaitable[Part]],
    client: Client,
    found: Sequence[WorkflowExecution],
    kind: str,
) -> list[Part]:
    some = asyncio.Semaphore(_AT_ONCE)

    async def one(seen: WorkflowExecution) -> Part:
        async with some:
            return await read(client, seen)

    return await asyncio.gather(*(one(seen) for seen in found if seen.workflow_type == kind))


async def _message(client: Client, found: WorkflowExecution) -> Part:
    try:
        seen = await look(client, message_id(found.id))
    except NotDone:  # gone since it was found: its retention is over
        return Part()
    if seen.message and seen.result:
        return Part(transcript(seen.message, seen.result), _heard(seen.result))
    said = await record.said(client, found, seen.id)
    return Part(
        said, silence=f"{seen.id}: {seen.silence or seen.status}; this is Temporal's own record"
    )


async def _inbound(client: Client, found: WorkflowExecution) -> Part:
    if (kept := await record.inbound(client, found)) is None:
        return Part()
    said, reply = kept
    return Part([said], frozenset({(reply.provider, reply.provider_id)}))


def _heard(result: Result) -> frozenset[Heard]:
    told: list[Response | OptOut] = [*result.responses, *result.opt_outs]
    return frozenset((known.provider, known.provider_id) for known in told if known.provider_id)


def _entry(said: Said, width: int) -> Entry:
    who = f"{one_line(said.message_id):<{width}}  {_ARROWS[said.by]} {label(said.channel)}"
    text = f"“{one_line(said.text)}”" if said.text else ""
    chose = f"chose {one_line(said.choice)}" if said.choice else ""
    parts = (_what(said), text, chose)
    tone = TONES.get(State(said.state), PLAIN) if said.state in set(State) else PLAIN
    return Entry(said.at, who, ", ".join(filter(None, parts)), tone)


def _what(said: Said) -> str:
    state = "said stop" if said.state == "stop" else one_line(said.state or "")
    name = said.name if said.by == By.AGENT else said.provider
    return " ".join(filter(None, (state, f"by {one_line(name)}" if name else "")))
