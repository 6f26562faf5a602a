"""`make demo`: one question to one person through every channel, on this machine."""

import asyncio
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text
from temporalio.client import Client

from failover.message import Message, parse_message
from failover.names import workflow_id
from failover.start import start_options
from starter import interrupting
from starter.person import Person
from starter.ports import Ports
from starter.sandbox import encryption
from starter.screen import Screen, complain
from starter.stack import Stack, StackError
from starter.watching import watch

#: Seconds that each channel has; a person at a handset needs more of them.
WAITS = {"a person": (20, 20, 20, 30), "nobody": (5, 15, 10, 15)}
#: Seconds; with nobody there the message ends in a quarter of it.
_LONGEST = 60
_PARTS = {
    "temporal": "Temporal's dev server, with a file database",
    "simulator": "the providers' simulator, with a handset",
    "webhooks": "the webhooks that providers call",
    "worker": "a worker",
    "codec": "the codec server, by which the Web UI reads what is encrypted",
}


def run() -> int:
    """0 when the person answered, 1 otherwise. Nothing is left running, whatever happens."""
    interrupting.heed_wishes()
    folder = Path(tempfile.mkdtemp(prefix="failover-demo-"))
    extra = encryption() if os.environ.get("DEMO_ENCRYPTED") else {}
    stack, screen = Stack(folder, extra=extra), Screen(footer=False)
    code = 1
    try:
        code = _demonstrate(stack, screen)
    except StackError as error:
        complain(f"{error}; the logs are in {folder}")
        return 1
    except KeyboardInterrupt:
        code = 130
    except OSError:  # of a terminal that is gone
        pass
    finally:
        _end(stack, screen)
    if code != 1:
        shutil.rmtree(folder, ignore_errors=True)
    return code


def _demonstrate(stack: Stack, screen: Screen) -> int:
    automatic = bool(os.environ.get("DEMO_AUTO")) or not sys.stdin.isatty()
    _tell_of_ports(stack, screen)
    stack.start(lambda part: screen.say(f"Starting {_PARTS[part]} ...", "dim"))
    waits = WAITS["nobody" if automatic else "a person"]
    message = question(waits, f"{stack.simulator}/events")
    code = interrupting.run(_ask(stack, screen, message, automatic=automatic))
    if not automatic:
        with suppress(KeyboardInterrupt):
            screen.say("\nEverything is still up, so that you can look around. Ctrl-C ends it.")
            interrupting.run(asyncio.Event().wait())
    return code


async def _ask(stack: Stack, screen: Screen, message: Message, *, automatic: bool) -> int:
    client = await Client.connect(stack.temporal, data_converter=stack.converter)
    person = Person(stack.simulator)
    await client.start_workflow("Message", message, **start_options(message))
    _tell_where_to_look(stack, screen, message, automatic=automatic)
    if automatic:
        acting = asyncio.create_task(person.lets_whatsapp_pass_and_answers_the_sms("Yes"))
    else:
        acting = asyncio.create_task(_take_replies(person, screen))
    try:
        async with asyncio.timeout(_LONGEST if automatic else None):
            return await watch(client, screen, message.id)
    except TimeoutError:
        complain(f"the message did not end within {_LONGEST} s; the logs are in {stack.folder}")
        return 1
    finally:
        acting.cancel()
        await asyncio.gather(acting, return_exceptions=True)


def question(waits: tuple[int, int, int, int], events: str) -> Message:
    whatsapp, sms, email, voice = waits
    return parse_message(
        {
            "id": f"delivery-{datetime.now(UTC):%H%M%S}",
            "conversation": "order-1234",
            "recipient": {
                "id": "customer-42",
                "name": "Dana",
                "addresses": {"phone": "+14155550100", "email": "dana@example.com"},
            },
            "content": {
                "subject": "Your delivery this evening",
                "text": "Hi Dana, your parcel comes between 8 and 9 pm. Will you be home?",
                "choices": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}],
                "on_other": "ask_again",
            },
            "context": {"order": "1234"},
            "notify": events,
            "steps": [
                {"channel": "whatsapp", "wait": whatsapp, "providers": ["vonage"]},
                {"channel": "sms", "wait": sms, "providers": ["twilio", "vonage"]},
                {"channel": "email", "wait": email},
                {"channel": "voice", "wait": voice},
            ],
        }
    )


def _tell_of_ports(stack: Stack, screen: Screen) -> None:
    names = {"temporal": "Temporal", "web_ui": "Web UI", "webhooks": "webhooks"}
    for name, usual in vars(Ports()).items():
        port = getattr(stack.ports, name)
        if port != usual:
            what = names.get(name, name)
            screen.say(f"Port {usual} is taken: {what} is on {port} instead.", "yellow")


def _tell_where_to_look(stack: Stack, screen: Screen, message: Message, *, automatic: bool) -> None:
    screen.say()
    page = f"{stack.web_ui}/namespaces/default/workflows/{workflow_id(message.id)}"
    screen.facts([("Handset", stack.simulator), ("Web UI", page)])
    if automatic:
        screen.say("\nA simulated person lets WhatsApp pass and answers the SMS.\n")
    else:
        screen.say("\nAnswer on the handset page, or type a reply here and press Enter.\n")


async def _take_replies(person: Person, screen: Screen) -> None:
    """What is typed here is what the person says on the channel that wrote last."""
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, lambda: lines.put_nowait(sys.stdin.readline()))
    try:
        while line := await lines.get():
            if text := line.strip():
                screen.say(Text(f"  ({await person.says(text)})", "dim"))
    finally:
        loop.remove_reader(sys.stdin)


def _end(stack: Stack, screen: Screen) -> None:
    """Even an impatient second Ctrl-C leaves nothing running."""
    with suppress(KeyboardInterrupt):  # which has seen to it that there is no other
        interrupting.ignore_wishes()
    with suppress(OSError):
        screen.say("\nStopping ...", "dim")
    stack.stop()
