"""One event on its way to a service: Temporal tries it again for a day, and then it has failed.

Workflow code. It stands beside its message, so that a slow service delays no failover.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ChildWorkflowCancellationType, ParentClosePolicy

with workflow.unsafe.imports_passed_through():
    from activities.notification import NOTIFY, NOTIFY_QUEUE, Notification
    from failover.names import BACK_OFFICE, NOTIFICATION_WORKFLOW
    from failover.notices import Notice, event_id
    from failover.notify import Notify

#: Longer than the request may take, so that two never overlap.
ATTEMPT = timedelta(seconds=20)
#: After 5, 15, 45 seconds, 2, 7, 20 minutes, and then every hour.
RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=5),
    backoff_coefficient=3,
    maximum_interval=timedelta(hours=1),
)
GIVE_UP = timedelta(days=1)


@workflow.defn(name=NOTIFICATION_WORKFLOW)
class NotificationWorkflow:
    @workflow.run
    async def run(self, notification: Notification) -> None:
        await workflow.execute_activity(
            NOTIFY,
            notification,
            task_queue=NOTIFY_QUEUE,
            summary=notification.notice.type,
            start_to_close_timeout=ATTEMPT,
            schedule_to_close_timeout=GIVE_UP,
            retry_policy=RETRY,
        )


async def tell(notify: Notify, notice: Notice) -> None:
    """Has the service told of it; returns when that has begun, or had begun before.

    `notice.id` is its name with us, from which the id that the service sees is made. Whoever calls
    it must not end before it returns: only a child that was started lives on.
    """
    seen = {"id": event_id(notice.id)}
    try:
        child = await workflow.start_child_workflow(
            NOTIFICATION_WORKFLOW,
            Notification(notify=notify, notice=notice.model_copy(update=seen)),
            id=f"notification-{notice.id}",
            task_queue=BACK_OFFICE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            parent_close_policy=ParentClosePolicy.ABANDON,
            cancellation_type=ChildWorkflowCancellationType.ABANDON,
            static_summary=notice.type,
        )
    except WorkflowAlreadyStartedError:
        return  # by the same message before it was reset
    # Nobody waits for what comes of it: it is seen in the Web UI, and not the message's affair.
    child.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
