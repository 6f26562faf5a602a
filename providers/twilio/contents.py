"""Choices by Twilio, which has buttons and lists only as templates of its Content API.

A template is made once for a set of choices and then used by every message that offers it. Within
the 24 hours of WhatsApp it needs no approval, on RCS and Messenger never. Making one sends nothing.
"""

import json
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from twilio.rest import Client

from providers.twilio.client import Answered
from providers.twilio.filled import Filled, numbered
from providers.within import left, locked, within

#: Seconds that a send may wait for a template, and those of one request for it.
PATIENCE, ASKED = 4.0, 2.0
#: Templates remembered, and seconds without buttons after one could not be made.
_KNOWN, _PAUSE = 1000, 60.0

_log = logging.getLogger(__name__)


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
        # One thread asks, the others wait for what it gets.
        with suppress(TimeoutError), within(PATIENCE), locked(self._making):
            if known := self._known(wanted.name):
                return known
            return None if self._clock() < self._not_before else self._had(wanted)
        return None

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
        except TimeoutError:
            return None
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
        _has_time()
        try:
            listed = self._content.v2.contents.list(content_name=name, limit=20, page_size=20)
        except Answered:
            return None
        return next((one.sid for one in listed if one.friendly_name == name and one.sid), None)

    def _made(self, wanted: Filled) -> str:
        request = {"friendly_name": wanted.name, "variables": numbered(wanted.samples)}
        given = _Request({**request, **json.loads(wanted.template)})
        _has_time()
        sid = self._content.v1.contents.create(given).sid
        if not isinstance(sid, str) or not sid:
            raise ValueError("an answer without a sid")
        return sid

    def _give_up(self, why: str) -> None:
        self._not_before = self._clock() + _PAUSE
        _log.warning("twilio: choices are lines of text for a minute: %s", why)


def _has_time() -> None:
    """Raises TimeoutError: a request that begins too late would tell nothing of the Content API."""
    if (left() or ASKED) < ASKED:
        raise TimeoutError("too little is left for a request")


@dataclass(frozen=True)
class _Request:
    """In place of the SDK's own, whose card has no `body` (twilio 9.13.0)."""

    given: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        return self.given
