"""What has happened to a message, told in a line: for tables of cases."""

from datetime import UTC, datetime, timedelta
from typing import Any

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
from failover.moves import Confirm, Finish, Move, Send, Skip, Wait
from failover.policy import next_move, step_at_hand
from tests.plans import message

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
REACHED = ("whatsapp", "sms", "email", "voice", "agent")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


class Story:
    """WhatsApp 30 minutes by acme or best, SMS 20 minutes, email 2 hours; each verb has a time."""

    def __init__(self, **overrides: Any) -> None:
        offers = {name: ["acme", "best"] for name in REACHED}
        self.conversation = Conversation(message(**overrides), offers)
        self._events = 0

    def sending(self, minutes: float = 0, step: int = 0, provider: str = "acme") -> "Story":
        self.conversation.begin(step, provider, at(minutes))
        return self

    def sent(self, minutes: float = 0, step: int = 0, provider: str = "acme") -> "Story":
        return self.sending(minutes, step, provider).accepted(minutes)

    def accepted(self, minutes: float) -> "Story":
        self.conversation.accepted(self._last(), "id", at(minutes))
        return self

    def refused(self, kind: str, minutes: float = 0) -> "Story":
        self.conversation.refused(self._last(), Failure(kind=FailureClass(kind)), at(minutes))
        return self

    def unavailable(self, minutes: float = 0.5) -> "Story":
        self.conversation.unavailable(self._last(), None, at(minutes))
        return self

    def unknown(self, minutes: float = 0, lookups: int = 0, denials: int | None = None) -> "Story":
        """Looked up so often, and as often not known to the provider unless said otherwise."""
        self.conversation.unknown(self._last(), at(minutes))
        if lookups:
            asked = at(minutes) + lookups * self.conversation.message.evidence_within
            self.conversation.looked_up(self._last(), asked, times=lookups)
        for _ in range(lookups if denials is None else denials):
            self.conversation.denied(self._last())
        return self

    def skipped(self, minutes: float = 0, step: int = 0) -> "Story":
        self.conversation.skip_step(step, Failure(), at(minutes))
        return self

    def skip(self, minutes: float) -> "Story":
        self.conversation.skips.add(step_at_hand(self.conversation, at(minutes)))
        return self

    def reported(
        self, status: str, minutes: float = 1, attempt: int = 1, kind: str = "address"
    ) -> "Story":
        self._events += 1
        failure = Failure(kind=FailureClass(kind)) if status == "failed" else None
        report = Report(
            attempt=attempt,
            status=DeliveryStatus(status),
            event_id=f"event-{self._events}",
            failure=failure,
        )
        self.conversation.report(report, at(minutes))
        return self

    def replied(self, channel: str = "sms") -> "Story":
        self.conversation.respond(Response(channel=channel, text="Yes"), START)
        return self

    def wrote(self, text: str, channel: str = "whatsapp", minutes: float = 1) -> "Story":
        self.conversation.respond(Response(channel=channel, text=text), at(minutes))
        return self

    def pressed(self, choice: str, minutes: float, channel: str = "whatsapp") -> "Story":
        self.conversation.respond(Response(channel=channel, choice=choice), at(minutes))
        return self

    def saying(self, minutes: float = 1, aside: int = 0, provider: str = "acme") -> "Story":
        self.conversation.begin_aside(aside, provider, at(minutes))
        return self

    def said(self, minutes: float = 1, aside: int = 0, provider: str = "acme") -> "Story":
        return self.saying(minutes, aside, provider).accepted(minutes)

    def claimed(self, minutes: float, agent: str = "Sam") -> "Story":
        self.conversation.claimed(AgentSays(agent=agent), at(minutes))
        return self

    def agent_answered(self, text: str, minutes: float, **more: Any) -> "Story":
        self.conversation.agent_answered(AgentSays(agent="Sam", text=text, **more), at(minutes))
        return self

    def closed(self, minutes: float, choice: str | None = None) -> "Story":
        self.conversation.closed(AgentSays(agent="Sam", choice=choice), at(minutes))
        return self

    def said_stop(self, channel: str = "sms") -> "Story":
        self.conversation.opt_out(OptOut(channel=channel, text="STOP"), START)
        return self

    def move(self, minutes: float) -> Move:
        return next_move(self.conversation, at(minutes))

    def tell(self, minutes: float) -> str:
        """The next move in a few words."""
        match self.move(minutes):
            case Send(_, provider, int(aside)):
                return f"say {self.conversation.asides[aside].purpose} by {provider}"
            case Send(step, provider):
                return f"send {step} by {provider}"
            case Wait(None):
                return "wait for the send"
            case Wait(until):
                assert until
                return f"wait until {(until - START) / MINUTE:g}"
            case Confirm(attempt):
                return f"confirm {attempt}"
            case Skip(step, reason):
                return f"skip {step}: {reason.detail}"
            case Finish(outcome):
                return f"finish {outcome}"

    def _last(self) -> int:
        return len(self.conversation.attempts)
