"""One call: it rings, somebody answers, the TwiML is spoken, keys are pressed."""

import asyncio
import contextlib
import time
from urllib.parse import urljoin

from simulator.outbox import Outbox
from simulator.records import Sent
from simulator.settings import Settings
from simulator.state import State
from simulator.twilio.progress import Progress
from simulator.twilio.twiml import Gather, Hangup, Pause, Redirect, Say, Verb, parse

#: Twilio ends a call after four hours unless told otherwise.
LONGEST = 4 * 60 * 60
#: Seconds in which a call that was dialled begins to ring.
PATIENCE = 2
SORRY = "We are sorry, an application error has occurred. Goodbye."


class LiveCall:
    def __init__(self, sent: Sent, settings: Settings, state: State, outbox: Outbox) -> None:
        assert sent.call is not None
        self._sent, self._call = sent, sent.call
        self._settings, self._state, self._outbox = settings, state, outbox
        self._progress = Progress(sent, settings, outbox)
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
            await self._end(_final(script.code), script.code)
            return
        await self._enter("ringing")
        self._rings.set()
        await asyncio.wait([self._picked_up], timeout=float(self._sent.raw.get("Timeout", 60)))
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
        if self._sent.raw.get("MachineDetection"):
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
        await self._progress.report("in-progress")
        limit = float(self._sent.raw.get("TimeLimit", LONGEST))
        await asyncio.wait([self._talk], timeout=limit)
        self._talk.cancel()
        if self._talk.done() and not self._talk.cancelled() and self._talk.exception():
            self._call.said.append(SORRY)

    async def _speak(self) -> None:
        source, document = "", str(self._sent.raw.get("Twiml", ""))
        if not document:
            source = str(self._sent.raw["Url"])
            document = await self._progress.fetch(source, {})
        verbs = parse(document)
        while verbs:
            verb = verbs.pop(0)
            if isinstance(verb, Hangup):
                return
            if following := await self._perform(verb, source):
                source, document = following
                verbs = parse(document)

    async def _perform(self, verb: Verb, source: str) -> tuple[str, str] | None:
        """Carry out one verb; a verb that fetches new TwiML returns it with its address."""
        match verb:
            case Say(text):
                self._say(text)
                await asyncio.sleep(self._length(verb))
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Redirect(url):
                url = urljoin(source, url)
                return url, await self._progress.fetch(url, {})
            case Gather():
                digits = await self._gather(verb)
                if digits or verb.on_empty:
                    url = urljoin(source, verb.action)
                    pressed = {"Digits": digits, "FinishedOnKey": "", "msg": "Gather End"}
                    return url, await self._progress.fetch(url, pressed)
        return None

    async def _gather(self, gather: Gather) -> str:
        self._call.gather = True
        self._state.changed(self._sent)
        keys = ""
        for part in gather.parts:
            if not keys:
                self._say(part.text if isinstance(part, Say) else "")
                keys += await self._key(self._length(part))
        while not gather.complete(keys) and (key := await self._key(gather.timeout)):
            keys += key
        self._call.gather = False
        self._state.changed(self._sent)
        return gather.result(keys)

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

    def _length(self, part: Say | Pause) -> float:
        if isinstance(part, Pause):
            return part.seconds
        return len(part.text.split()) / self._settings.simulator_speech_rate

    async def _enter(self, status: str) -> None:
        await asyncio.sleep(self._settings.simulator_delay)
        self._show(status)
        await self._progress.report(status)

    async def _end(self, status: str, code: str | None = None) -> None:
        self._call.gather = False
        self._call.duration = 0
        if status == "completed":
            self._call.duration = max(1, round(time.monotonic() - self._answered_at))
        self._sent.error = code
        self._show(status)
        await self._progress.end(status)

    def _show(self, status: str) -> None:
        self._sent.status = self._call.state = status
        self._state.changed(self._sent)


def _final(code: str | None) -> str:
    """A script's code may be a call status of its own; anything else is a failed call."""
    return code if code in ("busy", "no-answer", "canceled") else "failed"
