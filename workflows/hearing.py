"""What a message hears: signals, taken by the rules that it goes by."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from failover.conversation import Conversation
    from failover.events import AgentSays, OptOut, Report, Response
    from failover.policy import step_at_hand
    from workflows.given import Signal, Unreadable, read_signal
    from workflows.showing import Showing


class Hearing:
    """Facts are written down as they come; what to do about them is decided afterwards."""

    def __init__(self) -> None:
        self._conversation: Conversation | None = None
        self._news = False
        self._decided_at = workflow.now()
        self._offered_at: datetime | None = None
        #: What came before the rules were known by which to take it.
        self._early: list[Callable[[], None]] = []
        self._showing = Showing()

    @workflow.signal(description="The person answered, on whatever channel")
    def responded(self, *given: Any) -> None:
        def record(known: Conversation, response: Response) -> None:
            known.respond(response, workflow.now())

        self._heed(Response, given, record)

    @workflow.signal(description="What a provider says of an attempt")
    def reported(self, *given: Any) -> None:
        def record(known: Conversation, report: Report) -> None:
            known.report(report, workflow.now())
            if known.has(report.attempt):
                sent_at = known.attempt(report.attempt).changes[0].at
                keys = (*report.reply_keys, *filter(None, [report.person]))
                self._showing.add_keys(keys, sent_at)

        self._heed(Report, given, record)

    @workflow.signal(description="The person said stop")
    def opted_out(self, *given: Any) -> None:
        def record(known: Conversation, opt_out: OptOut) -> None:
            known.opt_out(opt_out, workflow.now())

        self._heed(OptOut, given, record)

    @workflow.signal(description="An agent takes the conversation over")
    def claimed(self, *given: Any) -> None:
        self._heed(AgentSays, given, lambda known, says: known.claimed(says, workflow.now()))

    @workflow.signal(description="An agent answers the person")
    def answered(self, *given: Any) -> None:
        self._heed(AgentSays, given, lambda known, says: known.agent_answered(says, workflow.now()))

    @workflow.signal(description="An agent ends the conversation")
    def closed(self, *given: Any) -> None:
        self._heed(AgentSays, given, lambda known, says: known.closed(says, workflow.now()))

    @workflow.signal(description="Go to the next step now")
    def skip(self, *_: Any) -> None:
        def leave(known: Conversation) -> None:
            # What an operator sees, even if that has just run out and nothing was done about it.
            seen_at = self._decided_at if known.rules >= 2 else workflow.now()
            known.skips.add(step_at_hand(known, seen_at))

        self._take(leave)

    def _heed(
        self,
        kind: type[Signal],
        given: tuple[Any, ...],
        record: Callable[[Conversation, Signal], None],
    ) -> None:
        def read(known: Conversation) -> None:
            try:
                record(known, read_signal(kind, given))
            except Unreadable as error:
                workflow.logger.warning("a signal could not be read: %s", error)
                self._showing.unreadable(str(error))
            self._news = True

        self._take(read)

    def _take(self, news: Callable[[Conversation], None]) -> None:
        known = self._conversation
        if known and self._offered_at:
            news(known)
        elif known:
            self._early.append(partial(news, known))

    def _take_what_came_early(self) -> None:
        for news in self._early:
            news()
        self._early.clear()
