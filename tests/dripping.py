"""A server that never comes to an end: a byte now and then, until the client has gone."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Dripping:
    def __init__(self, first: bytes) -> None:
        """`first`: what it says at once, when it was spoken to."""
        self._first = first
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._waited_for: list[bool] = []
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            with connection:
                if self._closing.is_set():
                    return
                self._waited_for.append(not self._hung_up(connection))

    def _hung_up(self, connection: socket.socket) -> bool:
        connection.settimeout(0.05)
        said = self._first
        with suppress(ConnectionError):
            for _ in range(300):
                try:
                    if not connection.recv(65536):
                        return True
                except TimeoutError:
                    connection.sendall(said)
                    said = b"\0"
            return False
        return True

    def given_up(self) -> bool:
        """Whether there was a client, and every one hung up before the end; serves no more."""
        self.close()
        return bool(self._waited_for) and not any(self._waited_for)

    def close(self) -> None:
        """After the connections under way."""
        if not self._closing.is_set():
            self._closing.set()
            with socket.create_connection(("127.0.0.1", self.port)):
                self._thread.join()
            self._listening.close()


@contextmanager
def dripping(first: bytes) -> Iterator[Dripping]:
    server = Dripping(first)
    try:
        yield server
    finally:
        server.close()
