"""The verb `check`: what is wrong with a message, by this environment, without sending it."""

from collections.abc import Iterator
from datetime import UTC, datetime

from activities.checking import check, check_by_table
from activities.notify_settings import NotifySettings
from activities.planned import Installed
from failover.message import InvalidMessage, Message, parse_message
from providers.links import Links
from providers.settings import ConfigurationError, PublicSettings, load
from starter.errors import BadInput, NotDone, one_line
from starter.screen import Screen, complain
from starter.sending import called, read_json, too_large


def look_at(path: str) -> int:
    """Says all that is wrong with the message in this file; 0 where nothing keeps it from going.

    Raises `BadInput` for what is no JSON, and `NotDone` where the environment is none to check by.
    """
    text = read_json(path)
    try:
        message = parse_message(text)
    except InvalidMessage as error:
        complain(f"{called(path)}: {one_line(str(error))}")
        return 1
    found = check(message, _installed())
    return _told(message, [*found.faults, *_in_vain(message)], found.warnings)


def refuse_what_nobody_can_send(message: Message) -> None:
    """By the table alone: the workers may have other providers than this environment.

    Raises `BadInput` with every fault.
    """
    if faults := check_by_table(message).faults:
        raise BadInput(f"invalid message: {'; '.join(faults)}")


def _in_vain(message: Message) -> Iterator[str]:
    """What a workflow would not refuse: it ends at once, or does not begin."""
    if message.deadline and message.deadline <= datetime.now(UTC):
        yield "deadline: it has passed, and nothing is sent after it"
    if fault := too_large(message):
        yield fault


def _told(message: Message, faults: list[str], warnings: tuple[str, ...]) -> int:
    for fault in faults:
        complain(f"{message.id}: {fault}")
    for warning in warnings:
        complain(f"{message.id}: but {warning}")
    if not faults:
        Screen().say(f"{message.id}: can be sent")
    return 1 if faults else 0


def _installed() -> Installed:
    """As the workers would have it in this environment."""
    # Imported here: it loads every provider's SDK, which no other verb needs.
    from providers.known import configured, offers, unheard

    try:
        public, notify = load(PublicSettings), load(NotifySettings)
        providers = configured(public)
    except ConfigurationError as error:
        raise NotDone(str(error)) from None
    return Installed(offers(providers), notify.targets, unheard(providers), Links.by(public))
