"""Runs the simulator inside a test, with credentials of its own, and a webhook that writes down."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from simulator.server import create_server
from simulator.settings import Settings


def settings(public_base_url: str, **changes: Any) -> Settings:
    """Settings for all providers with fresh keys, no delays, on a free port."""
    values: dict[str, Any] = {
        "public_base_url": public_base_url,
        "simulator_port": 0,
        "simulator_delay": 0.01,
        "simulator_speech_rate": 10_000,
        "simulator_sendgrid_private_key": private_pem(ec.generate_private_key(ec.SECP256R1())),
        "twilio_account_sid": "AC" + "0" * 32,
        "twilio_auth_token": "token",
        "sendgrid_api_key": "SG.key",
        "sendgrid_reply_domain": "reply.example.com",
        "vonage_application_id": "00000000-0000-4000-8000-000000000000",
        "vonage_private_key": private_pem(rsa.generate_private_key(65537, 2048)),
        "vonage_signature_secret": "a signature secret, 32 characters",
        "fcm_service_account": json.dumps(_account()),
        "webpush_private_key": "of no use to a push service",
    }
    return Settings(_env_file=None, **(values | changes))


def _account() -> dict[str, str]:
    return {
        "project_id": "deliveries-1",
        "private_key": private_pem(rsa.generate_private_key(65537, 2048)),
        "client_email": "push@deliveries-1.iam.gserviceaccount.com",
        "token_uri": "https://oauth2.googleapis.com/token",
    }


def private_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@contextmanager
def running(chosen: Settings) -> Iterator[str]:
    """The simulator in a thread; gives its URL, stops it at the end."""
    server = create_server(chosen)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started or not thread.is_alive())
    assert server.started, "the simulator did not start"
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://{chosen.simulator_host}:{port}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Hook:
    """One request that reached the webhook."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Webhook:
    """Writes down what it gets; `answers` maps a path to a status and a body."""

    url: str
    hooks: list[Hook] = field(default_factory=list)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)

    def to(self, path: str) -> list[Hook]:
        return [hook for hook in self.hooks if hook.path.partition("?")[0] == path]

    def wait(self, path: str, count: int = 1) -> list[Hook]:
        """What came to a path, as soon as there is so much of it."""
        until(lambda: len(self.to(path)) >= count)
        return self.to(path)


@contextmanager
def webhook() -> Iterator[Webhook]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    recorder = Webhook(f"http://127.0.0.1:{server.server_port}")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            recorder.hooks.append(Hook(self.path, dict(self.headers.items()), body))
            status, answer = recorder.answers.get(self.path.partition("?")[0], (200, ""))
            with suppress(ConnectionError):  # a client that has gone meanwhile
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer.encode())))
                self.end_headers()
                self.wfile.write(answer.encode())

        def log_message(self, *args: Any) -> None:
            pass

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def until(true: Callable[[], Any], seconds: float = 10) -> None:
    """Wait for something to become true; fails when it does not."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
