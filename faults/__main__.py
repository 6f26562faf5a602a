"""`python -m faults`: kill everything, and prove that no message is lost or doubled."""

import time
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from faults.check import Finding, broken
from faults.plan import make_plan
from faults.record import Record
from faults.run import run
from faults.sizes import SIZES
from faults.table import complaint, table
from starter import interrupting
from starter.run_program import run_program
from starter.stack import StackError

SizeName = StrEnum("SizeName", {name.upper(): name for name in SIZES})  # type: ignore[misc]

DEFAULT = SizeName("default")
KEPT = Path("fault-runs")
#: Failures that open a breaker, with --breakers: soon reached, where most sends have a mishap.
QUICK = 5

app = typer.Typer(add_completion=False)


@app.command()
def faults(
    size: Annotated[SizeName, typer.Option(help="How large the run is.")] = DEFAULT,
    seed: Annotated[int | None, typer.Option(help="The same seed is the same plan.")] = None,
    messages: Annotated[int | None, typer.Option(min=1, help="Instead of the size's.")] = None,
    kills_every: Annotated[float | None, typer.Option(min=0.5, help="Seconds.")] = None,
    server_kills: Annotated[int | None, typer.Option(min=0, help="Instead of the size's.")] = None,
    breakers: Annotated[bool, typer.Option("--breakers", help="With quick ones.")] = False,
    keep: Annotated[Path, typer.Option(help="For what a broken promise leaves behind.")] = KEPT,
) -> int:
    """Send to scripted people while processes are killed, frozen and cut off; then check."""
    usual = SIZES[size]
    chosen = replace(
        usual,
        messages=messages or usual.messages,
        kills_every=kills_every or usual.kills_every,
        server_kills=usual.server_kills if server_kills is None else server_kills,
        breaker_sends=QUICK if breakers else usual.breaker_sends,
    )
    plan = make_plan(int(time.time()) if seed is None else seed, chosen)
    folder = keep / str(plan.seed)
    typer.echo(f"{chosen.messages} messages, {len(plan.harms.kills)} kills, seed {plan.seed}")
    try:
        record, findings = interrupting.run(run(plan, chosen, folder, typer.echo))
    except (StackError, TimeoutError) as error:
        why = str(error) or "it took too long"
        typer.echo(f"the run could not be finished, --seed {plan.seed}: {why}", err=True)
        return 2
    return _verdict(record, findings, folder)


def _verdict(record: Record, findings: list[Finding], folder: Path) -> int:
    typer.echo(table(record, findings))
    if wrong := broken(findings):
        typer.echo(f"{complaint(record, wrong)}\nkept in {folder}", err=True)
        return 1
    return 0


if __name__ == "__main__":
    run_program(app, "python -m faults")
