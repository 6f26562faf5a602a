"""The worker of what stands beside messages: replies that found none, opt-outs, notifications."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from temporalio.client import Client
from temporalio.common import VersioningBehavior
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.inbound import Inbound
from activities.opt_outs import OptOuts
from failover.names import BACK_OFFICE
from workflows.inbound import InboundMessageWorkflow
from workflows.notification import NotificationWorkflow
from workflows.opt_out import OptOutWorkflow

WORKFLOWS: Sequence[type[Any]] = (InboundMessageWorkflow, NotificationWorkflow, OptOutWorkflow)


def back_office_worker(
    client: Client,
    version: WorkerDeploymentConfig | None = None,
    *,
    opt_outs: OptOuts,
    unmatched: str | None = None,
    queue: str = BACK_OFFICE,
) -> Worker:
    """`unmatched` is the URL that hears of replies which belong to nobody.

    On a queue of its own, so that it moves on to a new version while messages stay.
    """
    upgrading, inbound = VersioningBehavior.AUTO_UPGRADE, Inbound(unmatched)
    return Worker(
        client,
        task_queue=queue,
        workflows=WORKFLOWS,
        activities=[inbound.deliver, inbound.remember, opt_outs.remember, opt_outs.sweep],
        deployment_config=version and replace(version, default_versioning_behavior=upgrading),
    )
