"""What a service asks for: something to say to one person, and the steps to try.

Workflow code: a message already accepted is read again at every replay, so a rule here may
become laxer but never stricter.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from failover.addresses import E164
from failover.channels import PHONE_CHANNELS, Channel, Goal
from failover.content import ChannelChanges, Choice, Content, Layer, Other
from failover.faults import faults
from failover.fields import Asked, Id, Span, at_most, no_longer_than_a_year
from failover.hours import Hours
from failover.notify import Notify
from failover.recipient import Recipient
from failover.step import Step


class OnUnknown(StrEnum):
    """What to do when nobody can say whether a provider took a send."""

    NEXT = "next"  #: go on; send again only when no step is left
    RESEND = "resend"  #: send again once, at the risk of a second copy
    STOP = "stop"  #: send nothing more


class OnOptOut(StrEnum):
    STOP = "stop"  #: end the message
    SKIP_CHANNEL = "skip_channel"  #: go on without that channel


#: Bytes of a context as JSON: it goes with every event.
_CONTEXT = 8_000


def _small(context: dict[str, JsonValue] | None) -> dict[str, JsonValue] | None:
    if context is not None and len(json.dumps(context).encode()) > _CONTEXT:
        raise ValueError(f"should have at most {_CONTEXT} bytes as JSON")
    return context


class Message(Asked):
    """The request. Its id is the idempotency key: the same id twice is the same message.

    An id has at most 90 characters, because `<id>.<attempt>` is the reference that providers
    bring back and Vonage takes 100 (error 1450, Messages API 1.20.0).
    """

    id: Annotated[str, StringConstraints(pattern=r"^[!-~]+$", min_length=1, max_length=90)]
    recipient: Recipient
    content: Content
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50), at_most(50)]
    conversation: Id | None = None
    until: Goal = Goal.REPLIED
    deadline: AwareDatetime | None = None
    hours: Hours | None = None
    #: The service's own: it comes back with every event, and agents see it.
    context: Annotated[dict[str, JsonValue] | None, AfterValidator(_small)] = None
    #: Where the service hears of it: an https URL, or a workflow of its own with a signal.
    notify: Notify | None = None
    on_unknown: OnUnknown = OnUnknown.NEXT
    on_opt_out: OnOptOut = OnOptOut.STOP
    #: How long to wait for a callback that proves a send of unknown outcome, before each look-up.
    evidence_within: Span = timedelta(seconds=30)

    _bounded = field_validator("evidence_within")(no_longer_than_a_year)

    @model_validator(mode="after")
    def _hours_have_a_zone(self) -> "Message":
        for step in self.steps if self.hours else ():
            known = self.in_hours(step) is None or self.person(step).time_zone
            if not known and not self.phones(step):
                raise ValueError(
                    "hours: recipient.time_zone or a phone number is needed to know when they are"
                )
        return self

    @model_validator(mode="after")
    def _what_is_asked_again_can_be_answered(self) -> "Message":
        for number, step in enumerate(self.steps):
            said = self.said(step)
            if said.on_other.do == Other.ASK_AGAIN and not said.choices:
                raise ValueError(f"steps.{number}: content.on_other: ask_again needs choices")
        return self

    @model_validator(mode="after")
    def _hand_over_has_an_agent(self) -> "Message":
        asked = any(self.said(step).on_other.do == Other.HAND_OVER for step in self.steps)
        agents = [step for step in self.steps if step.channel == Channel.AGENT]
        if asked and not agents:
            raise ValueError("content.on_other: hand_over needs a step whose channel is agent")
        return self

    @model_validator(mode="after")
    def _agents_can_be_told(self) -> "Message":
        for number, step in enumerate(self.steps):
            told = self.address(step) or self.notify
            if step.channel == Channel.AGENT and not told:
                raise ValueError(
                    f"steps.{number}: an agent step needs to, the email address of the agents, "
                    "or the message notify"
                )
        return self

    def person(self, step: Step) -> Recipient:
        """Whom this step is for: the recipient, unless it names another."""
        return step.to if isinstance(step.to, Recipient) else self.recipient

    def address(self, step: Step) -> str | None:
        """Where this step reaches the person, if anywhere."""
        if isinstance(step.to, str):
            return step.to
        known = self.person(step).addresses
        phone = known.get("phone") if step.channel in PHONE_CHANNELS else None
        return known.get(step.channel, phone)

    def in_hours(self, step: Step) -> Hours | None:
        """The hours that this step keeps to: an agent's are the agent's own affair."""
        exempt = self.hours and step.channel in (*self.hours.exempt, Channel.AGENT)
        return None if exempt else self.hours

    def phones(self, step: Step) -> list[str]:
        """The numbers that say where the person of this step may be, its own first."""
        own = self.address(step) if step.channel in PHONE_CHANNELS else None
        if own:
            return [own]
        return sorted({a for a in self.person(step).addresses.values() if E164.fullmatch(a)})

    def said(self, step: Step) -> Content:
        """Its own before its channel's, before its language's, before the common one."""
        layers = list(self._layers(step, ""))
        return self._base(step).changed(layers) if layers else self._base(step)

    def place(self, number: int, field: str) -> str:
        """Where the message says what this step says there."""
        step = self.steps[number]
        own = f"steps.{number}.content"
        found = "content" if self._base(step) is self.content else own
        for place, changes in self._layers(step, own):
            found = place if getattr(changes, field, None) is not None else found
        return f"{found}.{field}"

    def _base(self, step: Step) -> Content:
        return step.content if isinstance(step.content, Content) else self.content

    def _layers(self, step: Step, own: str) -> Iterator[Layer]:
        """What is said otherwise at this step; `own` is where its content is."""
        base, locale = self._base(step), self.person(step).locale
        place = "content" if base is self.content else own
        yield from base.layers(step.channel, locale, place)
        if isinstance(step.content, ChannelChanges):
            yield from step.content.layers(locale, own)

    def choices(self, channel: str | None = None) -> list[Choice]:
        """All that are offered, on this channel or anywhere."""
        steps = [step for step in self.steps if channel in (None, step.channel)]
        said = [*(self.said(step) for step in steps), self.content]
        return list(dict.fromkeys(choice for content in said for choice in content.choices))

    def goal(self, step: Step) -> Goal:
        return step.until or self.until


class InvalidMessage(ValueError):
    """Names every field at fault, and none of their values: those may be addresses and texts."""


def parse_message(raw: bytes | str | dict[str, Any]) -> Message:
    """The message in this JSON. Raises `InvalidMessage` with everything that is wrong with it."""
    try:
        if isinstance(raw, dict):
            return Message.model_validate(raw)
        return Message.model_validate_json(raw)
    except ValidationError as error:
        raise InvalidMessage(f"invalid message: {faults(error)}") from None
