"""Posts what a call tells, as the call's script wants it: late, twice, backwards or never."""

import asyncio

from simulator.outbox import Callback, Outbox
from simulator.records import Sent


class Bent:
    def __init__(self, sent: Sent, outbox: Outbox) -> None:
        self._sent, self._outbox = sent, outbox
        self._held: list[Callback] = []

    async def post(self, callback: Callback) -> None:
        script = self._sent.script
        match script and script.do:
            case "silent":
                return
            case "shuffled":
                self._held.insert(0, callback)
                return
            case "held":
                self._held.append(callback)
                return
            case "late":
                await asyncio.sleep(script.seconds if script else 0)
            case "twice":
                await self._outbox.send(callback, [self._sent])
        await self._outbox.send(callback, [self._sent])

    async def rest(self) -> None:
        """The call has ended: what was held goes out."""
        for callback in self._held:
            await self._outbox.send(callback, [self._sent])
