"""What the policy can decide: values that the workflow obeys."""

from dataclasses import dataclass
from datetime import datetime

from failover.attempts import Outcome
from failover.events import Failure


@dataclass(frozen=True)
class Send:
    """Send this step through this provider."""

    step: int
    provider: str
    #: Not the step itself, but what is said besides (`Conversation.asides`).
    aside: int | None = None


@dataclass(frozen=True)
class Wait:
    """Do nothing until then, unless something happens. `why` is what an operator reads.

    `until` is None where what is waited for ends by itself: a send has its own timeouts.
    """

    until: datetime | None
    why: str


@dataclass(frozen=True)
class Confirm:
    """Ask the provider whether it took this attempt."""

    attempt: int


@dataclass(frozen=True)
class Skip:
    """Record that this step is not tried, and why."""

    step: int
    reason: Failure


@dataclass(frozen=True)
class Finish:
    outcome: Outcome


Move = Send | Wait | Confirm | Skip | Finish
