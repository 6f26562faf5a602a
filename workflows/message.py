"""The durable part: a loop that obeys the policy, records what came of it, and asks again."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RawValue, RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.offers import OFFERS, Offered
    from failover.attempts import Result, State
    from failover.conversation import SERVICE, Conversation
    from failover.message import InvalidMessage
    from failover.moves import Confirm, Finish, Send, Skip, Wait
    from failover.names import IN_DOUBT, MESSAGE_WORKFLOW, OPEN, message_id
    from failover.policy import next_move
    from workflows import search_attributes as attributes
    from workflows.given import (
        as_one_payload,
        check_notify,
        check_offers,
        check_plan,
        check_zones,
        never_looked_at,
        read_message,
        refusal,
        say_as_rendered,
        wanted,
        wanted_at_first,
    )
    from workflows.hearing import Hearing
    from workflows.observing import Observing
    from workflows.remembering import Remembering
    from workflows.sending import (
        Handle,
        note_look_up,
        note_send,
        start_look_up,
        start_send,
        withdrawn,
    )
    from workflows.telling import Telling


#: Who is asked first is seen to anew after that long.
OFFERS_LAST = timedelta(minutes=1)
#: Long enough for the texts that take the longest, on a machine that has much to do.
LOOK_TIMEOUT = timedelta(minutes=1)
#: How often a message is looked at before its first send: nothing is looked at for ever. Between
#: 14 and 22 hours with the waits in between, which is long enough to mend a fault of ours.
#:
#: Of a local activity nothing else holds (seen with SDK 1.35): its schedule-to-close timeout ends
#: it only during a try, not between two; no type of error is final for a try that took too long;
#: and its scheduled time begins anew with each wait that is a timer.
LOOKS = 500
_LOOK_INTERVAL = timedelta(seconds=100)


@workflow.defn(name=MESSAGE_WORKFLOW)
class MessageWorkflow(Hearing):
    @workflow.init
    @as_one_payload
    def __init__(self, *given: RawValue) -> None:
        super().__init__()
        self._invalid = ""
        self._sending: tuple[int, Handle] | None = None
        self._waiting: Wait | None = None
        self._observing, self._telling, self._remembering = Observing(), Telling(), Remembering()
        try:
            self._conversation = Conversation(read_message(given))
        except InvalidMessage as error:
            self._invalid = str(error)

    @workflow.run
    @as_one_payload
    async def run(self, *given: RawValue) -> Result:
        if self._conversation is None:
            raise refusal(self._invalid)
        try:
            return await self._deliver(self._conversation)
        except BaseException as error:
            if is_cancelled_exception(error):
                await self._clear_away(self._conversation)
            raise

    @workflow.query(description="What has happened so far, in the shape of the result")
    def conversation(self) -> Result:
        if self._conversation is None:
            return Result(message_id=message_id(workflow.info().workflow_id))
        return self._conversation.result()

    async def _deliver(self, conversation: Conversation) -> Result:
        await self._ask_who_offers(conversation)
        check_offers(conversation)
        check_zones(conversation)
        while conversation.outcome is None:
            self._note_send(conversation)
            self._look(conversation)
            self._decided_at = workflow.now()
            move = next_move(conversation, self._decided_at)
            if self._sending and not isinstance(move, Wait):
                await self._withdraw_send(conversation)
            else:
                await self._make(move, conversation)
        self._look(conversation)
        await self._see_off(conversation)
        self._showing.publish(conversation, conversation.outcome)
        return conversation.result()

    def _look(self, conversation: Conversation) -> None:
        self._observing.look(conversation)
        self._telling.look(conversation)
        self._remembering.look(conversation)

    async def _see_off(self, conversation: Conversation, outcome: str | None = None) -> None:
        """What others have to hear of it is on its way, also what comes in these last moments."""
        await self._remembering.done(conversation)
        await self._telling.finish(conversation, outcome)
        await self._remembering.done(conversation)

    async def _ask_who_offers(self, conversation: Conversation) -> None:
        asked = wanted if self._offered_at else wanted_at_first
        try:
            offered = await workflow.execute_local_activity(
                OFFERS,
                args=asked(conversation),
                result_type=Offered,
                start_to_close_timeout=LOOK_TIMEOUT,
                retry_policy=RetryPolicy(
                    maximum_interval=_LOOK_INTERVAL,
                    maximum_attempts=0 if self._offered_at else LOOKS,
                ),
            )
        except FailureError as error:
            if is_cancelled_exception(error) or _is_final(error):
                raise
            raise never_looked_at() from error
        conversation.offers, conversation.zones = offered.channels, offered.zones
        if self._offered_at is None:  # a message ends by the rules it began with
            conversation.rules = offered.rules
            check_plan(offered)
            check_notify(conversation, offered.targets)
            say_as_rendered(conversation, offered)
        self._offered_at = workflow.now()
        self._take_what_came_early()

    def _offers_are_old(self, known: Conversation, step: int) -> bool:
        """Whether another provider may be the one to ask first by now, where there is a choice."""
        chosen = known.message.steps[step].providers or known.next_step > step
        choice = len(known.providers(step)) > 1 and not chosen
        assert self._offered_at
        return choice and known.rules >= 2 and workflow.now() - self._offered_at > OFFERS_LAST

    async def _make(self, move: Finish | Send | Confirm | Skip | Wait, known: Conversation) -> None:
        self._waiting = move if isinstance(move, Wait) else None
        match move:
            case Finish(outcome):
                known.outcome = outcome
            case Send(step, _, None) if self._offers_are_old(known, step):
                await self._ask_who_offers(known)
            case Send(step, provider, None) if provider == SERVICE:
                attempt = known.begin(step, provider, workflow.now())
                known.accepted(attempt.number, None, workflow.now())
            case Send(_, provider, int(aside)):
                attempt = known.begin_aside(aside, provider, workflow.now())
                self._sending = attempt.number, start_send(known, attempt)
            case Send(step, provider):
                attempt = known.begin(step, provider, workflow.now())
                self._sending = attempt.number, start_send(known, attempt)
            case Confirm(number):
                await self._confirm(known, number)
            case Skip(step, reason):
                known.skip_step(step, reason, workflow.now())
            case Wait():
                # What becomes of a send is known in a moment, and told with one event less.
                if known.rules < 2 or not known.untold:
                    self._showing.publish(known, _under_way(known))
                self._showing.describe(known, move)
                await self._wait(known, move)
        self._showing.describe(known, self._waiting)

    async def _wait(self, conversation: Conversation, move: Wait) -> None:
        """Until the policy says something else: news that changes nothing costs no new timer."""

        def news() -> bool:
            if self._news:  # once a task, however many signals it brought
                self._news = False
                self._look(conversation)
                self._showing.describe(conversation, move)
            sent = self._sending is not None and self._sending[1].done()
            if sent or next_move(conversation, workflow.now()) != move:
                return True
            self._decided_at = workflow.now()
            return False

        left = max(move.until - workflow.now(), timedelta(0)) if move.until else None
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(news, timeout=left, timeout_summary=move.why)

    async def _confirm(self, conversation: Conversation, number: int) -> None:
        """Look a send of unknown outcome up, unless news settles it or ends the message first."""
        handle = start_look_up(conversation, conversation.attempt(number))

        def settled() -> bool:
            return next_move(conversation, workflow.now()) != Confirm(number)

        try:
            await workflow.wait_condition(lambda: handle.done() or settled())
            if handle.done():
                self._showing.keep_keys(note_look_up(conversation, number, handle))
        finally:
            handle.cancel()

    async def _withdraw_send(self, conversation: Conversation) -> None:
        assert self._sending
        # Its end may take seconds, and a reply may already look for what a report has proved.
        self._showing.publish(conversation, _under_way(conversation))
        try:
            await withdrawn(self._sending[1])
        finally:
            self._note_send(conversation)

    def _note_send(self, conversation: Conversation) -> None:
        if self._sending and self._sending[1].done():
            (number, handle), self._sending = self._sending, None
            self._showing.keep_keys(note_send(conversation, number, handle))

    async def _clear_away(self, conversation: Conversation) -> None:
        """Cancelled: nothing more is sent, and what was under way is written down."""
        if self._sending:
            with suppress(asyncio.CancelledError):
                await self._withdraw_send(conversation)
        self._waiting = None
        self._showing.describe(conversation, None)
        await self._see_off(conversation, attributes.CANCELLED)
        self._showing.publish(conversation, attributes.CANCELLED)


def _under_way(known: Conversation) -> str:
    doubt = any(attempt.state == State.UNKNOWN for attempt in known.attempts)
    return IN_DOUBT if doubt and known.rules >= 2 else OPEN


def _is_final(error: FailureError) -> bool:
    """What a local activity raised comes as it is, and not as the cause of an `ActivityError`."""
    return isinstance(error, ApplicationError) and error.non_retryable
