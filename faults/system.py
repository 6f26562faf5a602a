"""The real processes, and the hand that kills them with -9 as the plan says."""

import asyncio
import socket
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx

from faults.plan import Kill, Outage, Victim
from faults.record import Killed
from starter.ports import Ports
from starter.stack import Stack

WORKERS = ("worker", "worker-2")
#: Seconds a worker waits for a provider's answer.
HTTP_TIMEOUT = 3.0


class System:
    """Dev server, simulator, webhooks and two workers in one folder."""

    def __init__(self, folder: Path) -> None:
        timeouts = {f"{p}_TIMEOUT": str(HTTP_TIMEOUT) for p in ("TWILIO", "VONAGE", "SENDGRID")}
        self.stack = Stack(folder, Ports.any(), {"SIMULATOR_DELAY": "0.2", **timeouts})
        self.kills: list[Killed] = []

    def start(self) -> None:
        self.stack.start()
        for part in WORKERS[1:]:
            self.stack.start_part(part)

    def stop(self) -> None:
        """Leave nothing behind, however it stands with each of them."""
        for part in [part for part in self.stack.running if part.startswith("worker")]:
            self.stack.kill(part)
        self.stack.stop()

    async def die(self, kills: Sequence[Kill], began: float) -> None:
        """Kill and start again, one after the other, at the plan's times at the earliest."""
        for kill in kills:
            await until(began + kill.at)
            await asyncio.to_thread(self._kill, kill.victim)
            await asyncio.sleep(kill.down)
            await asyncio.gather(
                *(asyncio.to_thread(self.stack.start_part, part) for part in _parts(kill.victim))
            )

    def _kill(self, victim: Victim) -> None:
        for part in _parts(victim):
            process = self.stack.running[part]
            worker = f"{process.pid}@{socket.gethostname()}"
            self.kills.append(Killed(part=part, worker=worker, at=datetime.now(UTC)))
            self.stack.kill(part)


async def break_down(http: httpx.AsyncClient, outages: Sequence[Outage], began: float) -> None:
    """A whole provider fails for a while, at the plan's times."""
    for outage in outages:
        await until(began + outage.at)
        await _order(http, outage.provider, outage.do)
        await asyncio.sleep(outage.lasts)
        await _order(http, outage.provider, None)


async def until(moment: float) -> None:
    """Wait for a time of the event loop's clock; not at all when it has passed."""
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))


async def _order(http: httpx.AsyncClient, provider: str, do: str | None) -> None:
    answer = await http.post("/simulator/outages", json={"provider": provider, "do": do})
    answer.raise_for_status()


def _parts(victim: Victim) -> tuple[str, ...]:
    return WORKERS if victim == "workers" else (victim,)
