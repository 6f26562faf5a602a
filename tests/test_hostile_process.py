"""`python -m webhooks` among connections that are slow, many and large."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.callbacks import BASE_URL, KEY, TOKEN, twilio_callback
from tests.callbacks_sendgrid import EVENT_KEY, INBOUND_KEY, shown
from tests.test_webhooks_process import Running, free_port, started
from webhooks.app import ROOM

MEGABYTE = 1024 * 1024
ENVIRONMENT = {
    "PUBLIC_BASE_URL": BASE_URL,
    "ADDRESS_KEY": KEY,
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": TOKEN,
    "TWILIO_FROM": "+15005550006",
    "SENDGRID_API_KEY": "SG.key",
    "SENDGRID_FROM": "hello@example.org",
    "SENDGRID_EVENT_PUBLIC_KEY": shown(EVENT_KEY),
    "SENDGRID_INBOUND_PUBLIC_KEY": shown(INBOUND_KEY),
}
#: Matters to nobody, so it is taken without Temporal.
GOOD = twilio_callback("status?m=order-1.2", {"MessageSid": "SM1", "MessageStatus": "queued"})
HEAD = b"POST /twilio/status?m=order-1.2 HTTP/1.1\r\nHost: x\r\n"


class Slow(NamedTuple):
    first: bytes
    status: str  # empty where it is closed without an answer


SLOW = {
    "says nothing": Slow(b"", ""),
    "has an endless head": Slow(HEAD + b"X-Slow: ", ""),
    "has a slow body": Slow(HEAD + b"Content-Length: 60000\r\n\r\n", "408"),
    "has a slow body in chunks": Slow(HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFF\r\n", "408"),
    "goes on after its answer": Slow(
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n", "404"
    ),
}


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """With a Temporal that is away."""
    port, away = free_port(), f"127.0.0.1:{free_port()}"
    more = {"WEBHOOKS_PORT": str(port), "TEMPORAL_ADDRESS": away}
    with started(tmp_path, **ENVIRONMENT, **more) as process:
        webhooks = Running(process, port)
        try:
            assert webhooks.listening()
            yield webhooks
        finally:
            process.kill()


async def test_slow_connections_are_given_up_and_hold_nobody_up(running: Running) -> None:
    kinds = [kind for kind in SLOW for _ in range(50)]
    opened = [await connected(running.port) for _ in kinds]
    async with asyncio.timeout(240), asyncio.TaskGroup() as group:
        slow = [
            group.create_task(dripped(connection, SLOW[kind].first, drips=kind != "says nothing"))
            for kind, connection in zip(kinds, opened, strict=True)
        ]
        for _ in range(20):
            status = await asyncio.to_thread(running.open, target(), GOOD.body, **GOOD.headers)
            assert status == 200

    answers = [(kind, status_of(task.result())) for kind, task in zip(kinds, slow, strict=True)]
    assert Counter(answers) == {(kind, said.status): 50 for kind, said in SLOW.items()}


def target() -> str:
    return GOOD.url.removeprefix(BASE_URL)


async def connected(port: int) -> socket.socket:
    connection = socket.socket()
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    return connection


async def dripped(connection: socket.socket, first: bytes, *, drips: bool) -> bytes:
    """A connection that brings a byte a second, until it is closed; what it was answered."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, first)
    answered = asyncio.ensure_future(all_of(connection))
    while not answered.done():
        if drips:
            with suppress(ConnectionError):
                await loop.sock_sendall(connection, b"a")
        await asyncio.wait({answered}, timeout=1)
    connection.close()
    return answered.result()


async def all_of(connection: socket.socket) -> bytes:
    """Until it is closed, or reset because a byte crossed the close.

    A `StreamReader` forgets what came before the reset, and reads no more once a write failed.
    """
    came = b""
    with suppress(ConnectionError):
        while piece := await asyncio.get_running_loop().sock_recv(connection, 4096):
            came += piece
    return came


def status_of(answer: bytes) -> str:
    return answer.partition(b"\r\n")[0].partition(b" ")[2][:3].decode()


async def test_large_bodies_at_once_take_no_more_memory_than_there_is_room_for(
    running: Running,
) -> None:
    before = peak(running)
    limits = httpx.Limits(max_connections=10)
    url = f"http://127.0.0.1:{running.port}"
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=240) as http:
        statuses = await asyncio.gather(*(large(http) for _ in range(10)))
        alone = await large(http)

    assert set(statuses) == {403, 503}
    assert alone == 403
    assert peak(running) - before < 4 * ROOM
    assert running.open(target(), GOOD.body, **GOOD.headers) == 200


async def large(http: httpx.AsyncClient) -> int:
    """25 MB without a length and without a signature; a connection that is cut counts as 503."""

    async def body() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"a" * (MEGABYTE // 4)
            await asyncio.sleep(0)

    try:
        return (await http.post("/sendgrid/inbound", content=body())).status_code
    except httpx.TransportError:
        return 503


def peak(running: Running) -> int:
    """The most memory it has had so far, in bytes."""
    status = Path(f"/proc/{running.process.pid}/status")
    if not status.exists():
        pytest.skip("there is no /proc here")
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def test_more_connections_than_there_may_be_are_told_to_come_again(running: Running) -> None:
    held = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(1000)]
    try:
        assert running.open(target(), GOOD.body, **GOOD.headers) == 503
    finally:
        for connection in held:
            connection.close()
