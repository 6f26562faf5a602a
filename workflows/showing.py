"""What an operator sees of a message: search attributes, and its state as Markdown."""

from datetime import UTC, datetime
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from failover.asides import Purpose
    from failover.attempts import Attempt
    from failover.conversation import Conversation
    from failover.events import AgentAct
    from failover.moves import Wait
    from workflows import search_attributes as attributes

#: A search attribute holds 2 kB, and a key with its time takes 84 bytes there; a message's newest
#: keys are the ones that are looked for. Messages of before the address was among them keep to 12.
REPLY_KEYS_KEPT = 20
_KEPT_BEFORE = 12


#: What an attempt is that is no step.
ASIDES = {Purpose.ASK_AGAIN: ": asked again", Purpose.ANSWER: ": answer by an agent"}
#: Lines of one kind that the details have room for.
LISTED = 20


class Showing:
    """Addresses are masked and texts left out: search attributes are stored in the clear."""

    def __init__(self) -> None:
        self._reply_keys: dict[str, int] = {}
        given = workflow.info().typed_search_attributes
        self._shown: dict[str, Any] = {pair.key.name: pair.value for pair in given}
        self._unreadable: list[str] = []

    def unreadable(self, what: str) -> None:
        if len(self._unreadable) < LISTED:
            self._unreadable.append(what)

    def keep_keys(self, keys: tuple[str, ...]) -> None:
        """Of what was sent now: the newest last, with the time, which tells the last writer."""
        for key in keys:
            self._reply_keys.pop(key, None)
            self._reply_keys[key] = _milliseconds(workflow.now())

    def add_keys(self, keys: tuple[str, ...], written: datetime) -> None:
        """Of what a report proves to have been sent; known keys stay as they are."""
        for key in keys:
            self._reply_keys.setdefault(key, _milliseconds(written))

    def describe(self, conversation: Conversation, waiting: Wait | None) -> None:
        said = details(conversation, waiting, self._unreadable)
        workflow.set_current_details(said)

    def publish(self, conversation: Conversation, status: str) -> None:
        """Bring the search attributes up to date with one event; none when nothing changed."""
        message, sent = conversation.message, [a for a in conversation.attempts if a.accepted_at]
        most = REPLY_KEYS_KEPT if conversation.rules >= 3 else _KEPT_BEFORE
        newest = list(self._reply_keys.items())[-most:]
        keys = [entry for key, at in newest for entry in (key, f"{key}@{at}")]
        wanted: list[tuple[Any, Any]] = [
            (attributes.MESSAGE_STATUS, status),
            (attributes.RECIPIENT, message.recipient.id),
            (attributes.CONVERSATION, message.conversation),
            (attributes.CHANNEL, sent[-1].channel.value if sent else None),
            (attributes.REPLY_KEYS, keys or None),
        ]
        changed = [(k, v) for k, v in wanted if v is not None and self._shown.get(k.name) != v]
        if changed:
            self._shown |= {key.name: value for key, value in changed}
            workflow.upsert_search_attributes([key.value_set(value) for key, value in changed])


def details(conversation: Conversation, waiting: Wait | None, unreadable: list[str]) -> str:
    lines = [f"**{_headline(conversation, waiting)}**", ""]
    if conversation.attempts:
        lines += ["| # | channel | provider | to | state | |", "|---|---|---|---|---|---|"]
        lines += [_row(attempt) for attempt in conversation.attempts]
        lines.append("")
    for response in conversation.responses[:LISTED]:
        chosen = f": {response.choice}" if response.choice else ""
        counts = "" if response.counts else ", none of the choices"
        lines.append(f"- answered on {response.channel}{chosen}{counts}")
    lines += [f"- {act.act} by {_name(act)}" for act in conversation.agents[:LISTED]]
    lines += [f"- said stop on {gone.channel}" for gone in conversation.opt_outs[:LISTED]]
    lines += [f"- a signal could not be read: {what}" for what in unreadable[:LISTED]]
    return "\n".join(lines)


def _headline(conversation: Conversation, waiting: Wait | None) -> str:
    if conversation.outcome:
        return conversation.outcome.value
    if waiting and waiting.until:
        return f"{waiting.why} (until {waiting.until.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC)"
    if waiting:
        return waiting.why
    return "under way"


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _row(attempt: Attempt) -> str:
    failure = attempt.failure
    why = " ".join(filter(None, (failure.kind, failure.code, failure.detail))) if failure else None
    channel = attempt.channel.label + (ASIDES[attempt.purpose] if attempt.purpose else "")
    cells = (channel, attempt.provider, attempt.to, attempt.state, why)
    return "| " + " | ".join([str(attempt.number), *map(_cell, cells)]) + " |"


def _name(act: AgentAct) -> str:
    return _cell(act.agent)[:100] or "an agent"


def _cell(given: str | None) -> str:
    return (given or "").replace("|", "\\|").replace("\n", " ")
