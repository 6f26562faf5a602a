"""A reply that found no message at once: it goes on looking, and keeps what belongs to nobody.

Workflow code. What the person wrote is in its input, and stays there for as long as it is kept.
"""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.answering import remembered_at_once, shortened
    from activities.inbound import DELIVER, REMEMBER, Delivery, Whose
    from failover.events import Reply
    from failover.names import INBOUND_WORKFLOW, reference
    from failover.notices import (
        About,
        AboutAnswer,
        AboutOptOut,
        MessageLateResponse,
        MessageOptedOut,
        ReplyUnmatched,
        Unmatched,
    )
    from workflows.given import Unreadable, as_one_payload, read_reply, read_signal
    from workflows.inbound_showing import Assign, InboundResult, InboundShowing, InboundStatus
    from workflows.notification import tell

ASSIGN, DONE = "assign", "done"
#: Seconds between looks, some ten minutes in all. A look that fails is repeated, and counts once.
DELAYS = (1, 2, 4, 8, 16, 32, *[60] * 9)
#: Looks after which a message that has ended has what names no message: two minutes. Until then
#: another may come to be found, such as one whose send is of unknown outcome.
LATE_AFTER = 7
KEPT_FOR = timedelta(days=30)
_TIMEOUT = timedelta(seconds=30)
_RETRY = RetryPolicy(maximum_interval=timedelta(minutes=1))


@workflow.defn(name=INBOUND_WORKFLOW)
class InboundMessageWorkflow:
    @workflow.init
    @as_one_payload
    def __init__(self, *given: RawValue) -> None:
        self._invalid = ""
        self._reply: Reply | None = None
        self._assigned: list[str] = []
        self._done = False
        self._showing = InboundShowing()
        try:
            self._reply = read_reply(given)
        except Unreadable as error:
            self._invalid = str(error)

    @workflow.run
    @as_one_payload
    async def run(self, *given: RawValue) -> InboundResult:
        if self._reply is None:
            raise ApplicationError(self._invalid, type="InvalidReply", non_retryable=True)
        self._showing.show(self._reply, InboundStatus.LOOKING)
        found = await self._look(self._reply)
        if found and found.whose:
            ended = found.found == "ended"
            outcome = InboundStatus.LATE if ended else InboundStatus.DELIVERED
            return await self._settle(self._reply, found, found.whose, outcome)
        return await self._keep(self._reply, found)

    @workflow.signal(name=ASSIGN, description="An operator knows which message it belongs to")
    def assign(self, *given: Any) -> None:
        try:
            self._assigned.append(read_signal(Assign, given).message_id)
        except Unreadable as error:
            self._showing.trouble(str(error))

    @workflow.signal(name=DONE, description="Nothing more is to be done about it")
    def done(self, *_: Any) -> None:
        self._done = True

    async def _look(self, reply: Reply) -> Delivery | None:
        """What came of it in the end. None where an operator knew better before."""
        # Without anything to look for, such as a mail that answers none of ours, once is enough.
        delays = DELAYS if reply.keys or reply.reference else ()
        for number, delay in enumerate((*delays, None)):
            found = await self._deliver(reply)
            late = found.found == "ended" and (found.exact or number >= LATE_AFTER)
            if found.found == "running" or late or delay is None:
                return found
            with suppress(TimeoutError):
                await self._operator(timedelta(seconds=delay), "look again")
                return None
        return None

    async def _deliver(self, reply: Reply) -> Delivery:
        # Looks are many, and a message takes no more of it.
        brief = reply.model_copy(update={"text": shortened(reply.text)})
        found: Delivery = await workflow.execute_activity(
            DELIVER,
            brief,
            result_type=Delivery,
            summary="which message does it belong to?",
            start_to_close_timeout=_TIMEOUT,
            retry_policy=_RETRY,
        )
        return found

    async def _operator(self, patience: timedelta, why: str) -> None:
        """Until an operator says something. Raises TimeoutError."""
        await workflow.wait_condition(
            lambda: self._done or bool(self._assigned), timeout=patience, timeout_summary=why
        )

    async def _keep(self, reply: Reply, last: Delivery | None) -> InboundResult:
        """What belongs to nobody, until an operator says whose it is or has seen to it."""
        until = workflow.now() + KEPT_FOR
        while not self._done:
            if self._assigned:
                if result := await self._assign_to(reply, self._assigned.pop(0)):
                    return result
                continue
            if reply.stop and reply.person:
                await self._remember(reply)
                return self._end(reply, InboundStatus.OPTED_OUT)
            await self._tell_unmatched(reply, last)
            try:
                await self._operator(until - workflow.now(), "an operator sees to it")
            except TimeoutError:
                return self._end(reply, InboundStatus.FORGOTTEN)
        return self._end(reply, InboundStatus.DONE)

    async def _assign_to(self, reply: Reply, id: str) -> InboundResult | None:
        named = {"reference": reference(id, 1), "keys": (), "exact": 0}
        found = await self._deliver(reply.model_copy(update=named))
        if found.whose:
            return await self._settle(reply, found, found.whose, InboundStatus.ASSIGNED)
        self._showing.trouble(f"there is no message {id}")
        return None

    async def _settle(
        self, reply: Reply, found: Delivery, whose: Whose, outcome: InboundStatus
    ) -> InboundResult:
        if found.found == "ended":
            # A word to stop by may be one of the choices: then it is what it says there.
            stop = reply.stop and (reply.certain or not whose.exactly)
            if stop:
                await self._remember(reply)
                outcome = InboundStatus.OPTED_OUT
            if whose.notify:
                await tell(whose.notify, _late_stop(reply, whose) if stop else _late(reply, whose))
        return self._end(reply, outcome, whose)

    async def _remember(self, reply: Reply) -> None:
        if reply.person and not remembered_at_once(reply):
            await workflow.execute_activity(
                REMEMBER,
                reply,
                summary="remember the opt-out",
                start_to_close_timeout=_TIMEOUT,
                retry_policy=_RETRY,
            )

    async def _tell_unmatched(self, reply: Reply, last: Delivery | None) -> None:
        if self._showing.status == InboundStatus.UNMATCHED:
            return
        self._showing.show(reply, InboundStatus.UNMATCHED)
        known_as = workflow.info().workflow_id
        workflow.logger.warning("unmatched reply: kept as %s", known_as)
        if last and last.unmatched:
            data = Unmatched(inbound=known_as, **_said(reply))
            notice = ReplyUnmatched(id=known_as, timestamp=workflow.now(), data=data)
            await tell(last.unmatched, notice)

    def _end(
        self, reply: Reply, outcome: InboundStatus, whose: Whose | None = None
    ) -> InboundResult:
        self._showing.show(reply, outcome, whose)
        return InboundResult(outcome=outcome, message_id=whose.message_id if whose else None)


def _late(reply: Reply, whose: Whose) -> MessageLateResponse:
    about = whose.model_dump(include={*About.model_fields})
    answer = AboutAnswer(**about, **_said(reply), choice=whose.choice)
    id = f"{workflow.info().workflow_id}-late"
    return MessageLateResponse(id=id, timestamp=workflow.now(), data=answer)


def _late_stop(reply: Reply, whose: Whose) -> MessageOptedOut:
    about = whose.model_dump(include={*About.model_fields})
    stop = AboutOptOut(**about, **_said(reply))
    id = f"{workflow.info().workflow_id}-late"
    return MessageOptedOut(id=id, timestamp=workflow.now(), data=stop)


def _said(reply: Reply) -> dict[str, Any]:
    told = reply.model_dump(include={"channel", "provider", "provider_id"})
    return {**told, "text": shortened(reply.text), "said_at": reply.at}
