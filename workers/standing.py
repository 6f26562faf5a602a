"""Keeps the workflow of the providers' standing and this worker in step, both ways."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from temporalio.client import Client
from temporalio.common import VersioningBehavior
from temporalio.runtime import Runtime
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.deliveries import Deliveries
from activities.health import Health
from failover.channels import Channel
from workflows.standing import GONE, SEEN, TOLD_EVERY, ProvidersWorkflow, View
from workflows.standing_client import QUEUE, read_standing, tell_standing

#: Seconds between two looks at what operators drained, and at what has changed here.
EVERY = 2.0

log = logging.getLogger("workers")


class Keeper:
    """What one worker process knows of its providers, told and heard."""

    def __init__(
        self, client: Client, serves: Mapping[str, Sequence[Channel]], healths: Sequence[Health]
    ) -> None:
        self._client = client
        self._serves = {name: [channel.value for channel in of] for name, of in serves.items()}
        self._healths = {health.provider: health for health in healths}
        self.deliveries = Deliveries()
        self._told: View | None = None
        self._told_at = 0.0
        self._deaf = False

    def order(self, channel: str, names: Sequence[str]) -> list[str]:
        """Who is asked first: not who is passed over anyway, nor always who has been slow."""
        ordered = self.deliveries.order(channel, names)
        return sorted(ordered, key=lambda name: self._trouble(name, channel) is not None)

    async def keep(self) -> None:
        """For as long as this worker serves."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Once. Where Temporal does not answer, what was heard last goes on."""
        try:
            self._measure()
            await self._hear()
            await self._tell()
        except Exception as error:  # sends go on without it, whatever is wrong
            if not self._deaf:
                log.warning("the providers' standing cannot be kept: %s", type(error).__name__)
            self._deaf = True
        else:
            self._deaf = False

    async def leave(self) -> None:
        with suppress(Exception):
            await tell_standing(self._client, GONE, self._client.identity)

    async def _hear(self) -> None:
        standing = await read_standing(self._client)
        if self._client.identity not in standing.workers:  # it was ended, or is new
            self._told = None
        for health in self._healths.values():
            channels = self._serves[health.provider]
            drained = {c for c in channels if standing.drained(health.provider, c)}
            if drained != {channel.value for channel in health.drained}:
                log.warning("%s: drained on %s", health.provider, ", ".join(drained) or "nothing")
            health.drained = frozenset(Channel(channel) for channel in drained)

    async def _tell(self) -> None:
        view = self._view()
        lately = time.monotonic() - self._told_at < TOLD_EVERY.total_seconds()
        if view == self._told and lately:
            return
        await tell_standing(self._client, SEEN, view)
        self._told, self._told_at = view, time.monotonic()

    def _measure(self) -> None:
        meter = (self._client.service_client.config.runtime or Runtime.default()).metric_meter
        over = meter.create_gauge("failover_passed_over", "1 while sends are passed over")
        share = meter.create_gauge_float("failover_share", "part of messages it keeps its place in")
        for name, channels in self._serves.items():
            for channel in channels:
                about = {"provider": name, "channel": channel}
                over.set(int(self._trouble(name, channel) is not None), about)
                share.set(self.deliveries.share(name, channel), about)

    def _view(self) -> View:
        by_channel = {name: list(channels) for name, channels in self._serves.items()}
        troubles = {
            name: {c: why for c in channels if (why := self._condition(name, c))}
            for name, channels in by_channel.items()
        }
        shares = {
            name: {c: part for c in channels if (part := self.deliveries.share(name, c)) < 1}
            for name, channels in by_channel.items()
        }
        return View(
            worker=self._client.identity,
            serves=by_channel,
            troubles={name: told for name, told in troubles.items() if told},
            shares={name: told for name, told in shares.items() if told},
        )

    def _condition(self, name: str, channel: str) -> str | None:
        return self._healths[name].condition(Channel(channel))

    def _trouble(self, name: str, channel: str) -> str | None:
        health = self._healths.get(name)
        return health.trouble(Channel(channel)) if health else None


def standing_worker(client: Client, version: WorkerDeploymentConfig | None = None) -> Worker:
    """On a queue of its own, so that it moves on to a new version while messages stay."""
    upgrading = VersioningBehavior.AUTO_UPGRADE
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[ProvidersWorkflow],
        deployment_config=version and replace(version, default_versioning_behavior=upgrading),
    )
