"""How WhatsApp shows choices: as buttons, as a list that a button opens, or as lines of text."""

from enum import StrEnum

from failover.content import Choice

#: Meta, "Interactive reply buttons messages" and "Interactive list messages".
_BUTTONS, _BUTTON_TITLE = 3, 20
_ROWS, _ROW_TITLE = 10, 24
#: Of a list and at Twilio also in characters of an id; a button of Meta's takes 256.
_ID = 200
#: Meta takes 4096 above a list, Twilio 1024 above both.
_BODY = 1024


class Shape(StrEnum):
    BUTTONS = "buttons"
    LIST = "list"
    LINES = "lines"


def shape(text: str, choices: tuple[Choice, ...]) -> Shape:
    """The handiest that takes all of it. WhatsApp has both only within the 24 hours."""
    if not text.strip() or len(text) > _BODY or any(len(choice.id) > _ID for choice in choices):
        return Shape.LINES
    longest = max((len(choice.label) for choice in choices), default=0)
    if 1 <= len(choices) <= _BUTTONS and longest <= _BUTTON_TITLE:
        return Shape.BUTTONS
    if 1 <= len(choices) <= _ROWS and longest <= _ROW_TITLE:
        return Shape.LIST
    return Shape.LINES
