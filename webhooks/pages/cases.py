"""A conversation that an agent may take over: what was said so far, and how to say more."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from temporalio.api.common.v1 import Payloads
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from activities.finding import RPC_TIMEOUT, TemporalOutOfReach, asked
from failover.attempts import Result
from failover.events import Act, AgentSays
from failover.message import Message
from failover.names import CONVERSATION_QUERY, workflow_id

_QUERY_PATIENCE = timedelta(seconds=5)


@dataclass(frozen=True)
class Case:
    """`locale` is that of the agents who were asked."""

    message: Message
    result: Result
    ended: bool
    locale: str = "en"


class Cases(Protocol):
    """Where conversations are. `TemporalCases` outside of tests."""

    async def look(self, message: str, attempt: int) -> Case | None:
        """None where it is no longer known. Raises `TemporalOutOfReach`."""

    async def tell(self, message: str, act: Act, says: AgentSays) -> bool:
        """Whether the message could still be told. Raises `TemporalOutOfReach`."""


class TemporalCases:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def look(self, message: str, attempt: int) -> Case | None:
        handle = self._client.get_workflow_handle(workflow_id(message))
        try:
            about = await asked(lambda: handle.describe(rpc_timeout=RPC_TIMEOUT))
            given = await asked(lambda: self._given(handle))
            result = await asked(lambda: self._result(handle, about.status))
        except LookupError:
            return None
        attempts = result.attempts[attempt - 1 : attempt]
        steps = [given.steps[one.step] for one in attempts]
        locale = given.person(steps[0]).locale if steps else given.recipient.locale
        running = about.status == WorkflowExecutionStatus.RUNNING
        return Case(given, result, ended=not running, locale=locale)

    async def tell(self, message: str, act: Act, says: AgentSays) -> bool:
        handle = self._client.get_workflow_handle(workflow_id(message))
        try:
            await asked(lambda: handle.signal(act, says, rpc_timeout=RPC_TIMEOUT))
        except LookupError:
            return False
        return True

    async def _given(self, handle: WorkflowHandle[object, object]) -> Message:
        async for event in handle.fetch_history_events(page_size=1, rpc_timeout=RPC_TIMEOUT):
            given: Payloads = event.workflow_execution_started_event_attributes.input
            [message] = await self._client.data_converter.decode_wrapper(given, [Message])
            return message  # type: ignore[no-any-return]
        raise TemporalOutOfReach("a history without events")

    async def _result(
        self, handle: WorkflowHandle[object, object], status: WorkflowExecutionStatus | None
    ) -> Result:
        """Of one that has ended its result; else a worker is asked, which has to live."""
        if status == WorkflowExecutionStatus.COMPLETED:
            done = self._client.get_workflow_handle(handle.id, result_type=Result)
            result: Result = await done.result(rpc_timeout=RPC_TIMEOUT)
        else:
            result = await handle.query(
                CONVERSATION_QUERY, result_type=Result, rpc_timeout=_QUERY_PATIENCE
            )
        return result
