"""`make demo` as its user meets it: alone, at a terminal, interrupted, with its ports taken."""

import os
import pty
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

COMMAND = [sys.executable, "-m", "starter", "demo"]
PATIENCE = 60


def processes_with(port: int) -> list[str]:
    """What still runs of a demo, found by its Temporal address in the environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if f"TEMPORAL_ADDRESS=127.0.0.1:{port}\0".encode() in environment:
            found.append(command)
    return found


def temporal_port(said: str) -> int:
    page = re.search(r"http://127\.0\.0\.1:(\d+)/namespaces", said)
    assert page, said
    taken = re.search(r"Temporal is on (\d+)", said)
    return int(taken[1]) if taken else 7233


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
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
        environment.pop("DEMO_AUTO", None)
        self.process = subprocess.Popen(
            COMMAND, stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
            start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        self.said = ""

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


def test_without_a_terminal_a_simulated_person_answers_the_sms() -> None:
    with occupied(7233, 8233, 8300, 8400):
        ended = subprocess.run(
            COMMAND, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE
        )

    assert ended.returncode == 0, ended.stdout + ended.stderr
    for port in (7233, 8233, 8300, 8400):
        assert f"Port {port} is taken" in ended.stdout
    story = [line.split("  ")[-1].strip() for line in ended.stdout.splitlines()]
    assert "send by vonage to +1415•••0100" in story
    assert "send by twilio to +1415•••0100" in story
    assert "“Yes”, chose yes" in story
    assert "responded" in story
    assert processes_with(temporal_port(ended.stdout)) == []


def test_at_a_terminal_a_typed_line_is_the_answer_and_ctrl_c_leaves_nothing() -> None:
    terminal = Terminal()
    terminal.until("type a reply here")
    terminal.until("accepted")
    time.sleep(1)  # A person reads before answering.
    terminal.type("Yes\n")
    terminal.until("chose")
    said = terminal.until("Ctrl-C ends it")

    code = terminal.interrupt()

    assert code == 0
    assert processes_with(temporal_port(said)) == []


def test_ctrl_c_while_it_starts_leaves_nothing() -> None:
    with occupied(7233):
        terminal = Terminal()
        said = terminal.until("Starting the webhooks")

        code = terminal.interrupt()

    taken = re.search(r"Temporal is on (\d+)", said)
    assert taken
    assert code == 130
    assert processes_with(int(taken[1])) == []
