"""Everything that has happened to a message so far, and how each new fact changes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from failover.addresses import mask
from failover.channels import Channel, Goal
from failover.choices import match_choice
from failover.content import Choice
from failover.events import DeliveryStatus, Failure, FailureClass, OptOut, Report, Response
from failover.message import Message
from failover.names import reference


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
#: The rules that messages which begin now go by; the policy says where they differ.
#: 2: who is asked first is seen to anew when the message comes to a step with a choice, and a skip
#: means the step that was held at the last decision, and the second look-up of a send of unknown
#: outcome counts from the first. Search attributes wait for the end of the first send.
#: 3: an answer that is none of the choices may be asked about or handed over, a stop word that was
#: offered is a choice, an opt-out closes every channel of its address, hours have zones by number.
RULES = 3
#: Answers kept. The first one ends the message; more come only while no worker lives.
KEPT = 50
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
    unknown_since: AwareDatetime | None = Field(default=None, exclude=True)
    lookups: int = Field(default=0, exclude=True)
    looked_up_at: AwareDatetime | None = Field(default=None, exclude=True)
    denials: int = Field(default=0, exclude=True)

    @property
    def open(self) -> bool:
        """Whether the person may have it, or may yet get it."""
        return self.state in _OPEN or self.state in RANK

    def reached(self, goal: Goal) -> bool:
        return goal != Goal.REPLIED and RANK.get(self.state, 0) >= RANK[State(goal)]


class Result(BaseModel):
    """What the workflow returns, and what the query `conversation` shows on the way."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: str
    outcome: Outcome | None = None
    attempts: tuple[Attempt, ...] = ()
    responses: tuple[Response, ...] = ()
    opt_outs: tuple[OptOut, ...] = ()


@dataclass
class Conversation:
    """The facts. Methods record what happened; `policy.next_move` says what to do about it."""

    message: Message
    #: Per channel the providers that this installation offers, in order of preference.
    offers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: The rules that this message began with.
    rules: int = RULES
    attempts: list[Attempt] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    opt_outs: list[OptOut] = field(default_factory=list)
    #: Steps that an operator wants left behind.
    skips: set[int] = field(default_factory=set)
    outcome: Outcome | None = None
    _seen: set[str] = field(default_factory=set)

    def providers(self, step: int) -> Sequence[str]:
        asked = self.message.steps[step]
        return asked.providers or self.offers.get(asked.channel, ())

    @property
    def next_step(self) -> int:
        return max((attempt.step + 1 for attempt in self.attempts), default=0)

    @property
    def untold(self) -> bool:
        """Whether nothing has come of any send yet, and one is on its way."""
        sending = bool(self.attempts) and self.attempts[-1].state == State.SENDING
        return sending and not any(a.accepted_at or a.unknown_since for a in self.attempts)

    def begin(self, step: int, provider: str, now: datetime) -> Attempt:
        """A send is handed over to a worker."""
        return self._add(step, provider, State.SENDING, now)

    def skip_step(self, step: int, reason: Failure, now: datetime) -> None:
        self._add(step, None, State.SKIPPED, now, failure=reason)

    def accepted(self, number: int, provider_id: str | None, now: datetime) -> None:
        self._change(number, State.ACCEPTED, now, provider_id=provider_id)

    def refused(self, number: int, failure: Failure, now: datetime) -> None:
        self._change(number, State.REFUSED, now, failure=failure)

    def unavailable(self, number: int, failure: Failure | None, now: datetime) -> None:
        self._change(number, State.UNAVAILABLE, now, failure=failure)

    def unknown(self, number: int, now: datetime) -> None:
        if self.attempt(number).state == State.SENDING:
            self._change(number, State.UNKNOWN, now, unknown_since=now)

    def withdrawn(self, number: int, now: datetime) -> None:
        """The send was stopped before it left: nothing of it reached the provider."""
        reason = Failure(kind=FailureClass.POLICY, detail="withdrawn before it was sent")
        self._change(number, State.SKIPPED, now, failure=reason)

    def taken_back(self, number: int) -> None:
        """The send stepped back because it was decided on old news: it never was an attempt."""
        if self.attempts and self.attempts[-1].number == number:
            del self.attempts[-1]

    def looked_up(self, number: int, now: datetime, *, times: int = 1) -> None:
        """An unknown send was looked up, and not found."""
        attempt = self.attempt(number)
        facts = {"lookups": attempt.lookups + times, "looked_up_at": now}
        self._put(attempt.model_copy(update=facts))

    def denied(self, number: int) -> None:
        """The provider was asked, and says that it has no such send."""
        attempt = self.attempt(number)
        self._put(attempt.model_copy(update={"denials": attempt.denials + 1}))

    def report(self, report: Report, now: datetime) -> None:
        """What a provider says of an attempt, current or superseded."""
        if not self.has(report.attempt) or self._again("report", report.event_id):
            return
        failed = report.status == DeliveryStatus.FAILED
        failure = (report.failure or Failure()) if failed else None
        state, provider_id = State(report.status), report.provider_id
        self._change(report.attempt, state, now, provider_id=provider_id, failure=failure)

    def respond(self, response: Response, now: datetime) -> None:
        """An answer; the choice is worked out from its text where the channel names none."""
        if self._again("response", response.provider_id):
            return
        for said in filter(None, (response.choice, response.text)):
            if match := match_choice(said, self._choices(response.channel)):
                response = response.model_copy(update={"choice": match.id})
                break
        if len(self.responses) < KEPT:
            self.responses.append(response.model_copy(update={"at": response.at or now}))

    def opt_out(self, opt_out: OptOut, now: datetime) -> None:
        if len(self.opt_outs) < KEPT and not self._again("opt_out", opt_out.provider_id):
            self.opt_outs.append(opt_out.model_copy(update={"at": opt_out.at or now}))

    def has(self, number: int) -> bool:
        return 1 <= number <= len(self.attempts)

    def attempt(self, number: int) -> Attempt:
        return self.attempts[number - 1]

    def result(self) -> Result:
        return Result(
            message_id=self.message.id,
            outcome=self.outcome,
            attempts=tuple(self.attempts),
            responses=tuple(self.responses),
            opt_outs=tuple(self.opt_outs),
        )

    def _add(
        self, step: int, provider: str | None, state: State, now: datetime, **more: object
    ) -> Attempt:
        asked, number = self.message.steps[step], len(self.attempts) + 1
        address = self.message.address(asked)
        self.attempts.append(
            Attempt(
                number=number,
                step=step,
                channel=asked.channel,
                provider=provider,
                reference=reference(self.message.id, number),
                state=state,
                to=mask(address) if address else None,
                changes=(Change(state=state, at=now),),
            ).model_copy(update=more)
        )
        return self.attempts[-1]

    def _change(
        self,
        number: int,
        state: State,
        now: datetime,
        provider_id: str | None = None,
        failure: Failure | None = None,
        **facts: object,
    ) -> None:
        attempt = self.attempt(number)
        if not _moves(attempt.state, state):
            facts = {}
        else:
            changes = (*attempt.changes, Change(state=state, at=now))
            facts |= {"failure": failure, "state": state, "changes": changes}
        if state in RANK:
            facts["accepted_at"] = attempt.accepted_at or now
        facts["provider_id"] = attempt.provider_id or provider_id
        self._put(attempt.model_copy(update=facts))
        if failure:
            self._heed_opt_out(attempt, failure, now)

    def _choices(self, channel: str) -> list[Choice]:
        steps = [step for step in self.message.steps if step.channel == channel]
        said = [*(self.message.said(step) for step in steps), self.message.content]
        return list(dict.fromkeys(choice for content in said for choice in content.choices))

    def _heed_opt_out(self, attempt: Attempt, failure: Failure, now: datetime) -> None:
        """A provider that refuses because the person said stop there speaks for the person."""
        said_stop = failure.kind == FailureClass.OPT_OUT
        if said_stop and not any(known.channel == attempt.channel for known in self.opt_outs):
            told = OptOut(channel=attempt.channel, provider=attempt.provider, at=now)
            self.opt_outs.append(told)

    def _put(self, attempt: Attempt) -> None:
        self.attempts[attempt.number - 1] = attempt

    def _again(self, kind: str, event_id: str | None) -> bool:
        if event_id is None:
            return False
        known = f"{kind} {event_id}" in self._seen
        self._seen.add(f"{kind} {event_id}")
        return known


def _moves(old: State, new: State) -> bool:
    """Whether a state may follow another: upwards only, and a failure beats all below delivered."""
    if new in RANK and RANK[new] >= RANK[State.DELIVERED]:
        return RANK[new] > RANK.get(old, 0)
    if new in RANK:
        return RANK[new] > RANK.get(old, 0) and old in _OPEN
    if new == State.FAILED:
        return old in _OPEN
    return old == State.SENDING
