"""`python -m benchmarks`: what a message costs, beside the smallest workflow by hand."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.report import Report
from benchmarks.run import run
from benchmarks.sizes import SIZES
from benchmarks.table import events, figures
from starter import interrupting
from starter.run_program import run_program
from starter.stack import StackError

SizeName = StrEnum("SizeName", {name.upper(): name for name in SIZES})  # type: ignore[misc]

DEFAULT = SizeName("default")
_WIDTH = 120

app = typer.Typer(add_completion=False)


@app.command()
def benchmarks(
    size: Annotated[SizeName, typer.Option(help="How large the run is.")] = DEFAULT,
    json: Annotated[Path | None, typer.Option(help="A file for everything measured.")] = None,
) -> int:
    """Send messages, and the floor's, through one Temporal server; then compare what it cost."""
    try:
        report = interrupting.run(run(size.value, lambda what: typer.echo(what, err=True)))
    except (StackError, TimeoutError) as error:
        why = str(error) or "it took too long"
        typer.echo(f"the benchmark could not be finished: {why}", err=True)
        return 2
    if json:
        json.write_text(report.model_dump_json(indent=1))
    _show(report)
    wrong = report.too_many_events()
    for one in wrong:
        typer.echo(one, err=True)
    return 1 if wrong else 0


def _show(report: Report) -> None:
    before, after = report.load
    console = Console(width=_WIDTH)
    console.print(f"{report.at}, {report.machine}; load {before:.1f} before, {after:.1f} after.")
    console.print(f"{report.versions}; size {report.size}.\n")
    console.print(figures(report))
    console.print(events(report))


if __name__ == "__main__":
    run_program(app, "python -m benchmarks")
