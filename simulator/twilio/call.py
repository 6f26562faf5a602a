"""A call of Twilio's: the TwiML is spoken, and keys go to where it says."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urljoin

from simulator.call import LiveCall
from simulator.outbox import Outbox
from simulator.records import Sent
from simulator.settings import Settings
from simulator.twilio.progress import Progress
from simulator.twilio.twiml import Gather, Hangup, Pause, Redirect, Say, Verb, parse

#: Twilio ends a call after four hours unless told otherwise.
LONGEST = 4 * 60 * 60


class TwilioCaller:
    endings: Sequence[str] = ("busy", "no-answer", "canceled")

    def __init__(self, sent: Sent, settings: Settings, outbox: Outbox) -> None:
        self._sent = sent
        self._progress = Progress(sent, settings, outbox)

    @property
    def ring_time(self) -> float:
        return float(self._sent.raw.get("Timeout", 60))

    @property
    def longest(self) -> float:
        return float(self._sent.raw.get("TimeLimit", LONGEST))

    @property
    def listens(self) -> bool:
        return bool(self._sent.raw.get("MachineDetection"))

    async def tell(self, line: LiveCall, status: str) -> None:
        await self._progress.report(status)
        if status == "in-progress":
            await self._progress.detected()

    async def tell_end(self, line: LiveCall, status: str) -> None:
        await self._progress.end(status)

    async def speak(self, line: LiveCall) -> None:
        source, document = "", str(self._sent.raw.get("Twiml", ""))
        if not document:
            source = str(self._sent.raw["Url"])
            document = await self._progress.fetch(source, {})
        verbs = parse(document)
        while verbs:
            verb = verbs.pop(0)
            if isinstance(verb, Hangup):
                return
            if following := await self._perform(line, verb, source):
                source, document = following
                verbs = parse(document)

    async def _perform(self, line: LiveCall, verb: Verb, source: str) -> tuple[str, str] | None:
        """Carry out one verb; a verb that fetches new TwiML returns it with its address."""
        match verb:
            case Say(text):
                line.say(text)
                await asyncio.sleep(line.length(text))
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Redirect(url):
                url = urljoin(source, url)
                return url, await self._progress.fetch(url, {})
            case Gather():
                digits = await self._gather(line, verb)
                if digits or verb.on_empty:
                    url = urljoin(source, verb.action)
                    pressed = {"Digits": digits, "FinishedOnKey": "", "msg": "Gather End"}
                    return url, await self._progress.fetch(url, pressed)
        return None

    async def _gather(self, line: LiveCall, gather: Gather) -> str:
        line.listen(True)
        keys = ""
        for part in gather.parts:
            if not keys:
                line.say(part.text if isinstance(part, Say) else "")
                keys += await line.key(_lasts(line, part))
        while not gather.complete(keys) and (key := await line.key(gather.timeout)):
            keys += key
        line.listen(False)
        return gather.result(keys)


def _lasts(line: LiveCall, part: Say | Pause) -> float:
    return part.seconds if isinstance(part, Pause) else line.length(part.text)
