"""`python -m starter`: run one verb, and leave with its exit code."""

import asyncio
import contextlib
import os
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

import typer
from temporalio.runtime import Runtime, TelemetryConfig

from starter.errors import NotDone, one_line
from starter.verbs import app

_CALLED = "python -m starter"
_INTERRUPTED = 130


def main() -> NoReturn:
    # The Temporal client logs to standard output, where our own words go.
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)))
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    _leave(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """The exit code: 0 done, 1 what was asked did not happen, 2 it cannot be meant."""
    try:
        code = app(list(args) or ["--help"], prog_name=_CALLED, standalone_mode=False)
    except NotDone as error:
        return _complain(str(error), error.exit_code)
    except typer.TyperException as error:
        where = getattr(getattr(error, "ctx", None), "command_path", _CALLED)
        fault = error.format_message().rstrip(".").replace("Value error, ", "")
        return _complain(f"{fault}; see {where} --help", 2)
    except (KeyboardInterrupt, typer.Abort, asyncio.CancelledError):
        return _INTERRUPTED
    except SystemExit as left:  # typer's own, when nobody reads on: `list | head`
        return left.code if isinstance(left.code, int) else 1
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        said = f"unexpected {type(error).__name__} at {at.filename}:{at.lineno}: {error}"
        return _complain(said, 1)
    return code or 0


def _complain(text: str, code: int) -> int:
    typer.echo(one_line(text), err=True)
    return code


def _leave(code: int) -> NoReturn:
    """Without the interpreter's own farewell: a short Temporal client can crash in it.

    It dies with SIGSEGV in 11 of 60 tries, after its work is done (temporalio/sdk-python#300).
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
