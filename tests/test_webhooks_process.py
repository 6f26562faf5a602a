"""`python -m webhooks` as an operator runs it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from providers.known import PREFIXES
from tests.callbacks import BASE_URL, KEY, TOKEN, twilio_callback

ROOT = Path(__file__).parent.parent
TWILIO = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": "+15005550006"}
PUBLIC = {"PUBLIC_BASE_URL": BASE_URL, "ADDRESS_KEY": KEY}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def started(cwd: Path, **environment: str) -> subprocess.Popen[str]:
    """Away from any `.env` file, with nothing in the environment but this."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "webhooks"],
        cwd=cwd,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "ADDRESS_KEY is missing; PUBLIC_BASE_URL is missing\n"),
        (
            PUBLIC,
            f"no provider is configured: set the {', '.join(PREFIXES[:-1])} or {PREFIXES[-1]}"
            " variables (see .env.example)\n",
        ),
        ({**PUBLIC, "TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_AUTH_TOKEN is missing\n"),
        (
            {**PUBLIC, **TWILIO, "WEBHOOKS_PORT": "70000"},
            "WEBHOOKS_PORT: Input should be less than or equal to 65535\n",
        ),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    tmp_path: Path, environment: dict[str, str], said: str
) -> None:
    process = started(tmp_path, **environment)
    _, errors = process.communicate(timeout=120)

    assert (process.returncode, errors) == (2, said)


class Running:
    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process, self.port = process, port
        assert process.stdout
        self.first_line = process.stdout.readline()

    def open(self, path: str, data: bytes | None = None, **headers: str) -> int:
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data=data, headers=headers)
        try:
            with closing(urllib.request.urlopen(request, timeout=120)) as answer:
                status: int = answer.status
                return status
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    def stop(self) -> tuple[int, str]:
        self.process.terminate()
        _, errors = self.process.communicate(timeout=120)
        return self.process.returncode, errors

    def listening(self) -> bool:
        for _ in range(200):
            with socket.socket() as connection:
                if connection.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
            time.sleep(0.05)
        return False


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """With a Temporal that is away."""
    port, away = free_port(), f"127.0.0.1:{free_port()}"
    more = {"WEBHOOKS_PORT": str(port), "TEMPORAL_ADDRESS": away}
    process = started(tmp_path, **PUBLIC, **TWILIO, **more)
    with process:
        webhooks = Running(process, port)
        try:
            assert webhooks.listening()
            yield webhooks
        finally:
            process.kill()


def test_it_comes_up_without_temporal_asks_for_repeats_and_ends_well(running: Running) -> None:
    status = {"MessageSid": "SM1", "MessageStatus": "delivered", "From": "+1", "To": "+2"}
    callback = twilio_callback("status?m=order-secret.1", status)
    target = callback.url.removeprefix(BASE_URL)

    assert running.first_line == (
        f"webhooks of twilio on 127.0.0.1:{running.port}, public at {BASE_URL}\n"
    )
    assert running.open("/healthz") == 503
    assert running.open(target, callback.body, **callback.headers) == 503
    assert running.open(target, callback.body + b"x", **callback.headers) == 403
    assert running.open("/vonage/status", b"{}") == 404
    code, errors = running.stop()
    assert code == 0
    assert "order-secret" not in errors
    assert "Traceback" not in errors


def test_a_connection_cut_in_the_middle_of_a_body_does_no_harm(running: Running) -> None:
    head = b"POST /twilio/status HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na=1"
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", running.port)) as connection:
            connection.sendall(head)

    assert running.open("/twilio/status", b"a=1") == 403
    code, errors = running.stop()
    assert code == 0
    assert "Traceback" not in errors
