"""What a link asks, and what has become of it: read from the message's own history.

No worker of it needs to live. What was asked is in what was sent, an answer is in its signal.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.converter import DataConverter

from activities.finding import RPC_TIMEOUT, TemporalOutOfReach, asked
from failover.attempts import Outcome, Result
from failover.channels import Channel
from failover.content import Content
from failover.events import Answer, Response
from failover.message import Message
from failover.names import Signal, activity_id, workflow_id
from failover.recipient import Recipient
from providers.base import Outbound

#: Seconds for the whole of a history; a page of a thousand events takes some milliseconds.
PATIENCE = 8.0
_PAGE = 1000

Value = TypeVar("Value")


@dataclass(frozen=True)
class Asked:
    """The question of one send. `answers` has what counts and what does not, in order."""

    content: Content
    channel: Channel
    to: str
    locale: str = "en"
    answers: Sequence[Answer] = ()
    ended: bool = False
    outcome: Outcome | None = None
    #: Whether others are asked as well, who need not know what this person said.
    among_others: bool = False


class Record(Protocol):
    """Where a question is looked up. `TemporalRecord` outside of tests."""

    async def look(self, message: str, attempt: int) -> Asked | None:
        """None where it is no longer known. Raises `TemporalOutOfReach`."""


class TemporalRecord:
    def __init__(self, client: Client, *, patience: float = PATIENCE) -> None:
        self._client, self._patience = client, patience

    async def look(self, message: str, attempt: int) -> Asked | None:
        try:
            async with asyncio.timeout(self._patience):
                events = await asked(lambda: self._events(workflow_id(message)))
        except LookupError:
            return None
        except TimeoutError:
            raise TemporalOutOfReach(f"no answer in {self._patience:g} s") from None
        return await _History(events, self._client.data_converter).asked(attempt)

    async def _events(self, workflow: str) -> list[HistoryEvent]:
        found = self._client.get_workflow_handle(workflow).fetch_history_events(
            page_size=_PAGE, rpc_timeout=RPC_TIMEOUT
        )
        return [event async for event in found]


@dataclass(frozen=True)
class _History:
    events: Sequence[HistoryEvent]
    converter: DataConverter

    async def asked(self, attempt: int) -> Asked | None:
        sent, result = await self._sent(attempt), await self._result()
        if sent is None:
            return None
        started = self.events[0].workflow_execution_started_event_attributes
        message = await self._decoded(started.input, Message)
        content = _question(message, sent)
        return Asked(
            content=content,
            channel=sent.channel,
            to=sent.to,
            locale=sent.locale,
            answers=result.responses if result else await self._signalled(content),
            ended=_ends(self.events[-1]),
            outcome=result.outcome if result else None,
            among_others=any(isinstance(step.to, Recipient) for step in message.steps),
        )

    async def _sent(self, attempt: int) -> Outbound | None:
        """The last one: a send that stepped back gave its number to the next."""
        for event in reversed(self.events):
            scheduled = event.activity_task_scheduled_event_attributes
            if scheduled.activity_id == activity_id(attempt):
                return await self._decoded(scheduled.input, Outbound)
        return None

    async def _result(self) -> Result | None:
        done = self.events[-1].workflow_execution_completed_event_attributes
        return await self._decoded(done.result, Result) if done.HasField("result") else None

    async def _signalled(self, content: Content) -> list[Answer]:
        """What has come while it runs; of these only what is plain counts for a page."""
        signals = (event.workflow_execution_signaled_event_attributes for event in self.events)
        given = [signal.input for signal in signals if signal.signal_name == Signal.RESPONDED]
        found = filter(None, [await self._response(one) for one in given])
        return [Answer(**one.model_dump(), counts=_plain(one, content)) for one in found]

    async def _response(self, given: Payloads) -> Response | None:
        """Anybody with a client may have put it there; the workflow takes no more than this."""
        try:
            found: object = await self._decoded(given, Response)
        except (ValueError, KeyError, RuntimeError):
            return None
        # What has no JSON in it is decoded to something else, whatever is asked for.
        return found if isinstance(found, Response) else None

    async def _decoded(self, given: Payloads, kind: type[Value]) -> Value:
        [value] = await self.converter.decode_wrapper(given, [kind])
        return value  # type: ignore[no-any-return]


def _question(message: Message, sent: Outbound) -> Content:
    """As the step puts it, where the send says no more than that it was not understood."""
    # Of a template only the send has the text.
    said = [content for content in map(message.said, message.steps) if not content.liquid]
    same = (content for content in said if content.choices == sent.content.choices)
    return sent.content if sent.content in said else next(same, sent.content)


def _plain(answer: Response, content: Content) -> bool:
    if content.choices:
        return answer.choice in {choice.id for choice in content.choices}
    return bool(answer.text)


def _ends(last: HistoryEvent) -> bool:
    """Whether nothing follows this event."""
    attributes = last.WhichOneof("attributes") or ""
    return attributes in _LAST


_LAST = frozenset(
    f"workflow_execution_{end}_event_attributes"
    for end in ("completed", "failed", "canceled", "terminated", "timed_out")
)
