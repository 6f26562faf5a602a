"""A provider's HTTP edge on this machine that answers as it is told and counts what it gets."""

import select
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Answer:
    """`hang`: only after so many seconds, if the client is still there; `drop`: never, hang up.

    `drips`: the status at once, and then a byte now and then of a header or of the body, without
    end.
    """

    status: int = 201
    body: str = "{}"
    headers: dict[str, str] = field(default_factory=dict)
    hang: float = 0
    drop: bool = False
    drips: Literal["header", "body"] | None = None


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
    """The requests that were read so far, and the answers that the next ones get."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.answer = Answer()
        #: Those that dripped to their end, and the client was still there.
        self.waited_for: list[Answer] = []
        #: What some paths get instead.
        self.answers: dict[str, Answer] = {}
        handler = type("Handler", (_Handler,), {"canned": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        if tls:
            self.url = f"https://localhost:{self._server.server_address[1]}"
            # The first read shakes hands, in the thread of its request.
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def to(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def all_requests(self) -> list[Request]:
        """All that were made, also those that nobody waited for; takes no more after that."""
        self._server.shutdown()
        self._thread.join()
        while select.select([self._server], [], [], 0)[0]:
            self._server.handle_request()
        self._server.server_close()  # waits for every request under way
        return self.requests

    def close(self) -> None:
        if self._server.fileno() != -1:
            self.all_requests()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    canned: Canned

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._take(body.decode(errors="surrogateescape"))

    def do_GET(self) -> None:
        self._take(urlsplit(self.path).query)

    def _take(self, fields: str) -> None:
        path = urlsplit(self.path).path
        pairs = parse_qsl(fields, keep_blank_values=True)
        answer = self.canned.answers.get(path, self.canned.answer)
        self.canned.requests.append(Request(self.command, path, self.headers, pairs, fields))
        self.close_connection = True
        if answer.drop or (answer.hang and self._client_gone_within(answer.hang)):
            return
        if answer.drips:
            self._drip(answer)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body.encode())))
        # Said, as a client that does not know may send its next request on this connection.
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body.encode())

    def _drip(self, answer: Answer) -> None:
        """Until the client has gone, or for half a minute."""
        head = "X-Slow: " if answer.drips == "header" else "Content-Length: 1000000\r\n\r\n"
        self.wfile.write(f"HTTP/1.1 {answer.status} OK\r\n{head}".encode())
        for _ in range(600):
            if self._client_gone_within(0.05):
                return
            self.wfile.write(b"1")
        self.canned.waited_for.append(answer)

    def _client_gone_within(self, seconds: float) -> bool:
        self.connection.settimeout(seconds)
        with suppress(TimeoutError):
            self.connection.recv(1)
            return True
        return False

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that no longer waits is part of the tests."""


@contextmanager
def canned_server(tls: ssl.SSLContext | None = None) -> Iterator[Canned]:
    """One for each test: what comes late is then never another test's."""
    canned = Canned(tls)
    try:
        yield canned
    finally:
        canned.close()
