"""The processes of a benchmark, and what they have used."""

import asyncio
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from time import monotonic

import httpx
import psutil

from benchmarks.report import Used
from benchmarks.sides import Side
from starter.ports import Ports
from starter.stack import Stack, StackError

STAND_IN = "benchmarks.stand_in"
#: The dev server reads the names of search attributes from its database at each use of one, 25
#: reads for each message (counted); its own comment says not to turn this on in production.
_AS_IN_PRODUCTION = (
    "--dynamic-config-value",
    "system.forceSearchAttributesCacheRefreshOnRead=false",
)
#: Seconds between two looks, and what both may use of a core when nothing is left to do.
_LOOK, _IDLE = 0.5, 0.2
_GLANCE = 0.02
#: Seconds until a send that was lost on its way to a worker has been looked up and repeated.
_PATIENCE = 150
_ANSWERED = "SignalWorkflowExecution"
#: Asked by the clock, or by the driver to see whether a message waits.
_ASIDE = re.compile("Poll(Workflow|Activity|Nexus)Task|RecordWorkerHeartbeat|DescribeWorkflow")
_REQUESTS = re.compile(r'^service_requests\{.*operation="(\w+)",service_name="frontend"\} (\S+)')


class System:
    """Temporal's dev server with a file database, the stand-in, and one worker at a time."""

    def __init__(self, folder: Path) -> None:
        self.stack = Stack(folder, Ports.any(), server_flags=_AS_IN_PRODUCTION)
        # One queue of sends, as the floor has.
        for name in list(self.stack.environment):
            if name.startswith(("SENDGRID_", "VONAGE_", "FCM_", "WEBPUSH_")):
                del self.stack.environment[name]
        # The sandbox imports the workflow anew for each message: from source, where Python may
        # keep no bytecode.
        self.stack.environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        self.stack.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.http = httpx.AsyncClient(base_url=self.stack.simulator, timeout=30)

    def start(self) -> None:
        self.stack.start_part("temporal")
        self.stack.start_part(STAND_IN)

    @asynccontextmanager
    async def worker(self, side: Side) -> AsyncIterator[None]:
        await asyncio.to_thread(self.stack.start_part, side.worker)
        try:
            yield
        finally:
            await asyncio.to_thread(self.stack.stop_part, side.worker)

    def used(self, side: Side) -> Used:
        return Used(server=self._cpu("temporal"), worker=self._cpu(side.worker))

    def memory(self, side: Side) -> int:
        """The worker's share of memory (PSS) where the system knows it, else its RSS."""
        about = self._process(side.worker).memory_full_info()
        return int(getattr(about, "pss", about.rss))

    def disk(self) -> int:
        """Bytes of the database that hold something, what is still in the WAL included."""
        path = f"file:{self.stack.folder / 'temporal.db'}?mode=ro"
        with closing(sqlite3.connect(path, uri=True, timeout=30)) as database:
            size, count, free = (
                database.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_size", "page_count", "freelist_count")
            )
        return int(size * (count - free))

    async def requests(self, answers: int) -> Counter[str]:
        """What the server was asked until it had so many answers, by operation.

        The server brings its counters up to date about once a second.
        """
        counted = await self._counted()
        while counted[_ANSWERED] < answers:
            await self._moment()
            counted = await self._counted()
        return counted

    async def _counted(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        for line in (await self.http.get(self._metrics)).text.splitlines():
            if (match := _REQUESTS.match(line)) and not _ASIDE.match(match[1]):
                counted[match[1]] += int(float(match[2]))
        return counted

    @property
    def _metrics(self) -> str:
        """At a port that the server picks, and says."""
        log = self.stack.log("temporal").read_text()
        found = re.search(r"Metrics: +(http\S+)", log)
        assert found, log
        return found[1]

    async def taken(self) -> int:
        """Sends that the stand-in has taken so far."""
        return int((await self.http.get("/taken")).json())

    async def until_taken(self, number: int) -> None:
        """Raises TimeoutError when no more sends come."""
        taken, before, end = await self.taken(), -1, 0.0
        while taken < number:
            if taken > before:
                before, end = taken, monotonic() + _PATIENCE
            elif monotonic() > end:
                raise TimeoutError(f"{number - taken} sends did not come in {_PATIENCE} s")
            await self._moment()
            taken = await self.taken()

    async def until_quiet(self, side: Side) -> None:
        """Until server and worker have nothing left to do, by what they use."""
        before = self.used(side).total
        while True:
            await asyncio.sleep(_LOOK)
            now = self.used(side).total
            if now - before < _LOOK * _IDLE:
                return
            before = now

    async def _moment(self) -> None:
        for part, process in self.stack.running.items():
            if process.poll() is not None:
                raise StackError(f"{part} ended by itself")
        await asyncio.sleep(_GLANCE)

    def _cpu(self, part: str) -> float:
        times = self._process(part).cpu_times()
        return times.user + times.system

    def _process(self, part: str) -> psutil.Process:
        return psutil.Process(self.stack.running[part].pid)
