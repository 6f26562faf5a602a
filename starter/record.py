"""What was said, by Temporal's own record: for messages that nobody can be asked about."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowExecution, WorkflowHistoryEventFilterType

from failover.channels import Channel
from failover.events import AgentSays, OptOut, Reply, Response
from failover.names import SearchAttribute, Signal, send_activity
from failover.transcript import By, Said
from providers.base import Outbound
from starter.history import History
from starter.look import attributes

_SENDS = {send_activity(channel) for channel in Channel}
_SAID: Mapping[str, tuple[By, type[Response | OptOut | AgentSays]]] = {
    Signal.RESPONDED: (By.PERSON, Response),
    Signal.OPTED_OUT: (By.PERSON, OptOut),
    Signal.CLAIMED: (By.AGENT, AgentSays),
    Signal.ANSWERED: (By.AGENT, AgentSays),
    Signal.CLOSED: (By.AGENT, AgentSays),
}


async def said(client: Client, found: WorkflowExecution, id: str) -> list[Said]:
    """Sends and signals of this message. What became of a send is not told."""
    run = client.get_workflow_handle(found.id, run_id=found.run_id)
    history = History([event async for event in run.fetch_history_events()], client.data_converter)
    told = [await _told(history, event, id) for event in history.events]
    return [entry for entry in told if entry]


async def inbound(client: Client, found: WorkflowExecution) -> tuple[Said, Reply] | None:
    """What a person wrote that no message took, and where it stands."""
    run = client.get_workflow_handle(found.id, run_id=found.run_id)
    async for event in run.fetch_history_events(page_size=1):
        history = History([event], client.data_converter)
        started = event.workflow_execution_started_event_attributes
        if (reply := await history.decoded(started.input, Reply)) is None:
            return None
        facts = reply.model_dump(include={"channel", "text", "choice", "provider"})
        said = Said(
            at=_aware(reply.at or found.start_time),
            by=By.PERSON,
            state=attributes(found).get(SearchAttribute.MESSAGE_STATUS),
            message_id=await _message_of(client, found),
            **facts,
        )
        return said, reply
    return None


async def _message_of(client: Client, found: WorkflowExecution) -> str:
    """The message that it was found to belong to, as its result says it."""
    run = client.get_workflow_handle(found.id, run_id=found.run_id)
    closed = WorkflowHistoryEventFilterType.CLOSE_EVENT
    async for event in run.fetch_history_events(event_filter_type=closed):
        done = event.workflow_execution_completed_event_attributes
        history = History([event], client.data_converter)
        known = await history.decoded(done.result, dict[str, Any]) or {}
        return str(known.get("message_id") or "")
    return ""


async def _told(history: History, event: HistoryEvent, id: str) -> Said | None:
    at = event.event_time.ToDatetime(UTC)
    if event.HasField("activity_task_scheduled_event_attributes"):
        asked = event.activity_task_scheduled_event_attributes
        if asked.activity_type.name in _SENDS:
            return await _sent(history, asked.input, at, id)
    if event.HasField("workflow_execution_signaled_event_attributes"):
        signal = event.workflow_execution_signaled_event_attributes
        return await _signalled(history, signal.signal_name, signal.input, at, id)
    return None


async def _sent(history: History, given: Payloads, at: datetime, id: str) -> Said | None:
    if (asked := await history.decoded(given, Outbound)) is None:
        return None
    text = None if asked.channel == Channel.AGENT else asked.content.text
    facts = asked.model_dump(include={"channel", "provider"})
    return Said(at=at, by=By.US, text=text, message_id=id, **facts)


async def _signalled(
    history: History, name: str, given: Payloads, at: datetime, id: str
) -> Said | None:
    if name not in _SAID:
        return None
    by, kind = _SAID[name]
    if (told := await history.decoded(given, kind)) is None:
        return None
    facts = told.model_dump(include={"channel", "text", "choice", "provider"})
    if isinstance(told, AgentSays):
        facts |= {"channel": Channel.AGENT, "state": name, "name": told.agent}
    elif isinstance(told, OptOut):
        facts |= {"state": "stop"}
    return Said(at=told.at or at, by=by, message_id=id, **facts)


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
