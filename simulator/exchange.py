"""Takes what a provider accepted, carries it to the handset, and lets a script interfere."""

import asyncio
import contextlib
from typing import get_args
from uuid import uuid4

from starlette.responses import PlainTextResponse, Response

from simulator.connection import Cut
from simulator.magic import magic
from simulator.outbox import Outbox
from simulator.provider import Provider
from simulator.records import Choice, Said, Sent, now
from simulator.scripts import AtOnce, Script
from simulator.settings import Settings
from simulator.state import State
from simulator.switchboard import Switchboard
from simulator.timeline import Step, timeline
from simulator.windows import applies, closed

#: A status never goes back, whatever the order of the callbacks.
RANK = ("accepted", "queued", "submitted", "processed", "sent", "delivered", "read")


class Exchange:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = State()
        self.outbox = Outbox(self.state)
        self.switchboard = Switchboard(settings, self.state, self.outbox)
        self.providers: dict[str, Provider] = {}
        self._held: dict[str, asyncio.Event] = {}
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Let every stream and every hanging answer end."""
        self._closing.set()
        self.state.close()

    async def take(self, sent: Sent) -> Response:
        """Accept a message, or whatever its script wants, and answer as the provider does."""
        provider = self.providers[sent.provider]
        script = self.state.scripts.take(
            sent.provider,
            sent.channel,
            sent.to,
            lambda one: applies(one, sent, self.state.said.values()),
        )
        script = closed(script, sent) if script else magic(sent.provider, sent.sender, sent.to)
        sent.unlisted = script.unlisted if script else 0
        if script is None or script.do not in get_args(AtOnce):
            sent.script = script
            self._accept(sent)
            return provider.accepted(sent)
        if script.do in (
            "error_after_accept",
            "drop_after_accept",
            "hang_after_accept",
            "bad_body",
        ):
            if script.then:
                sent.script = script.model_copy(update={"do": script.then})
            self._accept(sent)
        return await self._misbehave(provider, sent, script)

    async def _misbehave(self, provider: Provider, sent: Sent, script: Script) -> Response:
        match script.do:
            case "refuse":
                return provider.refused(script)
            case "throttle":
                return provider.throttled(script.retry_after)
            case "error" | "error_after_accept":
                return provider.broken(script.status or 503)
            case "drop" | "drop_after_accept":
                return Cut()
            case "bad_body" | "bad_body_not_taken":
                good = provider.accepted(sent)
                return PlainTextResponse("<html>Bad gateway</html>", good.status_code)
        await self.pause(script.seconds)
        return provider.accepted(sent) if script.do == "hang_after_accept" else provider.broken(503)

    def _accept(self, sent: Sent) -> None:
        sent.arrives = sent.script is None or sent.script.do not in ("fail", "bounce")
        if sent.script and sent.script.do == "held" and not sent.call:
            self._held[sent.id] = asyncio.Event()
        self.state.keep(sent)
        if sent.call:
            self.switchboard.ring(sent)
        else:
            self.outbox.start(self._carry(sent))

    def release(self, sent: Sent) -> bool:
        """Let held callbacks go; false where none are held."""
        held = self._held.get(sent.id)
        if held:
            held.set()
        return held is not None

    async def _carry(self, sent: Sent) -> None:
        if held := self._held.get(sent.id):
            try:
                await held.wait()
            finally:
                del self._held[sent.id]
        provider = self.providers[sent.provider]
        script = sent.script
        failed = provider.failure(script) if script else Step(0, "failed")
        for step in timeline(provider.course, failed, script, self.settings.simulator_delay):
            await asyncio.sleep(step.wait)
            self.advance(sent, step.status, step.code)
            if step.callbacks:
                await provider.report(sent, step)

    def advance(self, sent: Sent, status: str, code: str | None = None) -> None:
        """Move a message's status up; a failure is final."""
        known = status in RANK and sent.status in RANK
        if sent.error or (known and RANK.index(status) <= RANK.index(sent.status)):
            return
        sent.status, sent.error = status, code
        sent.sent_at = sent.sent_at or now()
        self.state.changed(sent)

    async def read(self, sent: Sent) -> None:
        """The person has seen it; said once, and only where read receipts exist."""
        told = sent.channel in READ_RECEIPTS and (sent.provider, sent.channel) not in NOT_TOLD
        if sent.status != "read" and not sent.error and told:
            self.advance(sent, "read")
            if not (sent.script and sent.script.do == "silent"):
                await self.providers[sent.provider].report(sent, Step(0, "read"))

    async def say(self, said: Said, to: Sent | None, choice: Choice | None) -> int | None:
        """The person answers; an answer means the message was read."""
        self.state.keep(said)
        if to:
            await self.read(to)
        return await self.providers[said.provider].reply(said, to, choice)

    async def pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the process."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)


#: Twilio has `read` of WhatsApp and RCS only ("Outbound message status in status callbacks").
NOT_TOLD = {("twilio", "messenger")}
READ_RECEIPTS = ("whatsapp", "rcs", "viber", "messenger", "push")


def new_id() -> str:
    return uuid4().hex
