"""The processes that fill templates in: begun when first asked, and anew when one has died."""

import atexit
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, JsonValue

_HERE = Path(__file__).parent.parent
#: What Python needs to begin; no secret of ours is where templates run.
_NEEDED = {
    name: os.environ[name]
    for name in ("LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "TMPDIR")
    if name in os.environ
}

#: A text, whether it is HTML, and which of the people it is for.
Template = tuple[str, bool, int]

log = logging.getLogger("workers")


class Filled(BaseModel):
    """What became of a text: one of the two is there."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    said: str | None = None
    fault: str | None = None


_TAKES_TOO_LONG = Filled(fault="the template takes too much: time")


class Asked(BaseModel):
    """All texts of a message, with what is known to all of them and of each person."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    context: Mapping[str, JsonValue]
    people: Sequence[Mapping[str, str | None]]
    texts: Sequence[Template]


class Apart:
    """All that is asked at once may take `seconds` of a processor; then its process is ended.

    A process of its own for each message would take longer to begin than most take to fill in.
    """

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        atexit.register(self.end)

    def filled(self, asked: Asked) -> list[Filled]:
        """What became of each text; nothing of those after one that takes too long.

        Raises `ChildProcessError` where the process cannot begin, or dies of something else.
        """
        line, texts = json.dumps(asked.model_dump()) + "\n", asked.texts
        with self._lock:
            told = self._told(line, len(texts))
            died_of = self._died_of() if len(told) < len(texts) else None
            if died_of not in (None, -signal.SIGXCPU):  # perhaps somebody ended it while it idled
                told = self._told(line, len(texts))
                died_of = self._died_of() if len(told) < len(texts) else None
        if died_of == -signal.SIGXCPU:
            return [*told, _TAKES_TOO_LONG]
        if died_of is not None:
            raise ChildProcessError(f"what fills templates in ended with {died_of}")
        return told

    def end(self) -> None:
        with self._lock:
            if self._process:
                self._process.kill()
                self._died_of()

    def _told(self, line: str, count: int) -> list[Filled]:
        process = self._process = self._process or self._begun()
        assert process.stdin
        assert process.stdout
        told: list[Filled] = []
        try:
            process.stdin.write(line)
            process.stdin.flush()
            while len(told) < count and (answer := process.stdout.readline()).endswith("\n"):
                told.append(Filled.model_validate_json(answer))
        except BrokenPipeError:
            pass
        return told

    def _begun(self) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "activities.filling", str(self._seconds)],
            env={**_NEEDED, "PYTHONPATH": str(_HERE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,  # until it is ready; later it might quote a text
            text=True,
        )
        assert process.stdout
        assert process.stderr
        if process.stdout.readline() == "ready\n":
            process.stderr.close()
            process.stderr = None
            return process
        _, said = process.communicate()
        why = (said.strip().splitlines() or [f"it ended with {process.returncode}"])[-1]
        log.error("what fills templates in cannot begin: %s", why)
        raise ChildProcessError(f"what fills templates in cannot begin: {why}")

    def _died_of(self) -> int:
        process, self._process = self._process, None
        assert process
        process.communicate()
        return process.wait()


class Several:
    """Each is begun when those before it are busy: one that takes long holds up no other."""

    def __init__(self, most: int, seconds: int = 5) -> None:
        self._free: queue.LifoQueue[Apart] = queue.LifoQueue()
        for _ in range(most):
            self._free.put(Apart(seconds))

    def filled(self, asked: Asked) -> list[Filled]:
        apart = self._free.get()
        try:
            return apart.filled(asked)
        finally:
            self._free.put(apart)
