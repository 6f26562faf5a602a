"""The verb `show`: one message, as far as it has got."""

import json
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from rich.text import Text
from temporalio.client import Client

from failover.message import Message
from failover.names import SearchAttribute
from failover.recipient import Recipient
from failover.step import Step
from starter import timeline
from starter.look import CANCELLED, OPEN, WELL, Seen, look
from starter.screen import Screen, web_page
from starter.spans import show_moment, show_span
from starter.timeline import one_line

_RECORD = "; this is Temporal's own record:"


async def show(client: Client, screen: Screen, id: str) -> int:
    seen = await look(client, id)
    head(screen, seen)
    if seen.silence:
        screen.say()
        screen.say(f"{seen.silence}{'' if seen.result else _RECORD}", "yellow")
    screen.say()
    screen.tell(seen.entries)
    if not (seen.entries or seen.sending or seen.waits):
        screen.say("  nothing has happened yet", "dim")
    tail(screen, seen)
    if page := web_page(client.namespace, seen.workflow_id, seen.run_id):
        screen.say()
        screen.say(page, "dim")
    return 0


async def show_json(client: Client, screen: Screen, id: str) -> int:
    screen.write(json.dumps(as_json(await look(client, id)), ensure_ascii=False, indent=2))
    return 0


def head(screen: Screen, seen: Seen) -> None:
    """What was asked: to whom, what, and the plan."""
    screen.say(Text.assemble((one_line(seen.id), "bold"), "  ", (seen.status, style(seen.status))))
    screen.facts(_facts(seen))


def tail(screen: Screen, seen: Seen) -> None:
    """What it waits for."""
    if at_hand := doing(seen, datetime.now(UTC)):
        screen.say()
        screen.facts([("now", what) for what in at_hand])


def doing(seen: Seen, now: datetime) -> list[str]:
    """The sends under way; without any, what the timers wait for."""
    return [*seen.sending] or [_waiting(wait.what, wait.until, now) for wait in seen.waits]


def _waiting(what: str, until: datetime, now: datetime) -> str:
    if until <= now:
        return f"{what} (over; a worker is due to go on)"
    left = timedelta(seconds=ceil((until - now).total_seconds()))
    return f"{what}: {show_span(left)} left, until {show_moment(until)}"


def style(status: str) -> str:
    if status in WELL:
        return "bold green"
    if status == OPEN:
        return "bold cyan"
    return "bold yellow" if status in (CANCELLED, "opted_out") else "bold red"


def as_json(seen: Seen) -> dict[str, Any]:
    """For programs: the result as the contract has it, and what Temporal knows beside it."""
    return {
        "id": seen.id,
        "status": seen.status,
        "why": seen.why,
        "trouble": seen.silence,
        "started_at": seen.started.isoformat(),
        "ended_at": seen.ended and seen.ended.isoformat(),
        "workflow_id": seen.workflow_id,
        "run_id": seen.run_id,
        "search_attributes": seen.attributes,
        "waits": [{"for": wait.what, "until": wait.until.isoformat()} for wait in seen.waits],
        "sending": list(seen.sending),
        "result": seen.result and seen.result.model_dump(mode="json"),
    }


def _facts(seen: Seen) -> list[tuple[str, str]]:
    message = seen.message
    conversation = seen.attributes.get(SearchAttribute.CONVERSATION)
    facts = [
        ("to", _person(seen)),
        ("says", message and _content(message)),
        ("answers", message and _choices(message)),
        ("plan", message and _plan(message)),
        ("ends", message and _ends(message)),
        ("context", message and _context(message)),
        ("conversation", (message and message.conversation) or conversation),
        ("started", show_moment(seen.started) + _lasted(seen)),
    ]
    return [(word, one_line(said)) for word, said in facts if said]


def _person(seen: Seen) -> str | None:
    if seen.message is None:
        return seen.attributes.get(SearchAttribute.RECIPIENT)
    person = seen.message.recipient
    if person.name and person.id:
        return f"{person.name} ({person.id})"
    return person.name or person.id


def _content(message: Message) -> str:
    content = message.content
    return f"{content.subject} – {content.text}" if content.subject else content.text


def _choices(message: Message) -> str:
    choices = message.content.choices
    return ", ".join(f"{choice.id} (“{choice.label}”)" for choice in choices)


def _plan(message: Message) -> str:
    return " → ".join(_step(step) for step in message.steps)


def _step(step: Step) -> str:
    by = f" by {', then '.join(step.providers)}" if step.providers else ""
    to = f" to {step.to.name or step.to.id or 'another'}" if isinstance(step.to, Recipient) else ""
    return f"{timeline.label(step.channel)} {show_span(step.wait)}{to}{by}"


def _ends(message: Message) -> str:
    deadline = f", or at {show_moment(message.deadline)}" if message.deadline else ""
    return f"when {message.until}{deadline}"


def _context(message: Message) -> str:
    """What the service knows besides: whoever answers the person may need it."""
    return json.dumps(message.context, ensure_ascii=False) if message.context else ""


def _lasted(seen: Seen) -> str:
    ended = seen.ended or datetime.now(UTC)
    took = show_span(ended - seen.started)
    return f", took {took}" if seen.ended else f", {took} ago"
