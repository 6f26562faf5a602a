"""What a service asks for: something to say to one person, and the steps to try.

Workflow code: a message already accepted is read again at every replay, so a rule here may
become laxer but never stricter.
"""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from failover import addresses
from failover.hours import Hours


class Channel(StrEnum):
    SMS = "sms"
    MMS = "mms"
    WHATSAPP = "whatsapp"
    VIBER = "viber"
    MESSENGER = "messenger"
    RCS = "rcs"
    EMAIL = "email"
    VOICE = "voice"
    PUSH = "push"

    @property
    def label(self) -> str:
        """As people write it."""
        return _LABELS.get(self, self.value)


_LABELS = {
    Channel.SMS: "SMS",
    Channel.MMS: "MMS",
    Channel.RCS: "RCS",
    Channel.WHATSAPP: "WhatsApp",
    Channel.VIBER: "Viber",
    Channel.MESSENGER: "Messenger",
}

#: The channels reached by a phone number, which the address `phone` serves.
PHONE_CHANNELS = frozenset(
    {Channel.SMS, Channel.MMS, Channel.WHATSAPP, Channel.VIBER, Channel.RCS, Channel.VOICE}
)


class Goal(StrEnum):
    """What ends a message well."""

    ACCEPTED = "accepted"  #: a provider took it
    DELIVERED = "delivered"  #: it reached the device, the mailbox, or a person who picked up
    READ = "read"  #: the channel says that it was opened
    REPLIED = "replied"  #: the person answered, on whatever channel


class OnUnknown(StrEnum):
    """What to do when nobody can say whether a provider took a send."""

    NEXT = "next"  #: go on; send again only when no step is left
    RESEND = "resend"  #: send again once, at the risk of a second copy
    STOP = "stop"  #: send nothing more


class OnOptOut(StrEnum):
    STOP = "stop"  #: end the message
    SKIP_CHANNEL = "skip_channel"  #: go on without that channel


def _at_most(most: int) -> BeforeValidator:
    """Before the items are looked at: half a million faults take longer than Temporal gives."""

    def check(given: object) -> object:
        if isinstance(given, list | tuple) and len(given) > most:
            raise ValueError(f"should have at most {most} items, not {len(given)}")
        return given

    return BeforeValidator(check)


def _no_longer_than_a_year(wait: timedelta) -> timedelta:
    if not timedelta(0) <= wait <= timedelta(days=366):
        raise ValueError("should be between nothing and a year")
    return wait


def _printable(text: str) -> str:
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise ValueError("should have no control characters")
    return text


Span = Annotated[timedelta, Field(description="ISO 8601 (PT30M) or seconds")]
Id = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", min_length=1, max_length=200)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class _Asked(BaseModel):
    """People type these, so a misspelt field is refused instead of ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)


class Choice(_Asked):
    """An answer offered: a quick reply, a line of a list, a key in a call."""

    id: Id
    label: Line


class Content(_Asked):
    """What is said. The channels say it in their own way: a subject is for email only."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
    subject: Line | None = None
    choices: Annotated[tuple[Choice, ...], Field(max_length=9), _at_most(9)] = ()

    @field_validator("subject")
    @classmethod
    def _subject_is_one_line(cls, subject: str | None) -> str | None:
        return subject if subject is None else _printable(subject)

    @field_validator("choices")
    @classmethod
    def _choices_differ(cls, choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        for what in ("id", "label"):
            if len({getattr(choice, what).casefold() for choice in choices}) < len(choices):
                raise ValueError(f"two choices have the same {what}")
        return choices


class Recipient(_Asked):
    """The person, by the caller's own id, and where the person can be reached."""

    addresses: dict[str, str] = Field(min_length=1, max_length=20)
    id: Id | None = None
    name: Line | None = None
    locale: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$")] = "en"
    time_zone: str | None = None

    @field_validator("addresses")
    @classmethod
    def _addresses_fit(cls, given: dict[str, str]) -> dict[str, str]:
        faults = [fault for name, address in given.items() if (fault := _fault(name, address))]
        if faults:
            raise ValueError("; ".join(faults))
        return given

    @field_validator("name")
    @classmethod
    def _name_is_one_line(cls, name: str | None) -> str | None:
        return name if name is None else _printable(name)

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str | None) -> str | None:
        try:
            known = name is None or bool(ZoneInfo(name))
        except (KeyError, ValueError, OSError):
            known = False
        # What a host adds of its own is not on the next one.
        if not known or (name and re.match(r"(right|posix)/|localtime|posixrules|Factory", name)):
            raise ValueError("should be an IANA time zone, like Europe/Berlin")
        return name


class Step(_Asked):
    """One channel, the providers to try there in order, and how long to wait for the person."""

    channel: Channel
    wait: Span
    deliver_within: Span | None = None
    #: How long one provider may refuse connections or ask for patience before the next one's turn.
    send_within: Span = timedelta(minutes=1)
    providers: tuple[Id, ...] | None = Field(default=None, min_length=1, fail_fast=True)
    to: str | None = None
    until: Goal | None = None
    content: Content | None = None

    _bounded = field_validator("wait", "deliver_within", "send_within")(
        lambda wait: wait if wait is None else _no_longer_than_a_year(wait)
    )

    @field_validator("providers")
    @classmethod
    def _providers_differ(cls, providers: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if providers and len(set(providers)) < len(providers):
            raise ValueError("a provider is named twice")
        return providers

    @model_validator(mode="after")
    def _to_fits_channel(self) -> "Step":
        if self.to is not None and (fault := _fault(self.channel, self.to)):
            raise ValueError(f"to: {fault}")
        return self


class Message(_Asked):
    """The request. Its id is the idempotency key: the same id twice is the same message.

    An id has at most 90 characters, because `<id>.<attempt>` is the reference that providers
    bring back and Vonage takes 100 (error 1450, Messages API 1.20.0).
    """

    id: Annotated[str, StringConstraints(pattern=r"^[!-~]+$", min_length=1, max_length=90)]
    recipient: Recipient
    content: Content
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=50), _at_most(50)]
    conversation: Id | None = None
    until: Goal = Goal.REPLIED
    deadline: AwareDatetime | None = None
    hours: Hours | None = None
    on_unknown: OnUnknown = OnUnknown.NEXT
    on_opt_out: OnOptOut = OnOptOut.STOP
    #: How long to wait for a callback that proves a send of unknown outcome, before each look-up.
    evidence_within: Span = timedelta(seconds=30)

    _bounded = field_validator("evidence_within")(_no_longer_than_a_year)

    @model_validator(mode="after")
    def _hours_have_a_zone(self) -> "Message":
        if self.hours and not self.recipient.time_zone:
            raise ValueError("hours: recipient.time_zone is needed to know when they are")
        return self

    def address(self, step: Step) -> str | None:
        """Where this step reaches the person, if anywhere."""
        known = self.recipient.addresses
        if step.to is not None:
            return step.to
        phone = known.get("phone") if step.channel in PHONE_CHANNELS else None
        return known.get(step.channel, phone)

    def said(self, step: Step) -> Content:
        return step.content or self.content

    def goal(self, step: Step) -> Goal:
        return step.until or self.until


#: Faults named; the rest are counted, as an error has limits of its own.
_TOLD = 20


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


def faults(error: ValidationError) -> str:
    """Each field at fault with what is wrong, without the values; the first twenty of many."""
    told = error.errors(include_input=False, include_url=False, include_context=False)
    places = {fault["loc"] for fault in told}
    outer = {place[:depth] for place in places for depth in range(len(place))}
    # A list whose items are at fault is called too short as well.
    kept = [f for f in told if not (f["type"] == "too_short" and f["loc"] in outer)]
    found = [_told(fault["loc"], fault["msg"]) for fault in kept[:_TOLD]]
    more = [f"and {len(kept) - _TOLD} more"] if len(kept) > _TOLD else []
    return "; ".join([*found, *more])


def _told(place: tuple[int | str, ...], what: str) -> str:
    """Names of fields are people's, too: an address may stand where a channel should."""
    where = ".".join(_name(str(part)) for part in place)
    what = what.removeprefix("Value error, ")[:1000]
    return f"{where}: {what}" if where else what


def _name(given: str) -> str:
    return addresses.scrub(given[:60])


def _fault(name: str, address: str) -> str | None:
    if name not in {*Channel, "phone"}:
        return f"{_name(name)}: not a channel; known are {', '.join(Channel)} and phone"
    if name == "phone" or name in PHONE_CHANNELS:
        fits, like = addresses.E164, "a phone number in E.164 with +, like +14155550100"
    elif name == Channel.EMAIL:
        fits, like = addresses.EMAIL, "an email address, like dana@example.com"
    else:
        fits, like = addresses.OPAQUE, "an id without spaces"
    return None if fits.fullmatch(address) else f"{name}: should be {like}"
