"""`python -m compose.worker_health`: exit code 0 while a worker of this host asks for work."""

import asyncio
import os
import socket
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from failover.names import TASK_QUEUE
from workflows.client import connect

#: A poll lasts a minute at most; Temporal names a poller for five minutes after its last one.
_FRESH = timedelta(seconds=90)


def alive(pollers: Iterable[PollerInfo], host: str, now: datetime) -> bool:
    """Whether a worker of this host is among them; the SDK calls one `<process>@<host>`."""
    return any(
        poller.identity.partition("@")[2] == host
        and now - poller.last_access_time.ToDatetime(UTC) < _FRESH
        for poller in pollers
    )


async def main() -> int:
    client = await connect()
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=TASK_QUEUE),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    answer = await client.workflow_service.describe_task_queue(asked, timeout=timedelta(seconds=5))
    return 0 if alive(answer.pollers, socket.gethostname(), datetime.now(UTC)) else 1


if __name__ == "__main__":
    try:
        code = asyncio.run(main())
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        code = 1
    sys.stderr.flush()
    # Temporal's SDK may crash in an orderly exit (sdk-python#300).
    os._exit(code)
