"""One attempt on one channel: at most one request that could send."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from contextlib import suppress
from typing import Any, TypeVar

from temporalio import activity
from temporalio.service import RPCError

from activities.caps import Caps
from activities.health import Health, PassedOver
from activities.last_look import overtaken
from activities.opt_outs import OptOuts
from activities.outcomes import CONFIRM, HEARTBEAT, Doubt, LookUp, SendResult, SteppedBack
from activities.retrying import pass_over, try_again, unknown
from failover.addresses import scrub
from failover.channels import Channel
from failover.events import REMEMBERED, Failure, FailureClass
from failover.names import send_activity
from providers.base import (
    Accepted,
    LookUpImpossible,
    Outbound,
    ProviderUnavailable,
    Refused,
    Sender,
    SendUnknown,
)
from providers.links import Links

SAID_STOP = Failure(
    kind=FailureClass.OPT_OUT, code=REMEMBERED, detail="the person wants nothing at this address"
)
Answer = TypeVar("Answer")


class Sends:
    """The send activities of one provider, one activity type a channel."""

    def __init__(
        self,
        senders: Mapping[Channel, Sender],
        threads: Executor,
        caps: Caps | None = None,
        health: Health | None = None,
        links: Links | None = None,
        opt_outs: OptOuts | None = None,
    ) -> None:
        self._senders = senders
        self._threads = threads
        self._caps = caps
        self._health = health
        self._links = links
        self._opt_outs = opt_outs

    def activities(self) -> list[Callable[..., Awaitable[Any]]]:
        by_email = [Channel.AGENT] if Channel.EMAIL in self._senders else []
        channels = dict.fromkeys([*self._senders, *by_email])
        return [*(self._sends_by(channel) for channel in channels), self.confirm]

    def _sends_by(self, channel: Channel) -> Callable[..., Awaitable[Any]]:
        @activity.defn(name=send_activity(channel))
        async def send(outbound: Outbound) -> SendResult:
            info = activity.info()
            # By the server's clock: the workflow's timer may be late, and a worker's clock wrong.
            if outbound.deadline and info.started_time >= outbound.deadline:
                return SteppedBack()
            try:
                if await overtaken(activity.client(), info):
                    return SteppedBack()
                if await self._said_stop(outbound):
                    _count(outbound, "opted_out")
                    return Refused(failure=SAID_STOP)
            except RPCError:
                failure = Failure(kind=FailureClass.PROVIDER, detail="no last look at the history")
                try_again(ProviderUnavailable(failure), outbound)
            answer = await self._send(outbound)
            return self._findable(answer, outbound) if isinstance(answer, Accepted) else answer

        return send

    async def _said_stop(self, outbound: Outbound) -> bool:
        known = self._opt_outs
        if outbound.channel == Channel.AGENT:  # a team of ours
            return False
        return known is not None and await known.known(activity.client(), outbound.to)

    def _findable(self, sent: Accepted, outbound: Outbound) -> Accepted:
        """By the person's address, too, whichever way it was sent."""
        if self._opt_outs is None:
            return sent
        return sent.model_copy(update={"person": self._opt_outs.key(outbound.to)})

    async def _send(self, outbound: Outbound) -> Accepted | Refused:
        try:
            answer = await self._ask(outbound)
        except PassedOver as error:
            _count(outbound, "passed_over")
            pass_over(error, outbound)
        except ProviderUnavailable as error:
            _count(outbound, "unavailable")
            try_again(error, outbound)
        except SendUnknown as error:
            _count(outbound, "unknown")
            raise unknown(scrub(str(error))) from None
        except Exception as error:
            # A fault of ours, perhaps after the request went out: sending again could be twice.
            _count(outbound, "unknown")
            activity.logger.error("send failed unexpectedly: %s", type(error).__name__)
            raise unknown(f"unexpected {type(error).__name__}") from None
        _count(outbound, answer.kind)
        return answer

    async def _ask(self, outbound: Outbound) -> Accepted | Refused:
        async def send() -> Accepted | Refused:
            sender = self._sender(outbound.channel)
            return await self._in_thread(sender.send, self._whole(outbound))

        health = self._health
        # Where nobody else is left to ask, a provider in trouble is better than none.
        cautious = not outbound.last_resort
        if health:
            health.check(_carrier(outbound.channel), cautious=cautious)
        if self._caps and (refused := await self._caps.refusal(outbound)):
            return refused
        if health:
            return await health.ask(_carrier(outbound.channel), send, cautious=cautious)
        return await send()

    @activity.defn(name=CONFIRM)
    async def confirm(self, doubt: Doubt) -> LookUp:
        """Ask the provider whether it took a send of unknown outcome."""
        sender = self._sender(doubt.outbound.channel)
        try:
            sent = self._whole(doubt.outbound)
            found = await self._in_thread(sender.look_up, sent, doubt.since)
        except LookUpImpossible:
            return LookUp(possible=False)
        except ProviderUnavailable as error:
            try_again(error, doubt.outbound)
        return LookUp(found=found and self._findable(found, doubt.outbound))

    def _sender(self, channel: Channel) -> Sender:
        """Agents are written to by email."""
        return self._senders[_carrier(channel)]

    def _whole(self, outbound: Outbound) -> Outbound:
        """As it goes out, and as it is looked up."""
        return self._links.put_into(outbound) if self._links else outbound

    async def _in_thread(self, call: Callable[..., Answer], *given: object) -> Answer:
        """The SDKs block. A cancel lets a request that is under way come to its end.

        The heartbeats tell Temporal within seconds when the worker has died in mid-send.
        """
        loop = asyncio.get_running_loop()
        request = loop.run_in_executor(self._threads, call, *given)
        while not request.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({request}, timeout=HEARTBEAT.total_seconds() / 4)
                if not request.done():
                    activity.heartbeat()
        return request.result()


def _carrier(channel: Channel) -> Channel:
    return Channel.EMAIL if channel == Channel.AGENT else channel


def _count(outbound: Outbound, outcome: str) -> None:
    about = {"provider": outbound.provider, "channel": outbound.channel.value, "outcome": outcome}
    meter = activity.metric_meter()
    meter.create_counter("failover_sends", "what came of sends, by provider and channel").add(
        1, about
    )
