"""A send's last look before it goes: has anything reached the workflow since it was decided on?

After an outage a queued send may run before the workflow has seen a reply that Temporal
acknowledged seconds earlier. One read of the tail of the history (3-5 ms) tells.
"""

from datetime import timedelta

from temporalio.activity import Info
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client

_NEWS = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
        # This worker was taken for dead, and what it would send is somebody else's to decide.
        EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
        # While a send is open the only timer that can fire is the deadline's.
        EventType.EVENT_TYPE_TIMER_FIRED,
    }
)
_PAGE = 20


async def overtaken(client: Client, info: Info) -> bool:
    """Whether a signal, a cancel request or the deadline came after this was scheduled.

    Raises temporalio's RPCError when Temporal does not answer; nothing has been sent then.
    """
    page = GetWorkflowExecutionHistoryReverseRequest(
        namespace=info.workflow_namespace or client.namespace,
        execution=WorkflowExecution(
            workflow_id=info.workflow_id or "", run_id=info.workflow_run_id or ""
        ),
        maximum_page_size=_PAGE,
    )
    while True:
        answer = await client.workflow_service.get_workflow_execution_history_reverse(
            page, timeout=timedelta(seconds=5)
        )
        for event in answer.history.events:
            if event.event_type in _NEWS:
                return True
            if event.activity_task_scheduled_event_attributes.activity_id == info.activity_id:
                return False
        if not answer.next_page_token:
            return False
        page.next_page_token = answer.next_page_token
