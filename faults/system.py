"""The real processes, and the hand that kills, freezes and cuts them off as the plan says."""

import asyncio
import signal
import socket
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

import httpx

from faults.harms import Cut, Freeze, Kill, Outage, Victim
from faults.link import Link, until
from faults.record import Harmed
from starter.ports import HOST, Ports
from starter.stack import Stack

WORKERS = ("worker", "worker-2")
WEBHOOKS = ("webhooks", "webhooks-2")
#: Seconds a worker waits for a provider's answer.
HTTP_TIMEOUT = 3.0
_PARTS: Mapping[Victim, tuple[str, ...]] = {"workers": WORKERS, "both webhooks": WEBHOOKS}
_PROVIDERS = ("TWILIO", "VONAGE", "SENDGRID")


class System:
    """Dev server, simulator, two workers, and two webhooks behind a balancer; in one folder.

    `worker-2` reaches the server by a link that can be cut.
    """

    def __init__(self, folder: Path, breaker_sends: int) -> None:
        ports = Ports.any()
        # Nothing is encrypted here, so that the port of the codec server is nobody's.
        self._door = Link(ports.webhooks, ports.codec)
        self._to_server = Link(ports.temporal)
        shared = {
            "SIMULATOR_DELAY": "0.2",
            "PUBLIC_BASE_URL": f"http://{HOST}:{self._door.port}",
            **_each("TIMEOUT", HTTP_TIMEOUT),
            **_each("BREAKER_SENDS", breaker_sends),
            **_each("BREAKER_SECONDS", 2),
        }
        own = {
            "worker-2": {"TEMPORAL_ADDRESS": f"{HOST}:{self._to_server.port}"},
            "webhooks-2": {"WEBHOOKS_PORT": str(ports.codec)},
        }
        self.stack = Stack(folder, ports, shared, own=own)
        self.harms: list[Harmed] = []
        #: Held while one of them is dead.
        self._all_alive = asyncio.Lock()

    async def start(self) -> None:
        await self._door.open()
        await self._to_server.open()
        await asyncio.to_thread(self.stack.start)
        for part in (*WORKERS[1:], *WEBHOOKS[1:]):
            await asyncio.to_thread(self.stack.start_part, part)

    async def stop(self) -> None:
        """Leave nothing behind, however it stands with each of them."""
        await asyncio.to_thread(self._stop)
        await self._door.close()
        await self._to_server.close()

    def _stop(self) -> None:
        for part in [part for part in self.stack.running if part.startswith("worker")]:
            self.stack.kill(part)
        self.stack.stop()

    async def die(self, kills: Sequence[Kill], began: float) -> None:
        """Kill and start again, one after the other, at the plan's times at the earliest."""
        for kill in kills:
            await until(began + kill.at)
            async with self._all_alive:
                await self._kill(_PARTS.get(kill.victim, (kill.victim,)), kill.down)

    async def _kill(self, parts: Sequence[str], down: float) -> None:
        for part in parts:
            self._note(part, "kill", self.stack.running[part])
            await asyncio.to_thread(self.stack.kill, part)
        await asyncio.sleep(down)
        await asyncio.gather(*(asyncio.to_thread(self.stack.start_part, part) for part in parts))

    async def freeze(self, freezes: Sequence[Freeze], began: float) -> None:
        """Stop a worker for longer than it may be silent, then let it go on where it was."""
        for freeze in freezes:
            await until(began + freeze.at)
            async with self._all_alive:
                process = self.stack.running[freeze.victim]
                process.send_signal(signal.SIGSTOP)
                harm = self._note(freeze.victim, "freeze", process)
            await asyncio.sleep(freeze.lasts)
            process.send_signal(signal.SIGCONT)
            self._over(harm)

    async def cut_off(self, cuts: Sequence[Cut], began: float) -> None:
        """Harm the link between the second worker and the server."""
        for cut in cuts:
            await until(began + cut.at)
            async with self._all_alive:
                harm = self._note("worker-2", cut.how, self.stack.running["worker-2"])
            await self._to_server.suffer(cut.how, cut.lasts, cut.delay)
            self._over(harm)

    def logs(self, parts: Iterable[str]) -> list[Path]:
        return [self.stack.log(part) for part in parts]

    def _note(self, part: str, how: str, process: Popen[bytes]) -> int:
        worker = f"{process.pid}@{socket.gethostname()}"
        self.harms.append(Harmed(how=how, part=part, worker=worker, at=datetime.now(UTC)))
        return len(self.harms) - 1

    def _over(self, number: int) -> None:
        over = {"back": datetime.now(UTC)}
        self.harms[number] = self.harms[number].model_copy(update=over)


async def break_down(http: httpx.AsyncClient, outages: Sequence[Outage], began: float) -> None:
    """A whole provider fails for a while, at the plan's times."""
    for outage in outages:
        await until(began + outage.at)
        await _order(http, outage.provider, outage.do)
        await asyncio.sleep(outage.lasts)
        await _order(http, outage.provider, None)


async def _order(http: httpx.AsyncClient, provider: str, do: str | None) -> None:
    answer = await http.post("/simulator/outages", json={"provider": provider, "do": do})
    answer.raise_for_status()


def _each(name: str, value: float) -> dict[str, str]:
    return {f"{provider}_{name}": str(value) for provider in _PROVIDERS}
