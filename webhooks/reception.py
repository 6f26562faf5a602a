"""A provider's request as it came, with limits on how much and how long."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fastapi import Request
from starlette.requests import ClientDisconnect

from providers.base import Callback


class TooLarge(Exception):
    """More bytes than this route takes."""


class TooSlow(Exception):
    """The body did not come in time, or not to its end."""


class TooMany(Exception):
    """Other large bodies take up the room there is."""


#: Bytes that every body may have; what it has beyond them needs room.
SMALL = 64 * 1024

Take = Callable[[int], None]


class Room:
    """Bytes of large bodies held at once; strangers' bodies are read before they are checked."""

    def __init__(self, most: int) -> None:
        self._left = most

    @contextmanager
    def for_one(self) -> Iterator[Take]:
        """What takes room for one body, until the end of the block. It raises `TooMany`."""
        held = 0

        def take(size: int) -> None:
            nonlocal held
            if size > self._left:
                raise TooMany
            self._left -= size
            held += size

        try:
            yield take
        finally:
            self._left += held


async def received(
    request: Request, *, base_url: str, limit: int, patience: float, take: Take
) -> Callback:
    """The callback. Raises `TooLarge` before the rest of the body is read, `TooSlow`, `TooMany`."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 15 or int(declared) > limit):
        raise TooLarge
    try:
        async with asyncio.timeout(patience):
            body = await _read(request, limit, take)
    except (TimeoutError, ClientDisconnect):
        raise TooSlow from None
    # Names come in lower case from ASGI; of a header given twice the last one counts.
    headers = {
        name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers.raw
    }
    return Callback(url=_public(request, base_url), headers=headers, body=body)


async def _read(request: Request, limit: int, take: Take) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge
        if len(body) > SMALL:
            take(len(chunk))
    return bytes(body)


def _public(request: Request, base_url: str) -> str:
    """What the provider called: our public address, never what Host or X-Forwarded-* say."""
    path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    query: bytes = request.scope["query_string"]
    said = path.partition(b"?")[0] + (b"?" + query if query else b"")
    return base_url + said.decode("latin-1")
