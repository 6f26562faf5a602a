"""A provider's HTTP edge on this machine that answers as it is told and counts what it gets."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Answer:
    """`hang` is in seconds before it; `drop` closes the connection instead of it."""

    status: int = 201
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    hang: float = 0
    drop: bool = False


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Message
    fields: list[tuple[str, str]]
    body: str = ""

    def field(self, name: str) -> str | None:
        return dict(self.fields).get(name)


class Canned:
    """The requests that came, and the answer that the next ones get."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer = Answer()
        self.url = ""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    canned: Canned

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._take(body.decode())

    def do_GET(self) -> None:
        self._take(urlsplit(self.path).query)

    def _take(self, fields: str) -> None:
        path = urlsplit(self.path).path
        pairs = parse_qsl(fields, keep_blank_values=True)
        self.canned.requests.append(Request(self.command, path, self.headers, pairs, fields))
        answer = self.canned.answer
        time.sleep(answer.hang)
        self.close_connection = True
        if answer.drop:
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body.encode())))
        self.end_headers()
        self.wfile.write(answer.body.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that no longer waits is part of the tests."""


@contextmanager
def canned_server() -> Iterator[Canned]:
    canned = Canned()
    handler = type("Handler", (_Handler,), {"canned": canned})
    with _Server(("127.0.0.1", 0), handler) as server:
        canned.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield canned
        finally:
            server.shutdown()
            thread.join()
