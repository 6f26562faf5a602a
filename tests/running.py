"""Workers for tests: the real workflow and activities, with fake senders behind them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Interceptor, Worker

from activities.health import Health
from activities.offers import Offers, Order
from activities.opt_outs import OptOuts
from activities.planned import Installed
from activities.send import Sends
from failover.attempts import Result
from failover.channels import Channel
from failover.message import Message
from failover.names import back_office, sending_queue
from failover.notify import Targets
from failover.start import start_options
from providers.base import Sender
from providers.links import Links
from workers.back_office import back_office_worker
from workers.observing import Observer
from workers.serve import RUNNER
from workflows.message import MessageWorkflow
from workflows.observing import NoteDelivery

Handle = WorkflowHandle[Any, Result]
CHANNELS = ("whatsapp", "sms", "email", "voice")


@asynccontextmanager
async def serving(
    client: Client,
    *,
    workflows: bool = True,
    channels: tuple[str, ...] = CHANNELS,
    unserved: tuple[str, ...] = (),
    healths: Mapping[str, Health] = MappingProxyType({}),
    order: Order = lambda _, names: names,
    note: NoteDelivery = lambda *_: None,
    targets: Targets = Targets(),  # noqa: B008
    **providers: Sender,
) -> AsyncIterator["Queue"]:
    """Workers on queues of their own, so that tests do not serve each other's messages.

    The providers of `unserved` are offered, and no worker takes their sends (yet).
    """
    queue = Queue(client, f"test-{uuid4().hex[:8]}", [*providers, *unserved], channels)
    queue.healths, queue.order, queue.note = healths, order, note
    queue.targets = targets
    async with AsyncExitStack() as stack:
        if workflows:
            await stack.enter_async_context(queue.workflow_worker())
        await stack.enter_async_context(queue.back_office_worker())
        for name, sender in providers.items():
            await stack.enter_async_context(queue.send_worker(name, sender))
        yield queue


class Queue:
    def __init__(
        self,
        client: Client,
        name: str,
        providers: Sequence[str],
        channels: tuple[str, ...],
    ) -> None:
        self.client, self.name = client, name
        #: By a key of the test's own, so that what is said in one is not heard in another.
        self.opt_outs = OptOuts(secret=name, queue=back_office(name))
        self._names = {provider: f"{provider}-{name}" for provider in providers}
        self._channels = [Channel(channel) for channel in channels]
        self.healths: Mapping[str, Health] = {}
        self.order: Order = lambda _, names: names
        self.note: NoteDelivery = lambda *_: None
        self.links: Links | None = None
        self.targets = Targets()

    def provider(self, name: str) -> str:
        """The name under which this test's workflows know a provider."""
        return self._names[name]

    def workflow_worker(self, *interceptors: Interceptor) -> Worker:
        offers = {channel.value: list(self._names.values()) for channel in self._channels}
        if Channel.EMAIL in self._channels:  # agents are written to by email
            offers[Channel.AGENT] = list(self._names.values())
        return Worker(
            self.client,
            task_queue=self.name,
            workflows=[MessageWorkflow],
            workflow_runner=RUNNER,
            activities=[Offers(Installed(offers, self.targets), self.order).offers],
            interceptors=[Observer(self.note), *interceptors],
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        )

    def back_office_worker(self) -> Worker:
        queue = self.opt_outs.queue
        return back_office_worker(self.client, opt_outs=self.opt_outs, queue=queue)

    def send_worker(self, name: str, sender: Sender, per_second: float | None = None) -> Worker:
        senders, health = dict.fromkeys(self._channels, sender), self.healths.get(name)
        sends = Sends(
            senders,
            ThreadPoolExecutor(4),
            health=health,
            links=self.links,
            opt_outs=self.opt_outs,
        )
        return Worker(
            self.client,
            task_queue=sending_queue(self._names[name]),
            activities=sends.activities(),
            max_task_queue_activities_per_second=per_second,
        )

    async def start(self, message: Message, **options: Any) -> Handle:
        given = {**start_options(message), "task_queue": self.name, **options}
        return await self.client.start_workflow("Message", message, result_type=Result, **given)


async def seen(handle: Handle) -> Result:
    result: Result = await handle.query("conversation", result_type=Result)
    return result


async def until(handle: Handle, holds: Callable[[Result], bool], seconds: float = 20) -> Result:
    """The conversation once this holds of it."""
    end = time.monotonic() + seconds
    while True:
        result = await seen(handle)
        if holds(result):
            return result
        assert time.monotonic() < end, f"never came to hold: {result}"
        await asyncio.sleep(0.05)


def states(result: Result) -> list[str]:
    return [f"{attempt.channel} {attempt.state}" for attempt in result.attempts]


def last_is(state: str) -> Callable[[Result], bool]:
    return lambda result: bool(result.attempts) and result.attempts[-1].state == state
