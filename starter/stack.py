"""The whole system on this machine, with the simulator in the providers' place."""

import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.converter import DataConverter

from failover.names import SearchAttribute
from starter.interrupting import undisturbed
from starter.ports import HOST, Ports, answers, connects
from starter.sandbox import aimed_at, clean_environment, credentials
from workflows.encryption import Keys, data_converter

ROOT = Path(__file__).resolve().parent.parent
#: In the order of starting; ended the other way round, so that nobody's server goes first.
PARTS = ("temporal", "simulator", "webhooks", "worker")
_PATIENCE = 60.0
#: A worker lets a send that is under way come to its end.
_FAREWELL = 15.0


class StackError(Exception):
    """A part did not come up; names the part and the end of its log."""


@dataclass
class Stack:
    """The processes, their environment and their logs, in one folder."""

    folder: Path
    ports: Ports = field(default_factory=Ports.free)
    extra: Mapping[str, str] = field(default_factory=dict)
    #: What one part alone has in its environment, by its name.
    own: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: More of `temporal server start-dev`.
    server_flags: tuple[str, ...] = ()
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    #: Held while a part is begun, which may be in another thread than the end of all.
    _beginning: threading.Lock = field(default_factory=threading.Lock)
    _over: bool = False

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "temporal.toml").touch()
        self.environment = {**clean_environment(), **self._settings(), **self.extra}

    @property
    def temporal(self) -> str:
        return f"{HOST}:{self.ports.temporal}"

    @property
    def web_ui(self) -> str:
        return f"http://{HOST}:{self.ports.web_ui}"

    @property
    def webhooks(self) -> str:
        return f"http://{HOST}:{self.ports.webhooks}"

    @property
    def simulator(self) -> str:
        return f"http://{HOST}:{self.ports.simulator}"

    @property
    def codec(self) -> str:
        """By the token in its path: the dev server's Web UI sends neither cookie nor header."""
        return f"http://{HOST}:{self.ports.codec}/{self.environment['CODEC_TOKEN']}"

    @property
    def parts(self) -> tuple[str, ...]:
        return (*PARTS, "codec") if "PAYLOAD_KEYS" in self.environment else PARTS

    @property
    def converter(self) -> DataConverter:
        """For a client that reads what is in there."""
        written = self.environment.get("PAYLOAD_KEYS")
        return data_converter(Keys.parse(written) if written else Keys())

    def start(self, say: Callable[[str], None] = lambda _: None) -> None:
        for part in self.parts:
            say(part)
            self.start_part(part)

    def start_part(self, part: str) -> None:
        """Start one part and wait until it serves. Raises `StackError`, also after `stop`."""
        log = self.log(part)
        seen = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output, undisturbed(), self._beginning:
            if self._over:
                raise StackError(f"{part} was not started: everything is being stopped")
            # A session of its own: Ctrl-C is for us, and we end the parts in order.
            self.running[part] = subprocess.Popen(
                self._command(part),
                cwd=self.folder,
                env=self._environment_of(part),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._wait_until_serving(part, seen)

    def kill(self, part: str) -> None:
        """As a crash would: at once, with nothing said."""
        process = self.running.pop(part)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """For good."""
        with self._beginning:
            self._over = True
        more = [part for part in self.running if part not in PARTS]
        for part in (*more, *reversed(PARTS)):
            self.stop_part(part)

    def stop_part(self, part: str) -> None:
        process = self.running.pop(part, None)
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log(self, part: str) -> Path:
        return self.folder / f"{part}.log"

    def _environment_of(self, part: str) -> dict[str, str]:
        return {**self.environment, **self.own.get(part, {})}

    def _command(self, part: str) -> list[str]:
        if part == "temporal":
            return self._temporal_command()
        module = {"codec": "webhooks.codec", "worker": "workers"}
        kind = _kind(part)
        return [sys.executable, "-m", module.get(kind, kind)]

    def _temporal_command(self) -> list[str]:
        found = shutil.which("temporal") or str(Path(sys.executable).parent / "temporal")
        ports = f"--port {self.ports.temporal} --ui-port {self.ports.web_ui}"
        # WAL with synchronous=FULL loses nothing at a power cut; NORMAL loses acknowledged starts.
        pragmas = "--sqlite-pragma journal_mode=WAL --sqlite-pragma synchronous=FULL"
        command = f"server start-dev --ip {HOST} {ports} {pragmas} --log-level error".split()
        for name in SearchAttribute:
            kind = "KeywordList" if name == SearchAttribute.REPLY_KEYS else "Keyword"
            command += ["--search-attribute", f"{name}={kind}"]
        if "codec" in self.parts:
            command += ["--ui-codec-endpoint", self.codec]
        command += self.server_flags
        return [found, *command, "--db-filename", str(self.folder / "temporal.db")]

    def _settings(self) -> dict[str, str]:
        ports = self.ports
        return {
            **credentials(),
            "TEMPORAL_ADDRESS": self.temporal,
            "TEMPORAL_CONFIG_FILE": str(self.folder / "temporal.toml"),
            "TEMPORAL_UI_URL": self.web_ui,
            "PUBLIC_BASE_URL": self.webhooks,
            "WEBHOOKS_HOST": HOST,
            "WEBHOOKS_PORT": str(ports.webhooks),
            "SIMULATOR_HOST": HOST,
            "SIMULATOR_PORT": str(ports.simulator),
            "CODEC_PORT": str(ports.codec),
            "CODEC_ALLOWED_ORIGIN": self.web_ui,
            **aimed_at(self.simulator),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }

    def _wait_until_serving(self, part: str, seen: int) -> None:
        end = time.monotonic() + _PATIENCE
        while not self._serves(part, seen):
            if self.running[part].poll() is not None or time.monotonic() > end:
                lines = self.log(part).read_text(errors="replace").strip().splitlines()[-5:]
                raise StackError(f"{part} did not start: " + " / ".join(lines or ["nothing said"]))
            time.sleep(0.1)

    def _serves(self, part: str, seen: int) -> bool:
        match _kind(part):
            case "temporal":
                return connects(self.ports.temporal) and answers(self.web_ui)
            case "webhooks":
                port = self._environment_of(part)["WEBHOOKS_PORT"]
                return answers(f"http://{HOST}:{port}/healthz")
            case "simulator":
                return answers(f"{self.simulator}/simulator/health")
            case "codec":
                return answers(f"http://{HOST}:{self.ports.codec}/healthz")
            case _:
                return b"serving workflows" in self.log(part).read_bytes()[seen:]


def _kind(part: str) -> str:
    """More than one of a kind: "worker-2" and so on are parts, too."""
    return part.rstrip("-0123456789")
