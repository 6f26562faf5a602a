"""The verbs of what people wrote that belongs to no message."""

from typing import Annotated

import typer

from starter import inbound
from starter.options import Json, argument
from starter.temporal import perform

app = typer.Typer(help="What people wrote that belongs to no message we know.")

Reply = Annotated[str, argument("ID", "As `inbound` lists it.")]


@app.callback(invoke_without_command=True)
def listed(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="The newest so many.")] = 20,
    json: Json = False,
) -> int:
    """What people wrote that belongs to no message we know."""
    if ctx.invoked_subcommand:
        return 0
    return perform(lambda client, screen: inbound.listed(client, screen, limit=limit, as_json=json))


@app.command()
def show(id: Reply) -> int:
    """One of them, with its text."""
    return perform(lambda client, screen: inbound.show(client, screen, id))


@app.command()
def assign(id: Reply, message: Annotated[str, argument("MESSAGE", "A message's id.")]) -> int:
    """It belongs to this message; one that has ended has it as a late response."""
    return perform(lambda client, screen: inbound.assign(client, screen, id, message))


@app.command()
def done(id: Reply) -> int:
    """Nothing more is to be done about it."""
    return perform(lambda client, screen: inbound.done(client, screen, id))
