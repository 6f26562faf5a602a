"""What comes back from outside: signals to a message, and what a provider's callback says."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

from failover.addresses import scrub
from failover.lenient import Keys, Moment, Name, Recorded, Text, Word


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


def _scrubbed(detail: str | None) -> str | None:
    return detail and scrub(detail)


#: The code of a refusal of ours: the person said stop at this address, in whatever message.
REMEMBERED = "opted_out"


class Failure(Recorded):
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


class Response(Recorded):
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


class Report(Recorded):
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


class OptOut(Recorded):
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


class AgentSays(Recorded):
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


class AgentAct(Recorded):
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


class DeliveryReport(Recorded):
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


class Reply(Recorded):
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
