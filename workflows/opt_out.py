"""A person who said stop at one address: it runs until START, or until an operator ends it.

Workflow code. That it runs is what sends ask for; what it was given does not matter to that, so
nothing that cannot be read keeps it from running.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ConfigDict, ValidationError

    from activities.opt_outs import SWEEP, Said, Sweep
    from failover.names import OPT_OUT_WORKFLOW, OptOutSignal, opt_out_id
    from workflows.given import Unreadable, as_one_payload, read_signal

#: After it was said. Temporal's search is a moment behind, and a send that was under way may be
#: accepted later than that; none takes five minutes.
SWEEPS = (timedelta(0), timedelta(seconds=30), timedelta(minutes=5))
_TIMEOUT = timedelta(minutes=1)
_RETRY = RetryPolicy(maximum_interval=timedelta(seconds=30))


class Carried(BaseModel):
    """What one run hands to the next. The first one begins without."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    said: Said = Said()
    swept: int = 0


@workflow.defn(name=OPT_OUT_WORKFLOW)
class OptOutWorkflow:
    @workflow.init
    @as_one_payload
    def __init__(self, *given: RawValue) -> None:
        carried = _carried(given)
        self._said, self._swept = carried.said, carried.swept
        self._over = False

    @workflow.run
    @as_one_payload
    async def run(self, *given: RawValue) -> None:
        begun = workflow.now()
        for due in SWEEPS[self._swept :]:
            if await self._taken_back(until=begun + due - workflow.now()):
                return
            await self._sweep()
            self._swept += 1
        await workflow.wait_condition(lambda: self._over or _full())
        if not self._over:
            workflow.continue_as_new(Carried(said=self._said, swept=self._swept))

    @workflow.signal(name=OptOutSignal.SAID, description="The person said stop")
    def said(self, *given: Any) -> None:
        self._over = False
        with suppress(Unreadable):
            said = read_signal(Said, given)
            first = self._said == Said()
            self._said = said if first else self._said

    @workflow.signal(name=OptOutSignal.START, description="The person takes it back")
    def start(self, *_: Any) -> None:
        self._over = True

    async def _taken_back(self, until: timedelta) -> bool:
        if until > timedelta(0) and not self._over:
            with suppress(asyncio.TimeoutError):
                why = "look once more for open messages"
                await workflow.wait_condition(
                    lambda: self._over, timeout=until, timeout_summary=why
                )
        return self._over

    async def _sweep(self) -> None:
        try:
            await workflow.execute_activity(
                SWEEP,
                Sweep(person=_person(), said=self._said),
                summary="tell the person's open messages",
                start_to_close_timeout=_TIMEOUT,
                retry_policy=_RETRY,
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            # It goes on: an end of this run would be the end of the opt-out.
            workflow.logger.error("open messages were not told: %s", type(error.cause).__name__)


def _person() -> str:
    return workflow.info().workflow_id.removeprefix(opt_out_id(""))


def _full() -> bool:
    """Who says stop ten thousand times is heard as who says it once."""
    return workflow.info().is_continue_as_new_suggested()


def _carried(given: tuple[Any, ...]) -> Carried:
    """What people start it with by hand may be anything."""
    if len(given) != 1 or not isinstance(given[0], RawValue):
        return Carried()
    try:
        return Carried.model_validate_json(given[0].payload.data)
    except ValidationError:
        return Carried()
