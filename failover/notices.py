"""What a service hears of its messages: the events, as they come to its URL or its workflow.

Each is an envelope as the Standard Webhooks specification has it, with the id in it as well.
Newer versions add fields and types, so what is not known is to be ignored.
"""

import hashlib
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from failover.events import Failure
from failover.transcript import Said


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", serialize_by_alias=True)


class About(_Told):
    """Which message it is about. `sequence` counts the events of a message from 1."""

    message_id: str
    conversation: str | None = None
    #: The caller's id of the person.
    recipient: str | None = None
    context: dict[str, JsonValue] | None = None
    #: None where the message had ended before.
    sequence: int | None = None


class Way(_Told):
    """One send of one step. `to` is masked, and `provider` is None for a step that was skipped."""

    attempt: int
    step: int
    channel: str
    provider: str | None = None
    to: str | None = None


class AboutSend(About, Way):
    #: Where it is no step of the message: `ask_again` or `answer`.
    purpose: str | None = None


class AboutFailover(About):
    """`why` it went on: `failed`, `unavailable`, `unknown`, `not_delivered`, `no_answer`,
    `skipped`, `opted_out` or `handed_over`; `failure` says more where a provider did.
    """

    left: Way = Field(alias="from")
    to: Way
    why: str
    failure: Failure | None = None


class AboutAnswer(About):
    """What the person said. Where it does not `count`, it was none of the choices."""

    channel: str
    text: str | None = None
    choice: str | None = None
    provider: str | None = None
    provider_id: str | None = None
    said_at: AwareDatetime | None = None
    counts: bool = True
    #: Who answered in the person's stead.
    agent: str | None = None


class AboutOptOut(About):
    channel: str
    text: str | None = None
    provider: str | None = None
    said_at: AwareDatetime | None = None


class AboutHandOver(AboutSend):
    """An agent is wanted. `link` is where to claim and to answer it, and `transcript` what was said
    so far, the newest fifty entries, with texts of at most 5,000 characters.
    """

    link: str | None = None
    transcript: tuple[Said, ...] = ()


class AboutEnd(About):
    """`responded`, `reached`, `exhausted`, `expired`, `opted_out` or `cancelled`."""

    outcome: str


class Unmatched(_Told):
    """What a stranger wrote, or somebody whose message nobody knows. `inbound` names it."""

    inbound: str
    channel: str
    text: str | None = None
    provider: str | None = None
    provider_id: str | None = None
    said_at: AwareDatetime | None = None


class Envelope(_Told):
    """An event that comes twice has the same `id`. `timestamp` is when we learnt of it."""

    id: str
    timestamp: AwareDatetime


class MessageAccepted(Envelope):
    type: Literal["message.accepted"] = "message.accepted"
    data: AboutSend


class MessageDelivered(Envelope):
    type: Literal["message.delivered"] = "message.delivered"
    data: AboutSend


class MessageFailedOver(Envelope):
    type: Literal["message.failed_over"] = "message.failed_over"
    data: AboutFailover


class MessageResponded(Envelope):
    type: Literal["message.responded"] = "message.responded"
    data: AboutAnswer


class MessageLateResponse(Envelope):
    type: Literal["message.late_response"] = "message.late_response"
    data: AboutAnswer


class MessageOptedOut(Envelope):
    type: Literal["message.opted_out"] = "message.opted_out"
    data: AboutOptOut


class MessageHandedOver(Envelope):
    type: Literal["message.handed_over"] = "message.handed_over"
    data: AboutHandOver


class MessageEnded(Envelope):
    type: Literal["message.ended"] = "message.ended"
    data: AboutEnd


class ReplyUnmatched(Envelope):
    type: Literal["reply.unmatched"] = "reply.unmatched"
    data: Unmatched


Notice = Annotated[
    MessageAccepted
    | MessageDelivered
    | MessageFailedOver
    | MessageResponded
    | MessageLateResponse
    | MessageOptedOut
    | MessageHandedOver
    | MessageEnded
    | ReplyUnmatched,
    Field(discriminator="type"),
]
_NOTICE: TypeAdapter[Notice] = TypeAdapter(Notice)


def parse_notice(body: bytes | str) -> Notice:
    """The event in this JSON. Raises ValueError, also for a type that this version lacks."""
    return _NOTICE.validate_json(body)


def event_id(name: str) -> str:
    """The id of an event that has this name with us. The specification wants no full stop in it."""
    return f"evt_{hashlib.sha256(name.encode()).hexdigest()[:32]}"
