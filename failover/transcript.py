"""What was said between a person and us, in the order of time: for agents, and for operators."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict

from failover.attempts import Attempt, Result, State
from failover.channels import Channel
from failover.content import Content
from failover.events import Act, AgentAct
from failover.locales import phrases
from failover.message import Message

#: What never went out has said nothing.
UNSAID = frozenset({State.SKIPPED, State.REFUSED, State.UNAVAILABLE})


class By(StrEnum):
    US = "us"
    PERSON = "person"
    AGENT = "agent"


class Said(BaseModel):
    """One thing that was said, or done about it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    at: AwareDatetime
    by: By
    channel: str
    text: str | None = None
    choice: str | None = None
    provider: str | None = None
    #: What became of it: a state, `stop`, or what an agent did.
    state: str | None = None
    #: The agent.
    name: str | None = None
    message_id: str

    @property
    def label(self) -> str:
        """The channel as people write it."""
        return Channel(self.channel).label if self.channel in set(Channel) else self.channel


def transcript(message: Message, result: Result) -> list[Said]:
    """Sends with what became of them, answers, opt-outs, and what agents did; the oldest first."""
    return sorted(_said(message, result), key=lambda said: said.at)


def newest(told: Sequence[Said], most: int = 50, longest: int = 5_000) -> tuple[Said, ...]:
    """The end of a transcript, short enough to be handed on."""
    return tuple(
        said.model_copy(update={"text": said.text and said.text[:longest]}) for said in told[-most:]
    )


def _said(message: Message, result: Result) -> Iterator[Said]:
    for attempt in result.attempts:
        yield _sent(message, attempt)
    for response in result.responses:
        if response.agent is None and response.at:
            facts = response.model_dump(include={"at", "channel", "text", "choice", "provider"})
            yield Said(by=By.PERSON, message_id=message.id, **facts)
    for gone in result.opt_outs:
        if gone.at:
            facts = gone.model_dump(include={"at", "channel", "text", "provider"})
            yield Said(by=By.PERSON, message_id=message.id, state="stop", **facts)
    for act in result.agents:
        yield _done(message, act)


def _sent(message: Message, attempt: Attempt) -> Said:
    unsaid = attempt.channel == Channel.AGENT or attempt.state in UNSAID
    return Said(
        at=attempt.accepted_at or attempt.changes[0].at,
        by=By.US,
        channel=attempt.channel,
        text=None if unsaid else attempt.said or message.said(message.steps[attempt.step]).text,
        provider=attempt.provider,
        state=attempt.state,
        message_id=message.id,
    )


def _done(message: Message, act: AgentAct) -> Said:
    # What an agent says to the person is an attempt of its own.
    return Said(
        at=act.at,
        by=By.AGENT,
        channel=Channel.AGENT,
        text=None if act.act == Act.ANSWERED else act.text,
        choice=act.choice,
        state=act.act,
        name=act.agent,
        message_id=message.id,
    )


def for_agents(message: Message, result: Result, locale: str) -> Content:
    """A conversation as a mail to the people who may take it over: what was said, the context."""
    words = phrases(locale)["transcript"]
    person = message.recipient
    who = person.name or person.id or words["nobody"]
    told = [said for said in transcript(message, result) if said.text or said.choice]
    parts = [words["heading"].format(who=who)]
    parts += [*(_paragraph(said, who, words) for said in told)]
    if message.context:
        parts.append("\n".join([words["context"], *listed(message.context)]))
    if message.content.choices:
        offered = ", ".join(choice.label for choice in message.content.choices)
        parts.append(words["choices"].format(choices=offered))
    subject = words["subject"].format(who=who[:_NAME])
    return Content(subject=subject, text="\n\n".join(parts)[:_LONGEST])


#: Characters of a mail to agents; the page behind its link has the rest.
_LONGEST = 50_000
_NAME = 100


def _paragraph(said: Said, who: str, words: dict[str, str]) -> str:
    by = {By.US: words["us"], By.PERSON: who, By.AGENT: said.name or words["agent"]}[said.by]
    head = f"{said.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC, {said.label}, {by}:"
    return "\n".join(filter(None, (head, said.text or said.choice)))


def listed(context: Mapping[str, object]) -> list[str]:
    """A service's context for people to read."""
    return [
        f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in context.items()
    ]
