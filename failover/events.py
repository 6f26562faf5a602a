"""What comes back from outside: signals to a message, and what a provider's callback says."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field


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
    return given if given in set(FailureClass) else FailureClass.UNRECOGNIZED


class _Recorded(BaseModel):
    """Read again years later by newer code, so an unknown field is ignored."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True
    )


class Failure(_Recorded):
    kind: Annotated[FailureClass, BeforeValidator(_class)] = Field(
        default=FailureClass.UNRECOGNIZED, alias="class"
    )
    code: str | None = None
    detail: str | None = None


class DeliveryStatus(StrEnum):
    """What a provider says later about an attempt."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Response(_Recorded):
    """Signal `responded`: what the person answered, on whatever channel."""

    channel: str = Field(min_length=1)
    text: str | None = None
    choice: str | None = None
    provider: str | None = None
    provider_id: str | None = None
    at: AwareDatetime | None = None


class Report(_Recorded):
    """Signal `reported`: what a provider says about one attempt. An event id counts once."""

    attempt: int
    status: DeliveryStatus
    event_id: str | None = None
    at: AwareDatetime | None = None
    failure: Failure | None = None
    provider_id: str | None = None
    reply_keys: tuple[str, ...] = ()


class OptOut(_Recorded):
    """Signal `opted_out`: the person said stop."""

    channel: str = Field(min_length=1)
    text: str | None = None
    provider: str | None = None
    provider_id: str | None = None
    at: AwareDatetime | None = None


class DeliveryReport(_Recorded):
    """A provider's callback about something we sent, found by our reference."""

    reference: str
    status: DeliveryStatus
    event_id: str
    at: datetime | None = None
    failure: Failure | None = None
    provider_id: str | None = None
    #: The keys of what was sent, for when the send's own answer was lost.
    reply_keys: tuple[str, ...] = ()


class Reply(_Recorded):
    """What a person wrote or pressed. `stop` says that it is a whole-message opt-out word.

    The message it belongs to is `reference` where the provider brings it back, else the one that
    holds a key of `keys`, the most exact first.
    """

    channel: str
    provider: str
    provider_id: str
    text: str | None = None
    choice: str | None = None
    at: datetime | None = None
    reference: str | None = None
    keys: tuple[str, ...] = ()
    stop: bool = False


Event = DeliveryReport | Reply
