"""The verb `check`: what is wrong with a message, by this environment, without sending it."""

from activities.checking import Found, check, check_by_table
from failover.message import InvalidMessage, Message, parse_message
from providers.settings import ConfigurationError, PublicSettings, load
from starter.errors import BadInput, NotDone, one_line
from starter.screen import Screen, complain
from starter.sending import called, read_json


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
    return _told(message, check(message, _offered()))


def refuse_what_nobody_can_send(message: Message) -> None:
    """By the table alone: the workers may have other providers than this environment.

    Raises `BadInput` with every fault.
    """
    if faults := check_by_table(message).faults:
        raise BadInput(f"invalid message: {'; '.join(faults)}")


def _told(message: Message, found: Found) -> int:
    for fault in found.faults:
        complain(f"{message.id}: {fault}")
    for warning in found.warnings:
        complain(f"{message.id}: but {warning}")
    if not found.faults:
        Screen().say(f"{message.id}: can be sent")
    return 1 if found.faults else 0


def _offered() -> dict[str, list[str]]:
    # Imported here: it loads every provider's SDK, which no other verb needs.
    from providers.known import configured, offers

    try:
        return offers(configured(load(PublicSettings)))
    except ConfigurationError as error:
        raise NotDone(str(error)) from None
