"""A call of Twilio's: the TwiML is spoken, and keys go to where it says."""

import asyncio
from urllib.parse import urljoin

from simulator.call import LiveCall
from simulator.outbox import Outbox
from simulator.records import Sent
from simulator.settings import Settings
from simulator.state import State
from simulator.twilio.progress import Progress
from simulator.twilio.twiml import Gather, Hangup, Pause, Redirect, Say, Verb, parse

#: Twilio ends a call after four hours unless told otherwise.
LONGEST = 4 * 60 * 60


class TwilioCall(LiveCall):
    def __init__(self, sent: Sent, settings: Settings, state: State, outbox: Outbox) -> None:
        super().__init__(sent, settings, state, outbox)
        self._progress = Progress(sent, settings, outbox)

    @property
    def _ring_time(self) -> float:
        return float(self._sent.raw.get("Timeout", 60))

    @property
    def _longest(self) -> float:
        return float(self._sent.raw.get("TimeLimit", LONGEST))

    @property
    def _listens(self) -> bool:
        return bool(self._sent.raw.get("MachineDetection"))

    async def _tell(self, status: str) -> None:
        await self._progress.report(status)

    async def _tell_end(self, status: str) -> None:
        await self._progress.end(status)

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
                await asyncio.sleep(self._length(text))
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
                keys += await self._key(self._lasts(part))
        while not gather.complete(keys) and (key := await self._key(gather.timeout)):
            keys += key
        self._call.gather = False
        self._state.changed(self._sent)
        return gather.result(keys)

    def _lasts(self, part: Say | Pause) -> float:
        return part.seconds if isinstance(part, Pause) else self._length(part.text)
