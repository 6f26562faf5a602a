"""Which ports the parts of the system listen on, here on this machine."""

import random
import socket
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass

HOST = "127.0.0.1"
#: Below the ports that Linux, macOS and Windows hand out by themselves.
QUIET = range(20_000, 32_000)


@dataclass(frozen=True)
class Ports:
    temporal: int = 7233
    web_ui: int = 8233
    webhooks: int = 8300
    simulator: int = 8400
    codec: int = 8500

    @classmethod
    def free(cls, usual: "Ports | None" = None) -> "Ports":
        """The usual ones where they are free, others where they are taken."""
        usual, taken = usual or cls(), set[int]()
        chosen = {}
        for name, port in vars(usual).items():
            chosen[name] = _free_port(port, taken)
            taken.add(chosen[name])
        return cls(**chosen)

    @classmethod
    def any(cls) -> "Ports":
        return cls.free(cls(0, 0, 0, 0, 0))


def connects(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex((HOST, port)) == 0


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _free_port(wanted: int, taken: set[int]) -> int:
    """The wanted one, else one that no connection of this machine is given in the meantime."""
    for port in filter(None, (wanted, *random.sample(QUIET, 100))):
        with socket.socket() as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                listening.bind((HOST, port))
                if port not in taken:
                    return port
    raise OSError("no port is free on this machine")
