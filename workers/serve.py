"""The workers of one process: one for workflows, one a provider for its sends."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.caps import Caps
from activities.health import Health
from activities.notify_settings import NotifySettings
from activities.offers import Offers
from activities.opt_outs import OptOuts
from activities.planned import Installed
from activities.rendering import try_out
from activities.send import Sends
from failover.names import TASK_QUEUE, sending_queue
from providers.known import Provider, offers, unheard
from providers.links import Links
from providers.settings import PublicSettings
from workers.back_office import back_office_worker
from workers.caps import cap_worker
from workers.notify import notify_worker
from workers.observing import Observer
from workers.standing import Keeper, standing_worker
from workers.versioning import said
from workflows.message import MessageWorkflow

#: A send that is under way when the process is asked to stop has its HTTP timeouts to end in.
GRACE = timedelta(seconds=30)
#: What a killed worker had cached waits this long for it before another takes over. The default
#: of 10 s makes every timer that much late after a crash (measured: reference run, p50 10.2 s).
STICKY = timedelta(seconds=1)

#: Seconds in which the workflows of the last sends still take in what came of them. Without it
#: their tasks are given to a worker that is leaving, and wait 10 s for the next one (measured).
LINGER = 0.5

#: Our modules are imported once, not for each message: that was a fifth of a worker's time.
#: `tests/test_determinism.py` looks at them for what the sandbox would.
RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("workflows")
)

log = logging.getLogger("workers")


@dataclass(frozen=True)
class Installation:
    """What this process serves with, as its environment has it."""

    providers: list[Provider]
    public: PublicSettings
    notify: NotifySettings
    caps: Caps | None = None
    version: WorkerDeploymentConfig | None = None

    @property
    def links(self) -> Links:
        return Links.by(self.public)

    @property
    def installed(self) -> Installed:
        """What plans are checked against."""
        known, heard = self.providers, unheard(self.providers)
        return Installed(offers(known), self.notify.targets, heard, self.links)

    @property
    def opt_outs(self) -> OptOuts:
        return OptOuts(self.public.address_key.get_secret_value())


async def serve(client: Client, installation: Installation, stop: asyncio.Event) -> None:
    """Serve until `stop` is set; then take nothing new and let what is under way come to an end."""
    await asyncio.to_thread(try_out)
    providers, notify = installation.providers, installation.notify
    version, caps = installation.version, installation.caps
    links, opt_outs = installation.links, installation.opt_outs
    healths = [health(provider) for provider in providers]
    keeper = Keeper(client, {p.name: list(p.senders) for p in providers}, healths)
    await keeper.look()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            workflow_worker(client, installation.installed, version, keeper)
        )
        await stack.enter_async_context(standing_worker(client, version))
        unmatched = notify.unmatched_url
        await stack.enter_async_context(
            back_office_worker(client, version, opt_outs=opt_outs, unmatched=unmatched)
        )
        await stack.enter_async_context(notify_worker(client, notify, version, links=links))
        if caps:
            await stack.enter_async_context(cap_worker(client, version))
        stack.push_async_callback(asyncio.sleep, LINGER)
        threads = [stack.enter_context(_threads(provider)) for provider in providers]
        sends = [
            send_worker(client, provider, own, version, caps, seen, links, opt_outs)
            for provider, own, seen in zip(providers, threads, healths, strict=True)
        ]
        log.info("serving workflows on %s, %s", TASK_QUEUE, said(version))
        async with asyncio.TaskGroup() as group:
            for provider, worker in zip(providers, sends, strict=True):
                group.create_task(worker.run())
                channels = ", ".join(channel.value for channel in provider.senders)
                log.info("serving %s by %s on %s", channels, provider.name, queue(provider))
            keeping = group.create_task(keeper.keep())
            await stop.wait()
            log.info("stopping: sends under way may finish")
            keeping.cancel()
            await asyncio.gather(*(worker.shutdown() for worker in sends))
        await keeper.leave()


def queue(provider: Provider) -> str:
    return sending_queue(provider.name)


def health(provider: Provider) -> Health:
    settings = provider.settings
    return Health(
        provider.name,
        provider.senders,
        judged_by=settings.breaker_sends,
        open_for=timedelta(seconds=settings.breaker_seconds),
    )


def workflow_worker(
    client: Client,
    installed: Installed,
    version: WorkerDeploymentConfig | None = None,
    keeper: Keeper | None = None,
) -> Worker:
    keeper = keeper or Keeper(client, {}, [])
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=[MessageWorkflow],
        workflow_runner=RUNNER,
        activities=[Offers(installed, keeper.order).offers],
        interceptors=[Observer(keeper.deliveries.note)],
        sticky_queue_schedule_to_start_timeout=STICKY,
        graceful_shutdown_timeout=GRACE,
        deployment_config=version,
    )


def send_worker(
    client: Client,
    provider: Provider,
    threads: ThreadPoolExecutor,
    version: WorkerDeploymentConfig | None = None,
    caps: Caps | None = None,
    health: Health | None = None,
    links: Links | None = None,
    opt_outs: OptOuts | None = None,
) -> Worker:
    return Worker(
        client,
        task_queue=queue(provider),
        activities=Sends(provider.senders, threads, caps, health, links, opt_outs).activities(),
        max_concurrent_activities=provider.settings.max_concurrent,
        max_task_queue_activities_per_second=provider.settings.max_per_second,
        graceful_shutdown_timeout=GRACE,
        deployment_config=version,
    )


def _threads(provider: Provider) -> ThreadPoolExecutor:
    most = provider.settings.max_concurrent
    return ThreadPoolExecutor(max_workers=most, thread_name_prefix=provider.name)
