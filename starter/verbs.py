"""The operator's command line: one function a verb, each returning its exit code."""

import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Annotated

import typer
from temporalio.client import Client

from failover.channels import Channel, Goal
from failover.content import Other
from failover.names import SearchAttribute
from starter import (
    acting,
    agent_verbs,
    checking,
    inbound_verbs,
    listing,
    opt_out_verbs,
    options,
    sending,
    showing,
    standing,
    watching,
)
from starter.errors import BadInput
from starter.flags import asked
from starter.listing import Status
from starter.options import Id, Json, address, argument, option
from starter.screen import Screen
from starter.temporal import perform

app = typer.Typer(
    help="Start messages, follow them, and step in.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if sys.stdout.isatty() else None,
)


Many = list[str] | None
_PHONE = "A phone number in any spelling."


@app.command()
def send(
    ctx: typer.Context,
    file: Annotated[str | None, argument("FILE", "JSON; - is standard input.")] = None,
    text: Annotated[str | None, option("TEXT", "What to say.")] = None,
    subject: Annotated[str | None, option("TEXT", "For email.")] = None,
    whatsapp: Annotated[str | None, address(_PHONE)] = None,
    sms: Annotated[str | None, address(_PHONE)] = None,
    email: Annotated[str | None, address("An email address.")] = None,
    voice: Annotated[str | None, address(_PHONE)] = None,
    phone: Annotated[str | None, address("One number for every phone channel of --step.")] = None,
    others: Annotated[Many, options.others("Other channels: viber=+1…")] = None,
    region: Annotated[str | None, option("US", "Country of numbers without +.")] = None,
    wait: Annotated[str, option("SPAN", "On each channel: 30m, 2h, PT30M.")] = "30m",
    step: Annotated[Many, option("sms:20m", "In order; else as the addresses come.")] = None,
    providers: Annotated[Many, option("sms=twilio,vonage", "In order.")] = None,
    choice: Annotated[Many, option("yes=Yes", "An answer to offer; repeat it.")] = None,
    on_other: Annotated[Other, option("WHAT", f"{', '.join(Other)}.")] = Other.ACCEPT,
    confirm_link: Annotated[bool, typer.Option("--confirm-link", help="To a page of it.")] = False,
    until: Annotated[Goal, option("GOAL", f"{', '.join(Goal)}.")] = Goal.REPLIED,
    deadline: Annotated[str | None, option("TIME", "Or a span from now: 6h.")] = None,
    id: Annotated[str | None, option("ID", "The same id is the same message.")] = None,
    conversation: Annotated[str | None, option("ID", "What the message belongs to.")] = None,
    recipient_id: Annotated[str | None, option("ID", "Your own id of the person.")] = None,
    context: Annotated[Many, option("NAME=VALUE", "Yours; agents see it. Repeat it.")] = None,
    notify: Annotated[str | None, option("URL", "Where your service hears of it.")] = None,
    name: Annotated[str | None, option("NAME", "The person's.")] = None,
    wait_for_end: Annotated[bool, typer.Option("--wait-for-end", help="And watch it.")] = False,
) -> int:
    """Start a message, from a file or from flags."""
    return _send(ctx, file, wait_for_end=wait_for_end)


def _send(ctx: typer.Context, file: str | None, *, wait_for_end: bool) -> int:
    if file is None:
        message = asked(options.flags(ctx), datetime.now(UTC))
    elif typed := options.typed(ctx, besides=("file", "wait_for_end")):
        raise BadInput(f"a file says it all: leave out {', '.join(typed)}, or the file")
    else:
        message = sending.read_message(file)
    checking.refuse_what_nobody_can_send(message)

    async def start(client: Client, screen: Screen) -> int:
        code = await sending.send(client, screen, message)
        return await watching.watch(client, screen, message.id) if wait_for_end else code

    return perform(start)


@app.command()
def check(file: Annotated[str, argument("FILE", "JSON; - is standard input.")]) -> int:
    """Say all that is wrong with a message, by this environment. Nothing is sent."""
    return checking.look_at(file)


@app.command()
def show(id: Id, json: Json = False) -> int:
    """One message: what was asked, what has happened."""
    if json:
        return perform(lambda client, screen: showing.show_json(client, screen, id))
    return perform(lambda client, screen: showing.show(client, screen, id))


@app.command()
def watch(id: Id) -> int:
    """One message live; exit code 0 if it ends well."""
    return perform(lambda client, screen: watching.watch(client, screen, id))


@app.command("list")
def list_messages(
    status: Annotated[Status | None, option("STATUS", f"{', '.join(Status)}.")] = None,
    channel: Annotated[Channel | None, option("CHANNEL", "That it was sent on last.")] = None,
    recipient: Annotated[str | None, option("ID", "Your own id of the person.")] = None,
    conversation: Annotated[str | None, option("ID", "What it belongs to.")] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="The newest so many.")] = 20,
    json: Json = False,
) -> int:
    """Messages, the newest first."""
    given = {
        SearchAttribute.CHANNEL: channel,
        SearchAttribute.RECIPIENT: recipient,
        SearchAttribute.CONVERSATION: conversation,
    }
    wanted = {name.value: value for name, value in given.items() if value is not None}

    async def find(client: Client, screen: Screen) -> int:
        found = await listing.listing(client, wanted, state=status, limit=limit)
        if json:
            listing.print_json(screen, found)
        else:
            listing.print_list(screen, found, limit)
        return 0

    return perform(find)


@app.command()
def respond(
    id: Id,
    text: Annotated[str | None, argument("TEXT", "What the person said.")] = None,
    channel: Annotated[str | None, option("CHANNEL", "Else where it was sent last.")] = None,
    choice: Annotated[str | None, option("ID", "Which of the answers offered it is.")] = None,
) -> int:
    """Enter an answer that came some other way."""
    if not (text or choice):
        raise BadInput("what did the person say? give a text, or --choice")
    return perform(
        lambda client, screen: acting.respond(
            client, screen, id, text=text, choice=choice, channel=channel
        )
    )


@app.command()
def skip(id: Id) -> int:
    """Go to the next step now."""
    return perform(lambda client, screen: acting.skip(client, screen, id))


@app.command()
def cancel(id: Id, reason: Annotated[str, typer.Option(help="Kept in the history.")] = "") -> int:
    """Stop; nothing more is sent."""
    return perform(lambda client, screen: acting.cancel(client, screen, id, reason))


for verb in (agent_verbs.claim, agent_verbs.answer, agent_verbs.close, agent_verbs.conversation):
    app.command()(verb)


app.add_typer(opt_out_verbs.app, name="opt-outs")
app.add_typer(inbound_verbs.app, name="inbound")


@app.command()
def providers(json: Json = False) -> int:
    """Who is asked to send, on which channels, and who is passed over."""
    return perform(lambda client, screen: standing.providers(client, screen, as_json=json))


Provider = Annotated[str, argument("PROVIDER", "As `providers` names it.")]
Channels = Annotated[list[Channel] | None, typer.Argument(metavar="[CHANNEL…]", help="Else all.")]


@app.command()
def drain(
    provider: Provider,
    channels: Channels = None,
    reason: Annotated[str, typer.Option(help="Shown to whoever asks.")] = "",
) -> int:
    """Give a provider no new sends."""
    return perform(
        lambda client, screen: standing.drain(client, screen, provider, channels or [], reason)
    )


@app.command()
def resume(provider: Provider, channels: Channels = None) -> int:
    """Give a drained provider sends again."""
    return perform(lambda client, screen: standing.resume(client, screen, provider, channels or []))


@app.command()
def demo() -> int:
    """See one message fail over, on this machine."""
    code: int | None = import_module("starter.demo").run()
    return code or 0
