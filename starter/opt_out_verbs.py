"""The verbs of opt-outs."""

from typing import Annotated

import typer

from starter import opt_outs
from starter.options import Json, argument, option
from starter.temporal import perform

app = typer.Typer(help="Who said stop: listed by hash, looked up, entered and ended by address.")

Address = Annotated[str, argument("ADDRESS", "A phone number in any spelling, or an email.")]
Region = Annotated[str | None, option("US", "Country of a number without +.")]
Reason = Annotated[str, typer.Option(help="Kept with it; do not write who it is.")]


@app.callback(invoke_without_command=True)
def listed(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="The newest so many.")] = 20,
    json: Json = False,
) -> int:
    """Who said stop: listed by hash, looked up, entered and ended by address."""
    if ctx.invoked_subcommand:
        return 0
    return perform(lambda client, screen: opt_outs.show(client, screen, limit=limit, as_json=json))


@app.command()
def check(address: Address, region: Region = None) -> int:
    """Has this address said stop? Exit code 1 where it has not."""
    whom = opt_outs.named(address, region)
    return perform(lambda client, screen: opt_outs.check(client, screen, whom))


@app.command()
def end(address: Address, region: Region = None, reason: Reason = "") -> int:
    """Write to this address again."""
    whom = opt_outs.named(address, region)
    return perform(lambda client, screen: opt_outs.end(client, screen, whom, reason))


@app.command()
def add(address: Address, region: Region = None, reason: Reason = "") -> int:
    """Send nothing to this address from now on."""
    whom = opt_outs.named(address, region)
    return perform(lambda client, screen: opt_outs.add(client, screen, whom, reason))
