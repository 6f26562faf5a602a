"""What verbs have in common, and the options of `send`: what typer gathers, as `Flags`."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from starter.errors import BadInput
from starter.flags import Flags

_ORDER = "addresses in the order given"


def option(metavar: str, help: str) -> Any:
    return typer.Option(metavar=metavar, help=help)


def argument(metavar: str, help: str) -> Any:
    return typer.Argument(metavar=metavar, help=help)


Id = Annotated[str, argument("ID", "The message's id.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


def address(help: str) -> Any:
    """An option that is the address on the channel it is named after."""
    return typer.Option(help=help, callback=_remember, metavar="ADDRESS")


def others(help: str) -> Any:
    """For channels that have no option of their own."""
    return typer.Option(
        "--address", help=help, callback=_remember_others, metavar="CHANNEL=ADDRESS"
    )


def flags(ctx: typer.Context) -> Flags:
    given = ctx.params
    alike = ("text", "subject", "region", "wait", "until", "deadline", "id", "name")
    return Flags(
        **{name: given[name] for name in (*alike, "conversation", "recipient_id", "notify")},
        addresses=ctx.meta.get(_ORDER, ()),
        steps=given["step"] or (),
        providers=given["providers"] or (),
        choices=given["choice"] or (),
        context=given["context"] or (),
        on_other=given["on_other"],
        confirm_link=given["confirm_link"],
    )


def typed(ctx: typer.Context, besides: Sequence[str]) -> list[str]:
    """The options that were typed, as they are typed."""
    sources = {name: ctx.get_parameter_source(name) for name in ctx.params if name not in besides}
    return [
        f"--{name.replace('_', '-')}"
        for name, source in sources.items()
        if source is not None and source.name == "COMMANDLINE"
    ]


def _remember(ctx: typer.Context, param: typer.CallbackParam, given: str | None) -> str | None:
    """Options are processed in the order typed: that is the order in which to try them."""
    if given is not None:
        _add(ctx, param.name or "", given)
    return given


def _remember_others(ctx: typer.Context, given: list[str] | None) -> list[str] | None:
    for entry in given or ():
        channel, equals, where = entry.partition("=")
        if not equals:
            raise BadInput(f"--address {entry}: write a channel and an address, like push=token")
        _add(ctx, channel.strip(), where)
    return given


def _add(ctx: typer.Context, channel: str, where: str) -> None:
    ctx.meta.setdefault(_ORDER, []).append((channel, where))
