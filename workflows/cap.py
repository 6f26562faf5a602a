"""One thing that is counted against a cap, over a sliding hour: every send asks it for leave.

Workflow code. It ends after an hour in which nothing was counted, and the next question starts it
anew; a busy one continues as new, with what it has counted.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

with workflow.unsafe.imports_passed_through():
    from activities.caps import CAP_WORKFLOW, GIVE_BACK, REACHED, TAKE, Counted, Take

_HOUR = 3_600_000  # milliseconds
#: Of one run. Each is five events, and Temporal's own advice to continue comes at 4,096.
TAKES = 500


@workflow.defn(name=CAP_WORKFLOW)
class CapWorkflow:
    @workflow.init
    def __init__(self, counted: Counted) -> None:
        self._taken = dict(counted.taken)
        self._takes = 0
        self._last = max(self._taken.values(), default=_now())
        self._most = 0

    @workflow.run
    async def run(self, counted: Counted) -> None:
        while (left := self._last + _HOUR - _now()) > 0:
            with suppress(asyncio.TimeoutError):
                wait = timedelta(milliseconds=left)
                await workflow.wait_condition(self._full, timeout=wait, timeout_summary="an hour")
                workflow.continue_as_new(Counted(taken=self._recent()))

    @workflow.update(name=TAKE, description="May this be counted? Fails where the cap is reached")
    def take(self, asked: Take) -> None:
        self._check(asked)
        self._taken = self._recent()
        # What is taken again, by a send that is tried again, counts once, and from now.
        self._taken.pop(asked.key, None)
        self._taken[asked.key] = self._last = _now()
        self._takes += 1
        self._most = asked.most
        self._show()

    @take.validator
    def _check(self, asked: Take) -> None:
        """As a validator: a refusal leaves nothing in the history, however many there are."""
        recent = self._recent()
        if asked.key not in recent and len(recent) >= asked.most:
            raise ApplicationError(
                f"{len(recent)} in the last hour, and {asked.most} are allowed",
                type=REACHED,
                category=ApplicationErrorCategory.BENIGN,
            )

    @workflow.signal(name=GIVE_BACK, description="It was taken, and not sent after all")
    def give_back(self, key: str) -> None:
        self._taken.pop(key, None)
        self._show()

    def _recent(self) -> dict[str, int]:
        since = _now() - _HOUR
        return {key: at for key, at in self._taken.items() if at > since}

    def _full(self) -> bool:
        return self._takes >= TAKES or workflow.info().is_continue_as_new_suggested()

    def _show(self) -> None:
        at_most = f" of at most {self._most}" if self._most else ""
        workflow.set_current_details(f"{len(self._taken)}{at_most} in the last hour")


def _now() -> int:
    return int(workflow.now().timestamp() * 1000)
