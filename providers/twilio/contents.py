"""Choices by Twilio, which has buttons and lists only as templates of its Content API.

A template is made once for a set of choices and then used by every message that offers it; the
text goes into its variables. Within the 24 hours of WhatsApp it needs no approval, on RCS and
Messenger never. Making one sends nothing.
"""

import hashlib
import json
import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twilio.rest import Client

from failover.channels import Channel
from failover.content import Choice
from failover.locales import language, phrases
from providers.base import Outbound
from providers.twilio.client import Answered
from providers.whatsapp import Shape, shape
from providers.wording import with_link

#: Templates remembered, and seconds without buttons after one could not be made.
_KNOWN, _PAUSE = 1000, 60.0
#: Twilio's page "Using Variables with Content Templates".
_VARIABLES = 100
_REPLIES, _LIST, _CARD = "twilio/quick-reply", "twilio/list-picker", "twilio/card"
_OF_SHAPES = {Shape.BUTTONS: _REPLIES, Shape.LIST: _LIST}
#: With the longest label: RCS has a card, which without media is a text with chips (page
#: "twilio/card"; 25 is Google's limit), Messenger up to ten quick replies (page
#: "twilio/quick-reply"; 20 is Meta's limit).
_OTHERS = {Channel.RCS: (_CARD, 25), Channel.MESSENGER: (_REPLIES, 20)}
_BODY, _ID = 1024, 200

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Filled:
    """A template and what goes into its variables, for one message."""

    template: str  #: as JSON, what the Content API is to make of it
    variables: tuple[str, ...]
    said: str  #: the text as the person sees it

    @property
    def name(self) -> str:
        """The same for the same template, so that another process finds it."""
        return f"failover-{hashlib.sha256(self.template.encode()).hexdigest()[:32]}"

    @property
    def content_variables(self) -> str:
        return json.dumps({str(number): line for number, line in enumerate(self.variables, 1)})


def filled(outbound: Outbound) -> Filled | None:
    """None where the choices are lines of text: beyond the limits of the channel."""
    text, choices = with_link(outbound), outbound.content.choices
    kind = _kind(outbound.channel, text, choices)
    layout, lines = _laid_out(text)
    # Two braces would be a variable.
    braces = any("{{" in choice.id + choice.label for choice in choices)
    if kind is None or braces or not 1 <= len(lines) <= _VARIABLES:
        return None
    template = {"language": _language(outbound.locale), "types": _types(kind, layout, outbound)}
    said = re.sub(r"{{(\d+)}}", lambda found: lines[int(found[1]) - 1], layout)
    return Filled(json.dumps(template, sort_keys=True), lines, said)


class Contents:
    """The templates that this process knows of. Used from many threads at once."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._content, self._clock = client.content, clock
        self._sids: OrderedDict[str, str] = OrderedDict()
        self._lock, self._making = threading.Lock(), threading.Lock()
        self._not_before = clock()

    def sid(self, wanted: Filled) -> str | None:
        """The template's; None while there is none to be had, as a message does not wait for it."""
        if known := self._known(wanted.name):
            return known
        with self._making:  # one thread asks, the others wait for what it gets
            if known := self._known(wanted.name):
                return known
            return None if self._clock() < self._not_before else self._had(wanted)

    def refused(self, wanted: Filled) -> None:
        """A send with this template was refused for it: somebody deleted it, perhaps."""
        with self._lock:
            self._sids.pop(wanted.name, None)
        self._give_up("a send with it was refused")

    def _known(self, name: str) -> str | None:
        with self._lock:
            if name in self._sids:
                self._sids.move_to_end(name)
            return self._sids.get(name)

    def _had(self, wanted: Filled) -> str | None:
        try:
            sid = self._found(wanted.name) or self._made(wanted)
        except Exception as error:
            status = f" {error.status}" if isinstance(error, Answered) else ""
            self._give_up(f"{type(error).__name__}{status}")
            return None
        with self._lock:
            self._sids[wanted.name] = sid
            if len(self._sids) > _KNOWN:
                self._sids.popitem(last=False)
        return sid

    def _found(self, name: str) -> str | None:
        """One that another process made, or this one before it was started again."""
        try:
            listed = self._content.v2.contents.list(content_name=name, limit=20, page_size=20)
        except Answered:
            return None
        return next((one.sid for one in listed if one.friendly_name == name and one.sid), None)

    def _made(self, wanted: Filled) -> str:
        samples = {str(number): "text" for number, _ in enumerate(wanted.variables, 1)}
        request = {"friendly_name": wanted.name, "variables": samples}
        given = _Request({**request, **json.loads(wanted.template)})
        sid = self._content.v1.contents.create(given).sid
        if not isinstance(sid, str) or not sid:
            raise ValueError("an answer without a sid")
        return sid

    def _give_up(self, why: str) -> None:
        self._not_before = self._clock() + _PAUSE
        _log.warning("twilio: choices are lines of text for a minute: %s", why)


@dataclass(frozen=True)
class _Request:
    """In place of the SDK's own, whose card has no `body` (twilio 9.13.0)."""

    given: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return self.given


def _kind(channel: Channel, text: str, choices: tuple[Choice, ...]) -> str | None:
    """The type of content that takes all of it."""
    if channel not in _OTHERS:
        return _OF_SHAPES.get(shape(text, choices))
    kind, longest = _OTHERS[channel]
    short = all(len(one.label) <= longest and len(one.id) <= _ID for one in choices)
    return kind if choices and short and len(text) <= _BODY else None


def _types(kind: str, layout: str, outbound: Outbound) -> dict[str, Any]:
    choices = outbound.content.choices
    if kind != _LIST:
        return {kind: {"body": layout, "actions": [_action(choice) for choice in choices]}}
    rows = [{"id": choice.id, "item": choice.label} for choice in choices]
    opens = phrases(outbound.locale)["choices"]["open"]
    return {_LIST: {"body": layout, "button": opens, "items": rows}}


def _action(choice: Choice) -> dict[str, str]:
    return {"type": "QUICK_REPLY", "title": choice.label, "id": choice.id}


def _laid_out(text: str) -> tuple[str, tuple[str, ...]]:
    """The text as a layout and one variable a line.

    A variable takes no newline, no tab, no more than four spaces in a row, and is not empty
    (error 21656); so the line breaks and empty lines are part of the template.
    """
    lines = [re.sub(r" {5,}", "    ", re.sub(r"\t", " ", line)) for line in text.splitlines()]
    lines = [line.strip() for line in lines]
    said = [line for line in lines if line]
    numbers = iter(range(1, len(said) + 1))
    layout = "\n".join(f"{{{{{next(numbers)}}}}}" if line else "" for line in lines)
    return layout.strip("\n"), tuple(said)


def _language(locale: str) -> str:
    """Twilio wants two letters; those of an odd locale do not matter, as nobody approves it."""
    known = language(locale)
    return known if re.fullmatch("[a-z]{2}", known) else "en"
