"""What becomes of a message: its attempts, and the result."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from failover.asides import Purpose
from failover.channels import Channel, Goal
from failover.events import AgentAct, Answer, Failure, OptOut


class State(StrEnum):
    """What has become of an attempt."""

    SENDING = "sending"  #: handed to a worker; no answer yet
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    REFUSED = "refused"  #: the provider will never take it
    FAILED = "failed"  #: taken, and later reported as failed
    UNAVAILABLE = "unavailable"  #: the provider could not be had in time; certainly not sent
    UNKNOWN = "unknown"  #: nobody knows whether the provider took it
    SKIPPED = "skipped"  #: never sent; `failure.detail` says why


#: Reports come late, twice and out of order: a state only ever moves up.
RANK = {State.ACCEPTED: 1, State.SENT: 2, State.DELIVERED: 3, State.READ: 4}
_OPEN = frozenset({State.SENDING, State.UNKNOWN, State.ACCEPTED, State.SENT})


class Outcome(StrEnum):
    RESPONDED = "responded"
    REACHED = "reached"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    OPTED_OUT = "opted_out"


class Change(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    state: State
    at: AwareDatetime


class Attempt(BaseModel):
    """One send of one step through one provider. `step` is the place in `steps`, from 0."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int
    step: int
    channel: Channel
    provider: str | None
    reference: str
    state: State
    to: str | None = None  #: masked
    provider_id: str | None = None
    accepted_at: AwareDatetime | None = None
    failure: Failure | None = None
    changes: tuple[Change, ...] = ()
    #: Not a step of the message: the question asked again, or an agent's answer.
    purpose: Purpose | None = None
    #: Its text, where that is not in the message: of what is no step, or of a template.
    said: str | None = None
    aside: int | None = Field(default=None, exclude=True)
    #: Whether its text goes where there is a template, too: the channel takes text just now.
    in_text: bool = Field(default=False, exclude=True)
    #: The keyed hash of the address that it went to.
    person: str | None = Field(default=None, exclude=True)
    unknown_since: AwareDatetime | None = Field(default=None, exclude=True)
    lookups: int = Field(default=0, exclude=True)
    looked_up_at: AwareDatetime | None = Field(default=None, exclude=True)
    denials: int = Field(default=0, exclude=True)

    @property
    def open(self) -> bool:
        """Whether the person may have it, or may yet get it."""
        return self.state in _OPEN or self.state in RANK

    def reached(self, goal: Goal) -> bool:
        if self.purpose or self.channel == Channel.AGENT or goal == Goal.REPLIED:
            return False
        return RANK.get(self.state, 0) >= RANK[State(goal)]


class Result(BaseModel):
    """What the workflow returns, and what the query `conversation` shows on the way."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: str
    outcome: Outcome | None = None
    attempts: tuple[Attempt, ...] = ()
    responses: tuple[Answer, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()
    agents: tuple[AgentAct, ...] = ()


def moves(old: State, new: State) -> bool:
    """Whether a state may follow another: upwards only, and a failure beats all below delivered."""
    if new in RANK and RANK[new] >= RANK[State.DELIVERED]:
        return RANK[new] > RANK.get(old, 0)
    if new in RANK:
        return RANK[new] > RANK.get(old, 0) and old in _OPEN
    if new == State.FAILED:
        return old in _OPEN
    return old == State.SENDING
