"""The process that fills templates in: begun when first asked, and anew when it has died."""

import atexit
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_SCRIPT = Path(__file__).with_name("filling.py")

#: What is known of a person, and of the context.
Values = Mapping[str, Mapping[str, object]]
#: A text, whether it is HTML, and which of the values are for it.
Template = tuple[str, bool, int]


class Filled(BaseModel):
    """What became of a text: one of the two is there."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    said: str | None = None
    fault: str | None = None


_TAKES_TOO_LONG = Filled(fault="the template takes too much: time")


class Apart:
    """All that is asked at once may take `seconds` of a processor; then its process is ended.

    A process of its own for each message would take longer to begin than most take to fill in.
    """

    def __init__(self, seconds: int = 2) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        atexit.register(self.end)

    def filled(self, values: Sequence[Values], texts: Sequence[Template]) -> list[Filled]:
        """What became of each text; nothing of those after one that takes too long.

        Raises `ChildProcessError` where the process dies of something else.
        """
        line = json.dumps({"values": values, "texts": texts}) + "\n"
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
        return subprocess.Popen(
            [sys.executable, "-P", str(_SCRIPT), str(self._seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it might quote a text
            text=True,
        )

    def _died_of(self) -> int:
        process, self._process = self._process, None
        assert process
        process.communicate()
        return process.wait()
