"""A TCP proxy of the run between two of its processes: it shares out, cuts, swallows and delays."""

import asyncio
import socket
import struct
from contextlib import suppress

from faults.harms import Cutting
from starter.ports import HOST

#: A closed socket then says RST instead of goodbye.
_AT_ONCE = struct.pack("ii", 1, 0)
#: When it has to leave, and what; nothing is the end.
_Chunk = tuple[float, bytes]


class Link:
    """Each connection goes to the next of these ports that takes it, as with a balancer."""

    def __init__(self, *ports: int) -> None:
        self._ports = ports
        self._turn = 0
        self._listening = socket.create_server((HOST, 0))
        self._serving: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._passing = asyncio.Event()
        self._passing.set()
        self._refusing = False
        self._delay = 0.0

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    async def open(self) -> None:
        self._serving = await asyncio.start_server(self._serve, sock=self._listening)

    async def close(self) -> None:
        if self._serving is None:
            self._listening.close()
            return
        self._serving.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def suffer(self, how: Cutting, lasts: float, delay: float) -> None:
        """Be harmed for so many seconds. What a black hole held goes on its way afterwards."""
        match how:
            case "reset":
                self._refusing = True
                for end in self._ends:
                    _reset(end)
            case "blackhole":
                self._passing.clear()
            case "slow":
                self._delay = delay
        await asyncio.sleep(lasts)
        self._refusing, self._delay = False, 0.0
        self._passing.set()

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._pass_on(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = {writer}
        try:
            if not self._refusing:
                there, thither = await self._connect()
                ends.add(thither)
                self._ends |= ends
                await self._both_ways((reader, thither), (there, writer))
        except* OSError:
            pass
        finally:
            self._ends -= ends
            for end in ends:
                _reset(end)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in self._ports[1:]:
            with suppress(OSError):
                return await asyncio.open_connection(HOST, self._next())
        return await asyncio.open_connection(HOST, self._next())

    def _next(self) -> int:
        self._turn += 1
        return self._ports[self._turn % len(self._ports)]

    async def _both_ways(self, *ways: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        async with asyncio.TaskGroup() as group:
            for reader, writer in ways:
                waiting = asyncio.Queue[_Chunk]()
                group.create_task(self._read(reader, waiting))
                group.create_task(self._write(waiting, writer))

    async def _read(self, reader: asyncio.StreamReader, waiting: asyncio.Queue[_Chunk]) -> None:
        clock, chunk = asyncio.get_running_loop().time, b"first"
        while chunk:
            chunk = await reader.read(65_536)
            waiting.put_nowait((clock() + self._delay, chunk))

    async def _write(self, waiting: asyncio.Queue[_Chunk], writer: asyncio.StreamWriter) -> None:
        while True:
            due, chunk = await waiting.get()
            await until(due)
            await self._passing.wait()
            if not chunk:
                break
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()


async def until(moment: float) -> None:
    """Wait for a time of the event loop's clock; not at all when it has passed."""
    await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))


def _reset(end: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    end.transport.abort()
