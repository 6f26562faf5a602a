"""A limit for the whole of an exchange with a provider, to the last byte of its answer.

The timeouts of requests, urllib3 and urllib are for each wait on the socket, and begin anew with
each byte; none of the three has one for all of them (aiohttp does: providers/outside.py). Without
a limit a provider that sends a byte now and then would hold a send for as long as it likes.

A name with several addresses may take the time of each to connect, and TLS its own; but nothing is
sent once the time is over.
"""

import http.client
import io
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import Any

import requests
import urllib3.connection
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager

from providers.trusted import by_default, preset

_ends: ContextVar[float] = ContextVar("ends", default=float("inf"))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """For all that this thread does in the block; of two blocks the one that ends first counts."""
    before = _ends.set(min(_ends.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _ends.reset(before)


def left() -> float | None:
    """Seconds; None where there is no limit. Raises TimeoutError where there are none."""
    if (ends := _ends.get()) == float("inf"):
        return None
    if (seconds := ends - time.monotonic()) <= 0:
        raise TimeoutError("the time for all of it is over")
    return seconds


@contextmanager
def locked(lock: Lock) -> Iterator[None]:
    """Raises TimeoutError where others have it until the time is over."""
    if not lock.acquire(timeout=left() or -1):
        raise TimeoutError("others took all of the time")
    try:
        yield
    finally:
        lock.release()


#: Of an answer that is there when the time is over: the seconds that a wait for it may take, and
#: the reads, of 8192 bytes each.
_THERE, _LATE = 0.001, 128


class _Reader(io.RawIOBase):
    """A socket's bytes: each wait has what is left of the time for all of them.

    What came in time is read, also by a thread that is late; it does not wait for more.
    """

    def __init__(self, sock: socket.socket, raw: io.RawIOBase) -> None:
        self._socket, self._raw, self._late = sock, raw, _LATE

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if (seconds := self._wait()) is not None:
            self._socket.settimeout(seconds)
        return self._raw.readinto(buffer)

    def _wait(self) -> float | None:
        try:
            return left()
        except TimeoutError:
            self._late -= 1
            if self._late < 0:
                raise
            return _THERE

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Reader(sock, self.fp.detach()))


class _Limited(http.client.HTTPConnection):
    response_class = _Answer

    def connect(self) -> None:
        if (seconds := left()) is not None:
            self.timeout = seconds
        super().connect()

    def send(self, data: Any) -> None:
        """All that goes out goes through here."""
        if self.sock is None:
            self.connect()
        if (seconds := left()) is not None:
            self.sock.settimeout(seconds)
        super().send(data)


class _Http(_Limited, urllib3.connection.HTTPConnection):
    """Of urllib3."""


class _Https(_Limited, urllib3.connection.HTTPSConnection):
    """Of urllib3, with TLS."""

    def connect(self) -> None:
        preset(self)
        super().connect()


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class Adapter(HTTPAdapter):
    """For sessions of requests: `timeout` is for the whole exchange."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        _limit(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):  # which has pools of its own
            _limit(manager)
        return manager

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        with within(timeout):
            answer = super().send(request, stream, timeout, verify, cert, proxies)
            _ = answer.content  # read here; what asks for it later gets what was read
            return answer


def _limit(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class _Secure(_Limited, http.client.HTTPSConnection):
    """Of the standard library, with TLS."""


class Plain(urllib.request.HTTPHandler):
    """For urllib, in a block of `within`."""

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Limited, req)


class Tls(urllib.request.HTTPSHandler):
    """For urllib, in a block of `within`."""

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Secure, req, context=by_default())
