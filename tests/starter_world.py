"""A dev server, and the command line run as an operator runs it, for the tests of `starter`."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from failover.names import TASK_QUEUE, SearchAttribute
from failover.start import start_options
from starter.flags import Flags, asked
from starter.ports import Ports
from tests.starter_stand_in import StandIn, send_sms

ROOT = Path(__file__).parent.parent
ATTRIBUTES = dict.fromkeys(SearchAttribute, "Keyword") | {SearchAttribute.REPLY_KEYS: "KeywordList"}


@dataclass
class Ran:
    code: int
    out: str
    err: str


@dataclass
class World:
    client: Client
    address: str

    async def starter(self, *args: str, stdin: str = "", **settings: str) -> Ran:
        """`python -m starter …` in a process of its own."""
        process = await self.begin(args, settings)
        out, err = await process.communicate(stdin.encode())
        return Ran(process.returncode or 0, out.decode(), err.decode())

    async def send(self, id: str, *more: str, text: str = "Be home at 9?") -> Ran:
        number = ("--sms", "(415) 555-0100", "--region", "US")
        return await self.starter("send", "--id", id, "--text", text, *number, *more)

    async def sent(self, id: str, **flags: Any) -> None:
        """The same as `send` without a process, where sending is not what is tested."""
        usual = {"id": id, "text": "Be home at 9?", "addresses": [("sms", "+1 415 555 0100")]}
        message = asked(Flags(**(usual | flags)), datetime.now(UTC))
        await self.client.start_workflow("Message", message, **start_options(message))

    async def until(self, *args: str, shows: str) -> Ran:
        """The same again until it shows this: visibility, for one, is eventually consistent."""
        async with asyncio.timeout(20):
            while True:
                if shows in (ran := await self.starter(*args)).out:
                    return ran
                await asyncio.sleep(0.1)

    async def on_terminal(self, *args: str, columns: int) -> str:
        """What a terminal of this width is told, escape codes and all."""
        ours, theirs = os.openpty()
        settings = {"TERM": "xterm-256color", "COLUMNS": str(columns)}
        process = await self.begin(args, settings, stdout=theirs)
        os.close(theirs)
        await process.wait()
        told = b""
        with os.fdopen(ours, "rb", buffering=0) as terminal, suppress(OSError):
            while piece := terminal.read(65536):
                told += piece
        return told.decode()

    async def begin(
        self,
        args: Sequence[str],
        settings: Mapping[str, str] | None = None,
        stdout: int = asyncio.subprocess.PIPE,
    ) -> asyncio.subprocess.Process:
        ours = {"TEMPORAL_ADDRESS": self.address, "TZ": "UTC"}
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "starter", *args),
            cwd=ROOT,
            env={**os.environ, **ours, **(settings or {})},
            stdin=asyncio.subprocess.PIPE,
            stdout=stdout,
            stderr=asyncio.subprocess.PIPE,
        )

    def worker(self, task_queue: str = TASK_QUEUE) -> Worker:
        everything = SandboxRestrictions.default.with_passthrough_all_modules()
        return Worker(
            self.client,
            task_queue=task_queue,
            workflows=[StandIn],
            activities=[send_sms],
            workflow_runner=SandboxedWorkflowRunner(restrictions=everything),
        )


@asynccontextmanager
async def dev_server() -> AsyncIterator[World]:
    """Temporal on this machine, in memory; no worker runs yet."""
    port = str(Ports.any().temporal)
    known = [f"--search-attribute={name}={kind}" for name, kind in ATTRIBUTES.items()]
    server = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("temporal"),
        *("server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", port, *known),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield World(await _client(f"127.0.0.1:{port}"), f"127.0.0.1:{port}")
    finally:
        server.terminate()
        await server.wait()


async def _client(address: str) -> Client:
    while True:
        try:
            return await Client.connect(address, data_converter=pydantic_data_converter)
        except RuntimeError:
            await asyncio.sleep(0.1)
