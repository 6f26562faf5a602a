"""Has the opt-outs that a message decides on remembered, while nothing of it waits for that."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.opt_outs import REMEMBER, Said, Stop
    from failover.closing import Closing
    from failover.conversation import Conversation
    from failover.events import OptOut
    from failover.names import back_office

#: For ever: that a person said stop is not let go.
_RETRY = RetryPolicy(maximum_interval=timedelta(minutes=1))
_TIMEOUT = timedelta(seconds=20)


class Remembering:
    def __init__(self) -> None:
        self._seen = 0
        self._under_way: list[workflow.ActivityHandle[Any]] = []

    def look(self, known: Conversation) -> None:
        """Begin with what is new."""
        if not self._due(known):
            return
        news = [*zip(known.opt_outs, known.closings, strict=True)][self._seen :]
        self._seen = len(known.opt_outs)
        for opt_out, closing in news:
            address = closing.address
            if address and not closing.remembered:
                self._under_way.append(_remember(address, opt_out, closing))

    async def done(self, known: Conversation) -> None:
        """Wait until all of it is remembered, a cancel notwithstanding."""
        self.look(known)
        while not self._all_done():
            with suppress(asyncio.CancelledError):
                await workflow.wait_condition(lambda: self._all_done() or self._due(known))
            self.look(known)

    def _due(self, known: Conversation) -> bool:
        return known.rules >= 3 and len(known.opt_outs) > self._seen

    def _all_done(self) -> bool:
        return all(handle.done() for handle in self._under_way)


def _remember(address: str, opt_out: OptOut, closing: Closing) -> workflow.ActivityHandle[Any]:
    told = opt_out.model_dump(include={"channel", "provider", "at"})
    return workflow.start_activity(
        REMEMBER,
        Stop(address=address, said=Said.model_validate(told)),
        task_queue=back_office(workflow.info().task_queue),
        summary=f"remember the opt-out on {closing.channel}",
        start_to_close_timeout=_TIMEOUT,
        retry_policy=_RETRY,
    )
