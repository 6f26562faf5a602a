"""What an operator sees of a reply that is kept: where it stands, and nothing of its text."""

from datetime import UTC
from enum import StrEnum
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ConfigDict

    from activities.inbound import Whose
    from failover.events import Reply
    from failover.lenient import Name
    from workflows import search_attributes as attributes


class InboundStatus(StrEnum):
    """`MessageStatus` of an `InboundMessage`; all but the first two are outcomes."""

    LOOKING = "looking"
    UNMATCHED = "unmatched"  #: it waits for an operator
    DELIVERED = "delivered"  #: it was found after all
    LATE = "late"  #: the message it belongs to had ended
    ASSIGNED = "assigned"  #: to a message, by an operator
    OPTED_OUT = "opted_out"  #: it said stop, and no running message asked
    DONE = "done"  #: an operator has seen to it
    FORGOTTEN = "forgotten"  #: nobody has, in thirty days


class Assign(BaseModel):
    """Signal `assign`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    message_id: Name


class InboundResult(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    outcome: InboundStatus
    message_id: str | None = None


#: Lines about signals that did not help.
_MOST = 20


class InboundShowing:
    def __init__(self) -> None:
        self.status: InboundStatus | None = None
        self._shown: dict[str, Any] = {}
        self._lines: list[str] = []
        self._troubles: list[str] = []

    def show(self, reply: Reply, status: InboundStatus, whose: Whose | None = None) -> None:
        wanted = [
            (attributes.MESSAGE_STATUS, status.value),
            (attributes.CHANNEL, reply.channel),
            (attributes.CONVERSATION, whose.conversation if whose else None),
            (attributes.RECIPIENT, whose.recipient if whose else None),
        ]
        changed = [(k, v) for k, v in wanted if v is not None and self._shown.get(k.name) != v]
        if changed:
            self._shown |= {key.name: value for key, value in changed}
            workflow.upsert_search_attributes([key.value_set(value) for key, value in changed])
        self.status, at = status, f"{(reply.at or workflow.now()).astimezone(UTC):%Y-%m-%d %H:%M}"
        self._lines = [
            f"**{status.value}**",
            "",
            f"- {reply.channel} by {reply.provider}, {at} UTC",
        ]
        if whose:
            self._lines.append(f"- message {whose.message_id}")
        self._describe()

    def trouble(self, what: str) -> None:
        if len(self._troubles) < _MOST:
            self._troubles.append(what)
        self._describe()

    def _describe(self) -> None:
        lines = [*self._lines, *(f"- {what}" for what in self._troubles)]
        workflow.set_current_details("\n".join(lines))
