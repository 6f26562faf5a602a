"""Random interleavings of everything that can happen to a message, obeyed as the workflow does."""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from failover.attempts import State
from failover.channels import Goal
from failover.conversation import Conversation
from failover.events import (
    AgentSays,
    DeliveryStatus,
    Failure,
    FailureClass,
    OptOut,
    Report,
    Response,
)
from failover.moves import Confirm, Finish, Send, Skip, Wait
from failover.policy import next_move, step_at_hand
from tests.plans import message
from tests.stories import START

CHANNELS = st.sampled_from(["whatsapp", "sms", "email", "voice"])
SPANS = st.integers(0, 7200)
OTHERS = st.sampled_from(["accept", "ask_again", {"do": "ask_again", "times": 3}])
CHOICES = [{"id": "ok", "label": "OK"}, {"id": "no", "label": "No"}]
AGENTS = st.fixed_dictionaries(
    {"channel": st.just("agent"), "to": st.just("team@example.com"), "wait": SPANS},
    optional={"handle_within": SPANS},
)
STEPS = st.fixed_dictionaries(
    {"channel": CHANNELS, "wait": SPANS},
    optional={
        "deliver_within": SPANS,
        "send_within": SPANS,
        "until": st.sampled_from(list(Goal)),
        "providers": st.lists(st.sampled_from(["a", "b"]), min_size=1, max_size=2, unique=True),
    },
)
ADDRESSES = st.sampled_from(
    [{"phone": "+14155550100"}, {"email": "d@example.com"}, {"sms": "+14155550100"}]
)
HOURS = st.sampled_from([None, {"from": "09:00", "to": "17:00"}, {"from": "22:00", "to": "06:00"}])
PLANS = st.fixed_dictionaries(
    {
        "content": st.fixed_dictionaries(
            {"text": st.just("Hi"), "choices": st.just(CHOICES), "on_other": OTHERS}
        ),
        "steps": st.lists(STEPS | AGENTS, min_size=1, max_size=4),
        "until": st.sampled_from(list(Goal)),
        "hours": HOURS,
        "on_unknown": st.sampled_from(["next", "resend", "stop"]),
        "on_opt_out": st.sampled_from(["stop", "skip_channel"]),
        "hand_over": st.booleans(),
        "recipient": st.fixed_dictionaries(
            {"addresses": ADDRESSES, "time_zone": st.just("America/New_York")}
        ),
    },
    optional={"deadline": st.integers(0, 100_000).map(lambda s: START + timedelta(seconds=s))},
)
FAILURES = st.sampled_from(list(FailureClass)).map(lambda kind: Failure(kind=kind))
#: A message of four steps and two providers ends within this many moves, whatever happens.
ENOUGH = 200


class Interleavings(RuleBasedStateMachine):
    """Stands for the workflow: obeys the moves, and keeps at most one send on its way."""

    @initialize(plan=PLANS)
    def begin(self, plan: dict[str, Any]) -> None:
        asked = {key: value for key, value in plan.items() if value is not None}
        del asked["hand_over"]
        if "deadline" in asked:
            asked["deadline"] = asked["deadline"].isoformat()
        if any(step["channel"] == "agent" for step in asked["steps"]) and plan["hand_over"]:
            asked["content"] = {**asked["content"], "on_other": "hand_over"}
        offers = {name: ["a", "b"] for name in ("whatsapp", "sms", "email", "voice", "agent")}
        self.known = Conversation(message(**asked), offers)
        self.now = START
        self.on_its_way: int | None = None
        self.finished = False
        self.events = 0
        self.steps: list[int] = []
        self.obey()

    def obey(self) -> None:
        """What the workflow does in one task: move until the policy says wait."""
        for _ in range(ENOUGH):
            if self.finished:
                return
            move = next_move(self.known, self.now)
            if self.on_its_way and not isinstance(move, Wait):
                self.withdraw()
                continue
            if self.make(move):
                return
        raise AssertionError("the policy does not come to rest")

    def make(self, move: object) -> bool:
        match move:
            case Finish(outcome):
                self.known.outcome, self.finished = outcome, True
            case Send(step, provider, int(aside)):
                self.check_may_say(aside, provider)
                self.on_its_way = self.known.begin_aside(aside, provider, self.now).number
            case Send(step, provider):
                self.check_may_send(step)
                self.on_its_way = self.known.begin(step, provider, self.now).number
            case Skip(step, reason):
                self.known.skip_step(step, reason, self.now)
            case Confirm(number):
                self.known.looked_up(number, self.now)
            case Wait(until):
                assert until > self.now if until else self.on_its_way
                return True
        return False

    def check_may_send(self, step: int) -> None:
        known, plan = self.known, self.known.message
        assert self.on_its_way is None, "two attempts on their way at once"
        assert not known.answered
        assert not known.claimed_until(self.now) or self.taken_from_the_agent(), "an agent has it"
        assert not (self.said_stop() and plan.on_opt_out == "stop")
        assert plan.steps[step].channel not in {gone.channel for gone in known.opt_outs}
        assert plan.deadline is None or self.now < plan.deadline
        assert step not in known.skips
        assert step >= max(self.steps, default=0), "a step goes back"
        self.steps.append(step)

    def said_stop(self) -> bool:
        """A team of agents that wants no mail says nothing for the person."""
        return any(said.channel != "agent" for said in self.known.opt_outs)

    def taken_from_the_agent(self) -> bool:
        made = [attempt.step for attempt in self.known.tries if attempt.provider]
        return bool(made) and made[-1] in self.known.skips

    def check_may_say(self, aside: int, provider: str) -> None:
        known, plan = self.known, self.known.message
        assert self.on_its_way is None, "two attempts on their way at once"
        assert not known.answered or known.asides[aside].purpose == "answer"
        assert not (self.said_stop() and plan.on_opt_out == "stop")
        assert plan.deadline is None or self.now < plan.deadline
        before = [a for a in known.attempts if a.aside == aside]
        assert provider not in {a.provider for a in before}, "said twice by one provider"
        assert not any(a.open for a in before), "said again though it may have been heard"

    def withdraw(self) -> None:
        """No worker had it yet."""
        self.known.withdrawn(self.end_send(), self.now)

    def end_send(self) -> int:
        assert self.on_its_way
        number, self.on_its_way = self.on_its_way, None
        return number

    @precondition(lambda self: self.on_its_way)
    @rule()
    def provider_accepts(self) -> None:
        self.known.accepted(self.end_send(), "id", self.now)
        self.obey()

    @precondition(lambda self: self.on_its_way)
    @rule(failure=FAILURES)
    def provider_refuses(self, failure: Failure) -> None:
        self.known.refused(self.end_send(), failure, self.now)
        self.obey()

    @precondition(lambda self: self.on_its_way)
    @rule()
    def provider_is_unavailable(self) -> None:
        self.known.unavailable(self.end_send(), None, self.now)
        self.obey()

    @precondition(lambda self: self.on_its_way)
    @rule()
    def nobody_knows(self) -> None:
        self.known.unknown(self.end_send(), self.now)
        self.obey()

    @precondition(lambda self: self.on_its_way)
    @rule()
    def send_steps_back(self) -> None:
        number = self.end_send()
        if self.known.attempt(number).aside is None:
            self.steps.pop()
        self.known.taken_back(number)
        self.obey()

    @precondition(lambda self: not self.finished)
    @rule(
        attempt=st.integers(0, 9),
        status=st.sampled_from(list(DeliveryStatus)),
        failure=FAILURES,
        event=st.integers(0, 20),
    )
    def provider_reports(
        self, attempt: int, status: DeliveryStatus, failure: Failure, event: int
    ) -> None:
        before = {a.number: a.state for a in self.known.attempts}
        told = failure if status == DeliveryStatus.FAILED else None
        report = Report(attempt=attempt, status=status, event_id=f"{event}", failure=told)
        self.known.report(report, self.now)
        for known in self.known.attempts:
            if before[known.number] in (State.READ, State.DELIVERED):
                assert known.state in (State.READ, State.DELIVERED)
        self.obey()

    @precondition(lambda self: not self.finished)
    @rule(channel=CHANNELS)
    def person_replies(self, channel: str) -> None:
        self.known.respond(Response(channel=channel, text="ok"), self.now)
        self.obey()

    @precondition(lambda self: not self.finished)
    @rule(channel=CHANNELS)
    def person_says_something_else(self, channel: str) -> None:
        self.known.respond(Response(channel=channel, text="at ten?"), self.now)
        self.obey()

    @precondition(lambda self: not self.finished)
    @rule()
    def agent_claims(self) -> None:
        self.known.claimed(AgentSays(agent="Sam"), self.now)
        self.obey()

    @precondition(lambda self: not self.finished)
    @rule(keep_open=st.booleans())
    def agent_answers(self, keep_open: bool) -> None:
        says = AgentSays(agent="Sam", text="At ten.", keep_open=keep_open)
        self.known.agent_answered(says, self.now)
        self.obey()

    @precondition(lambda self: not self.finished)
    @rule()
    def agent_closes(self) -> None:
        self.known.closed(AgentSays(agent="Sam"), self.now)
        self.obey()

    @precondition(lambda self: not self.finished)
    @rule(channel=CHANNELS)
    def person_says_stop(self, channel: str) -> None:
        self.known.opt_out(OptOut(channel=channel), self.now)
        self.obey()

    @precondition(lambda self: not self.finished)
    @rule()
    def operator_skips(self) -> None:
        self.known.skips.add(step_at_hand(self.known, self.now))
        self.obey()

    @rule(seconds=st.integers(1, 4000))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.obey()

    @invariant()
    def attempts_are_numbered_in_order(self) -> None:
        known = getattr(self, "known", None)
        if known:
            assert [a.number for a in known.attempts] == list(range(1, len(known.attempts) + 1))

    def teardown(self) -> None:
        """Left alone, with providers that cannot be had, every message comes to an end."""
        for _ in range(ENOUGH):
            if not hasattr(self, "known") or self.finished:
                return
            move = next_move(self.known, self.now)
            assert isinstance(move, Wait)
            if move.until:
                self.now = move.until
                self.obey()
            else:
                self.provider_is_unavailable()
        raise AssertionError("the message never ends")


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=max(500, settings().max_examples), stateful_step_count=30
)
