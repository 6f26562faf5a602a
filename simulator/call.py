"""One call, whoever placed it: it rings, somebody answers, words are spoken, keys are pressed."""

import asyncio
import contextlib
import time
from collections.abc import Sequence

from simulator.outbox import Outbox
from simulator.records import Sent
from simulator.settings import Settings
from simulator.state import State

#: Seconds in which a call that was dialled begins to ring.
PATIENCE = 2
SORRY = "We are sorry, an application error has occurred. Goodbye."


class LiveCall:
    """The handset's side. Statuses are named as Twilio names them, whose calls came first."""

    #: A script's code may be one of these; anything else is a failed call.
    endings: Sequence[str] = ("busy", "no-answer", "canceled")

    def __init__(self, sent: Sent, settings: Settings, state: State, outbox: Outbox) -> None:
        assert sent.call is not None
        self._sent, self._call = sent, sent.call
        self._settings, self._state, self._outbox = settings, state, outbox
        self._picked_up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._rings = asyncio.Event()
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._talk: asyncio.Task[None] | None = None
        self._answered_at = 0.0

    @property
    def _ring_time(self) -> float:
        """Seconds until the caller gives up."""
        raise NotImplementedError

    @property
    def _longest(self) -> float:
        """Seconds until the caller hangs up."""
        raise NotImplementedError

    @property
    def _listens(self) -> bool:
        """Whether it is found out who picked up."""
        raise NotImplementedError

    async def _speak(self) -> None:
        raise NotImplementedError

    async def _tell(self, status: str) -> None:
        """Tell the webhook how far the call has come."""
        raise NotImplementedError

    async def _tell_end(self, status: str) -> None:
        raise NotImplementedError

    async def run(self) -> None:
        """From dialling to the end; the end is always reported."""
        await self._enter("initiated")
        script = self._sent.script
        if script and script.do in ("fail", "bounce"):
            await asyncio.sleep(script.after or 0)
            code = script.code or ""
            await self._end(code if code in self.endings else "failed", script.code)
            return
        await self._enter("ringing")
        self._rings.set()
        await asyncio.wait([self._picked_up], timeout=self._ring_time)
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
        if self._listens:
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
        self._talk = self._outbox.start(self._speak())
        await self._tell("in-progress")
        await asyncio.wait([self._talk], timeout=self._longest)
        self._talk.cancel()
        if self._talk.done() and not self._talk.cancelled() and self._talk.exception():
            self._call.said.append(SORRY)

    async def _key(self, seconds: float) -> str:
        """The next key pressed, or nothing after so long."""
        try:
            return await asyncio.wait_for(self._keys.get(), seconds)
        except TimeoutError:
            return ""

    def _say(self, text: str) -> None:
        if text:
            self._call.said.append(text)
        self._state.changed(self._sent)

    def _length(self, text: str) -> float:
        """Seconds to say it."""
        return len(text.split()) / self._settings.simulator_speech_rate

    async def _enter(self, status: str) -> None:
        await asyncio.sleep(self._settings.simulator_delay)
        self._show(status)
        await self._tell(status)

    async def _end(self, status: str, code: str | None = None) -> None:
        self._call.gather = False
        self._call.duration = 0
        if status == "completed":
            self._call.duration = max(1, round(time.monotonic() - self._answered_at))
        self._sent.error = code
        self._show(status)
        await self._tell_end(status)

    def _show(self, status: str) -> None:
        self._sent.status = self._call.state = status
        self._state.changed(self._sent)
