"""What the app or the service worker says of a push: received, opened, or a choice pressed."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from failover.channels import Channel
from failover.events import DeliveryReport, DeliveryStatus, Event, Reply
from providers.base import Callback, CallbackForged, CallbackMalformed
from providers.push.tickets import Ticket, Tickets
from providers.settings import PublicSettings
from providers.stop_words import is_certain, is_start, is_stop

#: The provider of the route; the ticket says whose push it was.
NAME = "push"
_REPORTS = {"received": DeliveryStatus.DELIVERED, "opened": DeliveryStatus.READ}
_ACTION = "action"
#: Characters of a choice's id; longer ones are none of ours.
_LONGEST_CHOICE = 200


def callbacks(public: PublicSettings) -> "PushCallbacks":
    return PushCallbacks(Tickets.by(public))


@dataclass(frozen=True)
class PushCallbacks:
    """Reads `/push/ack`. The ticket in the query is signed; what the device says is its own."""

    tickets: Tickets

    def read(self, callback: Callback) -> list[Event]:
        ticket = self._ticket(callback.url)
        said = _said(callback)
        event = _text(said.get("event"))
        if event in _REPORTS:
            return [_report(ticket, event)]
        if event == _ACTION:
            return [_reply(ticket, said)]
        if not event:
            raise CallbackMalformed("event is missing")
        return []

    def _ticket(self, url: str) -> Ticket:
        given = dict(_pairs(urlsplit(url).query)).get("ticket")
        ticket = self.tickets.read(given) if given else None
        if ticket is None:
            raise CallbackForged("the ticket is missing, or was not signed with ADDRESS_KEY")
        return ticket


def _report(ticket: Ticket, event: str) -> DeliveryReport:
    return DeliveryReport(
        reference=ticket.reference,
        status=_REPORTS[event],
        event_id=f"{ticket.reference} {event}",
        person=ticket.person,
    )


def _reply(ticket: Ticket, said: dict[str, Any]) -> Reply:
    choice, text = _text(said.get("choice"))[:_LONGEST_CHOICE], _text(said.get("text")).strip()
    if not choice and not text:
        raise CallbackMalformed("an action has a choice or a text")
    # A press on a button of ours is an answer, even where its label is "Cancel".
    word = "" if choice else text
    return Reply(
        channel=Channel.PUSH,
        provider=ticket.provider,
        provider_id=_id(ticket, choice, text),
        text=text or None,
        choice=choice or None,
        reference=ticket.reference,
        stop=is_stop(word),
        certain=is_certain(word),
        start=is_start(word),
        person=ticket.person,
    )


def _id(ticket: Ticket, choice: str, text: str) -> str:
    """The same for an answer that is told again, as a device does that was not heard."""
    said = hashlib.sha256(f"{choice}\x1f{text}".encode()).hexdigest()[:16]
    return f"{ticket.reference} {said}"


def _said(callback: Callback) -> dict[str, Any]:
    """A form, which a page of another origin may post without asking; from an app also JSON."""
    body = callback.body
    if body.lstrip()[:1] == b"{":
        return _json(body)
    return dict(_pairs(body.decode(errors="replace")))


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise CallbackMalformed("the body is not the JSON that it begins like") from None
    assert isinstance(said, dict)  # it begins with a brace
    return said


def _pairs(written: str) -> list[tuple[str, str]]:
    """Nothing of what has more fields than anybody needs."""
    try:
        return parse_qsl(written, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return []


def _text(value: object) -> str:
    """Text as it is, anything else as nothing; halves of a surrogate replaced."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else ""
