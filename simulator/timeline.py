"""What happens to a message after it was accepted, and when."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.scripts import Script


@dataclass(frozen=True)
class Step:
    """A status the message gets, so many seconds after the step before."""

    wait: float
    status: str
    code: str | None = None
    detail: str | None = None
    #: How many callbacks say so.
    callbacks: int = 1
    #: A failure that comes instead of every status before it.
    at_once: bool = False


def timeline(
    course: Sequence[str], failed: Step, script: Script | None, delay: float
) -> list[Step]:
    """The usual course of a provider, bent by a script."""
    steps = [Step(wait=delay, status=status) for status in course]
    match script:
        case Script(do="silent"):
            return [Step(wait=delay, status=course[0], callbacks=0)]
        case Script(do="fail" | "bounce", after=after):
            wait = delay if after is None else after
            before = [] if failed.at_once else steps[:-1]
            return [*before, Step(wait, failed.status, failed.code, failed.detail)]
        case Script(do="late", seconds=seconds):
            return [Step(wait=delay + seconds, status=course[0]), *steps[1:]]
        case Script(do="twice"):
            return [Step(wait=delay, status=status, callbacks=2) for status in course]
        case Script(do="shuffled"):
            return steps[::-1]
    return steps
