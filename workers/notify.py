"""The worker that tells services of their messages."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.notification import NOTIFY_QUEUE
from activities.notify import Notifications
from activities.notify_settings import NotifySettings
from providers.links import Links
from providers.outside import TIMEOUT


def notify_worker(
    client: Client,
    settings: NotifySettings,
    version: WorkerDeploymentConfig | None = None,
    queue: str = NOTIFY_QUEUE,
    links: Links | None = None,
) -> Worker:
    """A queue of its own: services that do not answer hold up nothing else."""
    told = Notifications(settings.signers, settings.targets, settings.max_concurrent, links=links)
    return Worker(
        client,
        task_queue=queue,
        activities=[told.notify],
        max_concurrent_activities=settings.max_concurrent,
        graceful_shutdown_timeout=timedelta(seconds=TIMEOUT),
        deployment_config=version,
    )
