"""One call, whoever placed it: it rings, somebody answers, words are spoken, keys are pressed."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from typing import Protocol

from simulator.outbox import Outbox
from simulator.records import Sent
from simulator.settings import Settings
from simulator.state import State

#: Seconds in which a call that was dialled begins to ring.
PATIENCE = 2
SORRY = "We are sorry, an application error has occurred. Goodbye."


class Caller(Protocol):
    """The provider's side of a call: what it says, for how long, and whom it tells."""

    #: A script's code may be one of these; anything else is a failed call.
    endings: Sequence[str]

    @property
    def ring_time(self) -> float:
        """Seconds until the caller gives up."""

    @property
    def longest(self) -> float:
        """Seconds until the caller hangs up."""

    @property
    def listens(self) -> bool:
        """Whether it is found out who picked up."""

    async def speak(self, line: "LiveCall") -> None:
        """All that is said, and what the keys pressed lead to."""

    async def tell(self, line: "LiveCall", status: str) -> None:
        """Tell the webhook how far the call has come."""

    async def tell_end(self, line: "LiveCall", status: str) -> None:
        """The last that is told of it."""


class LiveCall:
    """The handset's side. Statuses are named as Twilio names them, whose calls came first."""

    def __init__(
        self, sent: Sent, caller: Caller, settings: Settings, state: State, outbox: Outbox
    ) -> None:
        assert sent.call is not None
        self._sent, self._call, self._caller = sent, sent.call, caller
        self._settings, self._state, self._outbox = settings, state, outbox
        self._picked_up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._rings = asyncio.Event()
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._talk: asyncio.Task[None] | None = None
        self._answered_at = 0.0

    async def run(self) -> None:
        """From dialling to the end; the end is always reported."""
        await self._enter("initiated")
        script = self._sent.script
        if script and script.do in ("fail", "bounce"):
            await asyncio.sleep(script.after or 0)
            code = script.code or ""
            await self._end(code if code in self._caller.endings else "failed", script.code)
            return
        await self._enter("ringing")
        self._rings.set()
        await asyncio.wait([self._picked_up], timeout=self._caller.ring_time)
        outcome = self._picked_up.result() if self._picked_up.done() else "no-answer"
        if outcome == "in-progress":
            await self._converse()
        await self._end("completed" if outcome == "in-progress" else outcome)

    async def rings(self) -> bool:
        """Whether somebody can pick up; a call just dialled is given the time to ring."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._rings.wait(), PATIENCE)
        return self._sent.status == "ringing" and not self._picked_up.done()

    async def answer(self, by: str) -> bool:
        """Pick up; false when it does not ring."""
        if not await self.rings():
            return False
        if self._caller.listens:
            self._call.answered_by = by
        self._answered_at = time.monotonic()
        self._show("in-progress")
        self._picked_up.set_result("in-progress")
        return True

    async def decline(self, outcome: str) -> bool:
        if not await self.rings():
            return False
        self._picked_up.set_result(outcome)
        return True

    def press(self, digits: str) -> bool:
        """Keys pressed before anybody asks for them wait for the next Gather."""
        if self._sent.status != "in-progress":
            return False
        self._call.digits += digits
        for key in digits:
            self._keys.put_nowait(key)
        self._state.changed(self._sent)
        return True

    def hang_up(self) -> bool:
        if self._talk is None:
            return False
        self._talk.cancel()
        return True

    async def _converse(self) -> None:
        self._talk = self._outbox.start(self._caller.speak(self))
        await self._caller.tell(self, "in-progress")
        await asyncio.wait([self._talk], timeout=self._caller.longest)
        self._talk.cancel()
        if self._talk.done() and not self._talk.cancelled() and self._talk.exception():
            self._call.said.append(SORRY)

    async def key(self, seconds: float) -> str:
        """The next key pressed, or nothing after so long."""
        try:
            return await asyncio.wait_for(self._keys.get(), seconds)
        except TimeoutError:
            return ""

    def listen(self, to_keys: bool) -> None:
        """Whether keys are asked for; the handset shows it."""
        self._call.gather = to_keys
        self._state.changed(self._sent)

    def say(self, text: str) -> None:
        if text:
            self._call.said.append(text)
        self._state.changed(self._sent)

    def length(self, text: str) -> float:
        """Seconds to say it."""
        return len(text.split()) / self._settings.simulator_speech_rate

    async def _enter(self, status: str) -> None:
        await asyncio.sleep(self._settings.simulator_delay)
        self._show(status)
        await self._caller.tell(self, status)

    async def _end(self, status: str, code: str | None = None) -> None:
        self._call.gather = False
        self._call.duration = 0
        if status == "completed":
            self._call.duration = max(1, round(time.monotonic() - self._answered_at))
        self._sent.error = code
        self._show(status)
        await self._caller.tell_end(self, status)

    def _show(self, status: str) -> None:
        self._sent.status = self._call.state = status
        self._state.changed(self._sent)
