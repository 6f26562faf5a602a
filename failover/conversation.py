"""Everything that has happened to a message so far, and how each new fact changes it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from failover.addresses import mask
from failover.asides import Aside, Purpose, asked_again
from failover.attempts import RANK, Attempt, Change, Outcome, Result, State, moves
from failover.channels import Channel
from failover.claims import claimed_until
from failover.closing import Closing, closing, concerns, says_stop_itself
from failover.content import Content, Other
from failover.events import (
    REMEMBERED,
    Act,
    AgentAct,
    AgentSays,
    Answer,
    DeliveryStatus,
    Failure,
    FailureClass,
    OptOut,
    Report,
    Response,
)
from failover.message import Message
from failover.names import reference
from failover.reached import asked_on, choice_of, offered, on_other, place
from failover.windows import in_window

#: The rules that messages which begin now go by; the policy says where they differ.
#: 2: who is asked first is seen to anew when the message comes to a step with a choice, and a skip
#: means the step that was held at the last decision, and the second look-up of a send of unknown
#: outcome counts from the first. Search attributes wait for the end of the first send.
#: 3: an answer that is none of the choices may be asked about or handed over, a stop word that was
#: offered is a choice, an opt-out closes every channel of its address, hours have zones by number.
#: 4: within WhatsApp's 24 hours a step says its text and not its template.
RULES = 4
#: In place of a provider: the service is told, and takes it to its agents.
SERVICE = "notify"
#: Answers kept. The first one ends the message; more come only while no worker lives.
KEPT = 50
#: Bytes of their texts that are kept whole, and characters of those beyond.
TEXTS, SHORT = 500_000, 500


@dataclass
class Conversation:
    """The facts. Methods record what happened; `policy.next_move` says what to do about it."""

    message: Message
    #: Per channel the providers that this installation offers, in order of preference.
    offers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: The rules that this message began with.
    rules: int = RULES
    attempts: list[Attempt] = field(default_factory=list)
    responses: list[Answer] = field(default_factory=list)
    opt_outs: list[OptOut] = field(default_factory=list)
    #: What each of them closes.
    closings: list[Closing] = field(default_factory=list)
    #: Steps that an operator wants left behind.
    skips: set[int] = field(default_factory=set)
    #: What agents did, and what is said besides the steps.
    agents: list[AgentAct] = field(default_factory=list)
    asides: list[Aside] = field(default_factory=list)
    #: Whether something that would have counted was left to the agent who has it.
    held_back: bool = False
    #: Answers that were dropped for newer ones, and bytes of the texts that are kept.
    dropped: int = 0
    texts: int = 0
    #: The agents' step to which it was handed over, with what only a person of ours can answer.
    hand_over_to: int | None = None
    #: By step, the time zones that its number may be in.
    zones: Mapping[int, Sequence[str]] = field(default_factory=dict)
    #: The steps whose texts were templates: what they said is not in the message.
    rendered: set[int] = field(default_factory=set)
    outcome: Outcome | None = None
    _seen: set[str] = field(default_factory=set)

    def providers(self, step: int) -> Sequence[str]:
        asked = self.message.steps[step]
        if asked.providers:
            return asked.providers
        if asked.channel == Channel.AGENT and self.message.address(asked) is None:
            return (SERVICE,) if self.message.notify else ()
        return [name for name in self.offers.get(asked.channel, ()) if name != SERVICE]

    @property
    def tries(self) -> list[Attempt]:
        """The attempts that are steps of the message, not asides."""
        return [attempt for attempt in self.attempts if attempt.aside is None]

    @property
    def answered(self) -> bool:
        return any(response.counts for response in self.responses)

    @property
    def stopped(self) -> bool:
        """Whether the recipient said stop; what others say closes the steps for them alone."""
        if self.rules < 3:
            return bool(self.opt_outs)
        return any(concerns(self.message, known) for known in self.closings)

    def has_answered(self, now: datetime) -> bool:
        """Also what an agent was to answer counts, when the agent has given it up."""
        return self.answered or (self.held_back and self.claimed_until(now) is None)

    def claimed_until(self, now: datetime) -> datetime | None:
        """Until when an agent has it; one who does not come back gives it up in the end."""
        until = claimed_until(self.message, self.attempts, self.agents)
        return until if until and now < until else None

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
        asked = self.message.steps[step]
        text = self.message.said(asked).text if step in self.rendered else None
        said = self._room(text, of=TEXTS // 2)  # what people answer has the other half
        # Decided once: a look-up must ask for what was sent.
        heard = self.responses if self.rules >= 4 else ()
        in_text = in_window(self.message, asked, provider, heard, now)
        return self._add(step, provider, State.SENDING, now, said=said, in_text=in_text)

    def begin_aside(self, number: int, provider: str, now: datetime) -> Attempt:
        aside = self.asides[number]
        facts = {"purpose": aside.purpose, "said": self._room(aside.content.text), "aside": number}
        return self._add(aside.step, provider, State.SENDING, now, **facts)

    def skip_step(self, step: int, reason: Failure, now: datetime) -> None:
        self._add(step, None, State.SKIPPED, now, failure=reason)

    def accepted(
        self, number: int, provider_id: str | None, now: datetime, person: str | None = None
    ) -> None:
        self._change(number, State.ACCEPTED, now, provider_id=provider_id, person=person)

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
        state, person = State(report.status), report.person
        known = report.provider_id
        self._change(report.attempt, state, now, provider_id=known, person=person, failure=failure)

    def respond(self, response: Response, now: datetime) -> None:
        """An answer; the choice is worked out from its text where the channel names none."""
        if self._again("response", response.provider_id):
            return
        steps = asked_on(self.tries, response.channel, response.person)
        match = choice_of(self.message, self.tries, response)
        if response.start and not match:
            return
        # While an agent talks with the person, words are for the agent; a press is what it was.
        if match and (response.choice or not self._talking(now)):
            told = response.model_copy(update={"choice": match.id})
            self._keep(told, now, step=steps[-1] if steps else None)
        else:
            self._answer_other(response, steps, now)

    def opt_out(self, opt_out: OptOut, now: datetime) -> None:
        """The person said stop; what is that in general may be a choice here."""
        certain = opt_out.certain or says_stop_itself(opt_out.text or "")
        choice = None if certain else offered(self.message, self.tries, opt_out)
        if self.rules >= 3 and choice:
            told = opt_out.model_dump(include={*Response.model_fields}) | {"choice": choice.id}
            self.respond(Response.model_validate(told), now)
        elif not self._again("opt_out", opt_out.provider_id):
            self._close(opt_out, closing(self.message, self.attempts, opt_out), now)

    def claimed(self, says: AgentSays, now: datetime) -> None:
        """An agent takes it over. The first has it, until it is closed or given up."""
        if not self._again("agent", says.event_id) and not self.claimed_until(now):
            self._act(Act.CLAIMED, says, now)

    def agent_answered(self, says: AgentSays, now: datetime) -> None:
        """What an agent says to the person, which is the answer unless the agent goes on."""
        if self._again("agent", says.event_id):
            return
        if not self.claimed_until(now):
            self._act(Act.CLAIMED, AgentSays(agent=says.agent), now)
        self._act(Act.ANSWERED, says, now)
        spoke = next((said for said in reversed(self.responses) if not said.agent), None)
        step = place(self.message, self.tries, spoke, self._closed_steps())
        if says.text and step is not None:
            self.asides.append(Aside(Purpose.ANSWER, step, Content(text=says.text)))
        if not says.keep_open:
            self._answer_for_the_person(says, now)

    def closed(self, says: AgentSays, now: datetime) -> None:
        """An agent is done with it, and says nothing more to the person."""
        if not self._again("agent", says.event_id):
            self._act(Act.CLOSED, says, now)
            self._answer_for_the_person(says, now)

    def has(self, number: int) -> bool:
        return 1 <= number <= len(self.attempts)

    def attempt(self, number: int) -> Attempt:
        return self.attempts[number - 1]

    def result(self) -> Result:
        responses = tuple(self.responses)
        if self.outcome == Outcome.RESPONDED and not self.answered:  # an agent gave it up
            responses = tuple(said.model_copy(update={"counts": True}) for said in responses)
        return Result(
            message_id=self.message.id,
            outcome=self.outcome,
            attempts=tuple(self.attempts),
            responses=responses,
            opt_outs=tuple(self.opt_outs),
            agents=tuple(self.agents),
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
        person: str | None = None,
        failure: Failure | None = None,
        **facts: object,
    ) -> None:
        attempt = self.attempt(number)
        if not moves(attempt.state, state):
            facts = {}
        else:
            changes = (*attempt.changes, Change(state=state, at=now))
            facts |= {"failure": failure, "state": state, "changes": changes}
        if state in RANK:
            facts["accepted_at"] = attempt.accepted_at or now
        facts["provider_id"] = attempt.provider_id or provider_id
        facts["person"] = attempt.person or person
        self._put(attempt.model_copy(update=facts))
        if failure:
            self._heed_opt_out(attempt, failure, now)

    def _answer_other(self, response: Response, steps: list[int], now: datetime) -> None:
        """What was said is none of the choices, or is for an agent."""
        other, held = on_other(self.message, steps), self.claimed_until(now) is not None
        counts = other.do == Other.ACCEPT and not held
        self.held_back = self.held_back or (other.do == Other.ACCEPT and held)
        self._keep(response, now, counts=counts, step=steps[-1] if steps else None)
        if other.do == Other.HAND_OVER:
            self._hand_over()
        elif other.do == Other.ASK_AGAIN and not held and steps:
            self._ask_again(response.channel, steps[-1], other.times)

    def _hand_over(self) -> None:
        """To the agents who come next, unless others have it before them now."""
        made = [attempt for attempt in self.tries if attempt.provider]
        at = made[-1].step if made else -1
        if made and made[-1].channel == Channel.AGENT and made[-1].open:
            return
        steps = enumerate(self.message.steps)
        ahead = (n for n, step in steps if n > at and step.channel == Channel.AGENT)
        self.hand_over_to = next(ahead, self.hand_over_to)

    def _ask_again(self, channel: str, step: int, times: int) -> None:
        asked = [aside for aside in self.asides if aside.purpose == Purpose.ASK_AGAIN]
        said = {attempt.aside for attempt in self.attempts}
        waiting = len(self.asides) - 1 not in said if self.asides else False
        if channel == Channel.VOICE or waiting or len(asked) >= times:
            return
        at = self.message.steps[step]
        again = asked_again(self.message.said(at), self.message.person(at).locale)
        self.asides.append(Aside(Purpose.ASK_AGAIN, step, again))

    def _talking(self, now: datetime) -> bool:
        """Whether the agent who has it has said something to the person."""
        return self.claimed_until(now) is not None and self.agents[-1].act == Act.ANSWERED

    def _closed_steps(self) -> set[int]:
        return {
            number
            for number, step in enumerate(self.message.steps)
            if any(gone.covers(step.channel, self.message.address(step)) for gone in self.closings)
        }

    def _keep(self, response: Response, now: datetime, *, counts: bool = True, **more: Any) -> None:
        """`more` is what an `Answer` has besides. The oldest that does not count makes room."""
        if len(self.responses) >= KEPT:
            idle = [n for n, known in enumerate(self.responses) if not known.counts]
            if not idle:
                return
            del self.responses[idle[0]]
            self.dropped += 1
        given = response.model_dump(exclude={"at", "text"}) | {"text": self._room(response.text)}
        self.responses.append(Answer(**given, **more, at=response.at or now, counts=counts))

    def _room(self, text: str | None, of: int = TEXTS) -> str | None:
        """The text, shorter when there is much of it: a result has 2 MB in Temporal."""
        if not text:
            return text
        if self.texts + _size(text) > of:
            text = text[:SHORT]
        self.texts += _size(text)
        return text

    def _act(self, act: Act, says: AgentSays, now: datetime) -> None:
        if len(self.agents) < KEPT * 4 or act == Act.CLOSED:
            said = says.model_dump(include={"agent", "choice"}) | {"text": self._room(says.text)}
            # By our clock: an agent's time is reckoned with.
            self.agents.append(AgentAct(act=act, at=now, **said))

    def _answer_for_the_person(self, says: AgentSays, now: datetime) -> None:
        response = Response(channel=Channel.AGENT, text=says.text, choice=says.choice)
        self._keep(response, now, agent=says.agent or "an agent")

    def _heed_opt_out(self, attempt: Attempt, failure: Failure, now: datetime) -> None:
        """A provider that refuses because the person said stop there speaks for the person."""
        if failure.kind != FailureClass.OPT_OUT:
            return
        address = self.message.address(self.message.steps[attempt.step])
        known = failure.code == REMEMBERED
        opt_out = OptOut(channel=attempt.channel, provider=attempt.provider, remembered=known)
        if self.rules >= 3:
            self._close(opt_out, Closing(attempt.channel, address, known), now)
        elif not any(gone.channel == attempt.channel for gone in self.opt_outs):
            self._close(opt_out, Closing(attempt.channel, address), now)

    def _close(self, opt_out: OptOut, what: Closing, now: datetime) -> None:
        """What is closed already is no news, unless the person says it again."""
        closed = any(known.covers(what.channel, what.address) for known in self.closings)
        again = self.rules >= 3 and closed and not opt_out.text
        if not again and len(self.opt_outs) < KEPT:
            kept = {"at": opt_out.at or now, "text": self._room(opt_out.text)}
            self.opt_outs.append(opt_out.model_copy(update=kept))
            self.closings.append(what)

    def _put(self, attempt: Attempt) -> None:
        self.attempts[attempt.number - 1] = attempt

    def _again(self, kind: str, event_id: str | None) -> bool:
        if event_id is None:
            return False
        known = f"{kind} {event_id}" in self._seen
        self._seen.add(f"{kind} {event_id}")
        return known


def _size(text: str) -> int:
    """As JSON: a control character takes six bytes there."""
    return len(json.dumps(text, ensure_ascii=False).encode())
