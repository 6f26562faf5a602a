"""`make demo` as its user meets it: alone, at a terminal, interrupted, with its ports taken."""

import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

COMMAND = [sys.executable, "-m", "starter", "demo"]
#: Only so that none hangs for ever: it is longer than the demo's own.
PATIENCE = 180


class Mark:
    """A variable that every process of one demo inherits, and nobody else's."""

    def __init__(self) -> None:
        self.value = uuid4().hex
        self.environment = {**os.environ, "FAILOVER_TEST": self.value}
        self.environment.pop("DEMO_AUTO", None)

    def left(self) -> list[str]:
        """The commands that still run."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                marked = (
                    f"FAILOVER_TEST={self.value}\0".encode() in (folder / "environ").read_bytes()
                )
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if marked and command:
                found.append(command)
        return found


@contextmanager
def occupied(*ports: int) -> Iterator[None]:
    held = []
    for port in ports:
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
            listening.listen()
        except OSError:
            listening.close()  # Somebody else has it: as good.
        else:
            held.append(listening)
    yield
    for listening in held:
        listening.close()


class Terminal:
    """The demo at a terminal, with hands on it."""

    def __init__(self) -> None:
        self._ours, theirs = pty.openpty()
        self.mark = Mark()
        environment = {**self.mark.environment, "TERM": "xterm", "COLUMNS": "100"}
        self.process = subprocess.Popen(
            COMMAND, stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.said = ""

    def begun(self) -> list[psutil.Process]:
        """The demo and all that it has begun, also those that have another environment."""
        demo = psutil.Process(self.process.pid)
        return [demo, *demo.children(recursive=True)]

    def end(self) -> None:
        """Also after a test that failed on the way."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE)

    def until(self, words: str) -> str:
        end = time.monotonic() + PATIENCE
        while words not in self.said:
            assert time.monotonic() < end, f"never said {words!r}: {self.said}"
            if select.select([self._ours], [], [], 0.2)[0]:
                self.said += os.read(self._ours, 65536).decode(errors="replace")
        return self.said

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < end, f"still running: {self.said}"
            if select.select([self._ours], [], [], 0.2)[0]:
                try:
                    self.said += os.read(self._ours, 65536).decode(errors="replace")
                except OSError:
                    break
        return self.process.wait(PATIENCE)

    def closed(self) -> None:
        """The window is closed: nothing can be written any more, and SIGHUP says so."""
        os.close(self._ours)
        self.process.send_signal(signal.SIGHUP)
        self.process.wait(PATIENCE)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    terminal.end()


def still_there(begun: list[psutil.Process]) -> list[psutil.Process]:
    """A process that reads to its end from one that is gone takes a moment."""
    return psutil.wait_procs(begun, timeout=10)[1]


def test_without_a_terminal_a_simulated_person_answers_the_sms() -> None:
    mark = Mark()

    with occupied(7233, 8233, 8300, 8400):
        ended = subprocess.run(
            COMMAND, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE,
            env=mark.environment,
        )  # fmt: skip

    assert ended.returncode == 0, ended.stdout + ended.stderr
    for port in (7233, 8233, 8300, 8400):
        assert f"Port {port} is taken" in ended.stdout
    story = [line.split("  ")[-1].strip() for line in ended.stdout.splitlines()]
    assert "send by vonage to +1415•••0100" in story
    assert "send by twilio to +1415•••0100" in story
    assert "“Yes”, chose yes" in story
    assert "responded" in story
    assert mark.left() == []


def test_at_a_terminal_a_typed_line_is_the_answer_and_ctrl_c_leaves_nothing(
    terminal: Terminal,
) -> None:
    terminal.until("type a reply here")
    terminal.until("accepted")
    time.sleep(1)  # A person reads before answering.
    terminal.type("Yes\n")
    terminal.until("chose")
    terminal.until("Ctrl-C ends it")
    begun = terminal.begun()
    # The demo, Temporal, the simulator, the webhooks, a worker and what fills its templates in.
    assert len(begun) == 6

    code = terminal.interrupt()

    assert code == 0
    assert still_there(begun) == []


def test_a_closed_terminal_leaves_nothing(terminal: Terminal) -> None:
    terminal.until("type a reply here")
    begun = terminal.begun()

    terminal.closed()

    assert still_there(begun) == []


@pytest.mark.parametrize("part", ["Temporal", "simulator", "webhooks", "worker"])
def test_ctrl_c_while_it_starts_leaves_nothing(terminal: Terminal, part: str) -> None:
    terminal.until("Starting")
    terminal.until(part)

    code = terminal.interrupt()

    assert code == 130
    assert terminal.mark.left() == []
