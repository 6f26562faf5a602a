"""How a program of ours that starts processes runs, is interrupted, and leaves."""

import asyncio
import os
import sys
from typing import NoReturn

import typer
from temporalio.runtime import Runtime, TelemetryConfig

from starter.interrupting import heed_wishes


def run_program(app: typer.Typer, name: str) -> NoReturn:
    """Exit code 2 for what cannot be meant, 130 when told to end."""
    # The Temporal client logs every retry while the server is down.
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)))
    heed_wishes()
    try:
        code = app(prog_name=name, standalone_mode=False)
    except typer.TyperException as error:
        typer.echo(error.format_message(), err=True)
        code = 2
    except (KeyboardInterrupt, typer.Abort, asyncio.CancelledError):
        code = 130
    sys.stdout.flush()
    sys.stderr.flush()
    # Temporal's client can crash the interpreter at a normal exit (sdk-python#300).
    os._exit(code or 0)
