"""What comes back from outside: signals to a message, and what a provider's callback says."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from failover.addresses import scrub


class FailureClass(StrEnum):
    """Whose fault a failure is; that decides where to go on."""

    PROVIDER = "provider"  #: the provider or its network failed: next provider
    ACCOUNT = "account"  #: our account there: next provider
    SENDER = "sender"  #: our number, registration or permission there: next provider
    CAP = "cap"  #: a rate or daily limit there: next provider
    ADDRESS = "address"  #: this address cannot be reached on this channel: next step
    UNREACHABLE = "unreachable"  #: busy, switched off, nobody picked up: next step
    CONTENT = "content"  #: what we said cannot be said there: next step
    POLICY = "policy"  #: the channel's rules forbid it, such as a closed window: next step
    EXPIRED = "expired"  #: it was not delivered while it was valid: next step
    OPT_OUT = "opt_out"  #: the person said stop: never routed around
    UNRECOGNIZED = "unrecognized"  #: a code that is in no table: next step


def _class(given: object) -> object:
    known = isinstance(given, str) and given in set(FailureClass)
    return given if known else FailureClass.UNRECOGNIZED


def _words(most: int) -> Callable[[object], str | None]:
    """Text, at most so long; a number as text; nothing for what is neither."""

    def read(given: object) -> str | None:
        usable = isinstance(given, str | int | float) and not isinstance(given, bool)
        return str(given)[:most] or None if usable else None

    return read


def _moment(given: object) -> datetime | None:
    """The time, in UTC; nothing where it is none, or none of our time: it may be reckoned with."""
    try:
        at = _TIME.validate_python(given)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValidationError, OverflowError):
        return None
    return at if _OURS[0] <= at.year <= _OURS[1] else None


def _scrubbed(detail: str | None) -> str | None:
    return detail and scrub(detail)


def _keys(given: object) -> list[str]:
    """A key of ours is short; a search attribute has no room for anything else."""
    listed = given if isinstance(given, list | tuple) else ()
    return [key for key in listed if isinstance(key, str) and 0 < len(key) <= 64][:10]


_TIME = TypeAdapter(datetime)
_OURS = (2000, 2200)
#: An optional field that cannot be read is left out: what a person said counts without it.
Text = Annotated[str | None, BeforeValidator(_words(20_000))]
Word = Annotated[str | None, BeforeValidator(_words(1_000))]
Moment = Annotated[AwareDatetime | None, BeforeValidator(_moment)]
Keys = Annotated[tuple[str, ...], BeforeValidator(_keys)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Recorded(BaseModel):
    """Read again years later by newer code, so an unknown field is ignored."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True
    )


#: The code of a refusal of ours: the person said stop at this address, in whatever message.
REMEMBERED = "opted_out"


class Failure(_Recorded):
    kind: Annotated[FailureClass, BeforeValidator(_class)] = Field(
        default=FailureClass.UNRECOGNIZED, alias="class"
    )
    code: Word = None
    #: In the provider's words, with what looks like an address masked.
    detail: Annotated[Word, AfterValidator(_scrubbed)] = None


class DeliveryStatus(StrEnum):
    """What a provider says later about an attempt."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Response(_Recorded):
    """Signal `responded`: what the person answered, on whatever channel."""

    channel: Name
    text: Text = None
    choice: Word = None
    provider: Word = None
    provider_id: Word = None
    at: Moment = None
    #: The keyed hash of the address it came from: which of several people it was.
    person: Word = None
    #: A word by which people take a stop back: it answers nothing but a choice of that name.
    start: bool = False


class Report(_Recorded):
    """Signal `reported`: what a provider says about one attempt. An event id counts once."""

    attempt: int
    status: DeliveryStatus
    event_id: Word = None
    at: Moment = None
    failure: Failure | None = None
    provider_id: Word = None
    reply_keys: Keys = ()
    #: The keyed hash of the person's address (`reply_keys.address_key`).
    person: Word = None


class OptOut(_Recorded):
    """Signal `opted_out`: the person said stop."""

    channel: Name
    text: Text = None
    provider: Word = None
    provider_id: Word = None
    at: Moment = None
    #: Never a choice, whatever was offered: STOP itself, an unsubscribe, a spam report.
    certain: bool = False
    #: The keyed hash of the address that it came from (`reply_keys.address_key`).
    person: Word = None
    #: Whoever tells it has had it remembered for that address.
    remembered: bool = False


class Act(StrEnum):
    """What an agent does with a conversation; the names of the signals."""

    CLAIMED = "claimed"
    ANSWERED = "answered"
    CLOSED = "closed"


class AgentSays(_Recorded):
    """Signals `claimed`, `answered`, `closed`: a person of ours takes the conversation over.

    `answered` sends the text to the person, and ends the message unless `keep_open`; `closed` ends
    it with nothing said, and its text is a note.
    """

    agent: Word = None
    text: Text = None
    choice: Word = None
    keep_open: bool = False
    event_id: Word = None
    at: Moment = None


class AgentAct(_Recorded):
    """One of these as it is kept."""

    act: Act
    agent: str | None = None
    text: str | None = None
    choice: str | None = None
    at: AwareDatetime


class Answer(Response):
    """A response as it is kept. Where it does not count, it was none of the choices."""

    counts: bool = True
    #: The step that it answers, where one asked there; `person` has done its work then.
    step: int | None = None
    person: Word = Field(default=None, exclude=True)
    #: Who answered in the person's stead.
    agent: str | None = None


class DeliveryReport(_Recorded):
    """A provider's callback about something we sent, found by our reference."""

    reference: str
    status: DeliveryStatus
    event_id: str
    at: Moment = None
    failure: Failure | None = None
    provider_id: str | None = None
    #: The keys of what was sent, for when the send's own answer was lost.
    reply_keys: tuple[str, ...] = ()
    #: The keyed hash of the person's address (`reply_keys.address_key`).
    person: str | None = None


class Reply(_Recorded):
    """What a person wrote or pressed.

    `stop` says that it is a whole-message opt-out word or another way to say stop, and `certain`
    that it is one even where a choice of that name was offered; `start` takes an opt-out back.

    The message it belongs to is `reference` where the provider brings it back, else the one that
    holds a key of `keys`, the most exact first.
    """

    channel: str
    provider: str
    provider_id: str
    text: str | None = None
    choice: str | None = None
    at: Moment = None
    reference: str | None = None
    keys: tuple[str, ...] = ()
    #: So many of the keys, the first ones, are of one thing that we sent: what the reply quotes.
    exact: int = 0
    stop: bool = False
    certain: bool = False
    start: bool = False
    #: The keyed hash of the person's address (`reply_keys.address_key`).
    person: str | None = None


Event = DeliveryReport | Reply
