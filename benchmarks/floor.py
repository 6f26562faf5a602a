"""The floor: the smallest workflow by hand that sends, waits for an answer and goes on."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from benchmarks.floor_send import Answer, Ask, Ended, Sending, Sends

QUEUE = "floor"


@workflow.defn
class Floor:
    @workflow.init
    def __init__(self, ask: Ask) -> None:
        self._answer: Answer | None = None

    @workflow.run
    async def run(self, ask: Ask) -> Ended:
        sent: list[str] = []
        for number, step in enumerate(ask.steps, 1):
            sending = Sending(
                reference=f"{ask.id}.{number}", channel=step.channel, to=ask.phone, text=ask.text
            )
            sent.append(
                await workflow.execute_activity_method(
                    Sends.send, sending, start_to_close_timeout=timedelta(seconds=40)
                )
            )
            with suppress(asyncio.TimeoutError):
                await workflow.wait_condition(lambda: self._answer is not None, timeout=step.wait)
                break
        return Ended(sent=sent, answer=self._answer)

    @workflow.signal
    def responded(self, answer: Answer) -> None:
        self._answer = answer
