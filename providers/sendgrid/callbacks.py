"""What SendGrid's callbacks say: events of mails we sent, or a mail a person wrote."""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from failover.events import DeliveryReport, DeliveryStatus, Event, Failure, Reply
from failover.names import parse_reference
from providers.base import Callback, CallbackForged, CallbackMalformed
from providers.reply_keys import address_key
from providers.sendgrid import errors
from providers.sendgrid.inbound import read_mail
from providers.sendgrid.keys import NAME, message_keys
from providers.sendgrid.mail import REFERENCE
from providers.sendgrid.signature import verify

_log = logging.getLogger(__name__)

#: "Event Webhook Reference". `open` and `click` are no proof of a person, as mail clients and
#: scanners do both.
STATUSES = {
    "processed": DeliveryStatus.SENT,
    "deferred": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "bounce": DeliveryStatus.FAILED,
    "dropped": DeliveryStatus.FAILED,
}
#: By these the person says stop, also after the mail was delivered, or takes it back.
STOPS = frozenset({"spamreport", "unsubscribe", "group_unsubscribe"})
STARTS = frozenset({"group_resubscribe"})
FAILURES = {"bounce": errors.bounced, "dropped": errors.dropped}


@dataclass(frozen=True)
class SendGridCallbacks:
    """Reads `/sendgrid/events` and `/sendgrid/inbound`, which have each their own keys."""

    secret: str
    event_keys: Sequence[EllipticCurvePublicKey] = ()
    inbound_keys: Sequence[EllipticCurvePublicKey] = ()

    def read(self, callback: Callback) -> list[Event]:
        match urlsplit(callback.url).path.rpartition("/")[2]:
            case "events":
                verify(callback, self.event_keys, "SENDGRID_EVENT_PUBLIC_KEY")
                return [said for event in _events(callback.body) for said in self._read(event)]
            case "inbound":
                verify(callback, self.inbound_keys, "SENDGRID_INBOUND_PUBLIC_KEY")
                return read_mail(callback, self.secret)
        raise CallbackForged("sendgrid has no such route")

    def _read(self, event: dict[str, Any]) -> list[Event]:
        """One bad event does not lose the others: SendGrid takes one answer for a batch."""
        try:
            return self._event(event)
        except (ValueError, TypeError, OverflowError) as error:
            _log.warning("sendgrid: an event that cannot be read: %s", type(error).__name__)
            return []

    def _event(self, event: dict[str, Any]) -> list[Event]:
        named, reference = event.get("event"), event.get(REFERENCE)
        if not isinstance(reference, str) or parse_reference(reference) is None:
            return []
        if named in STOPS or named in STARTS:
            return [self._said(event, reference, stop=named in STOPS)]
        return [self._report(event, reference, named)] if named in STATUSES else []

    def _report(self, event: dict[str, Any], reference: str, named: str) -> DeliveryReport:
        # `<X-Message-Id>.<where it was sent from>`; a late bounce may come without it.
        message_id = str(event.get("sg_message_id") or "").partition(".")[0] or None
        failure: Failure | None = FAILURES[named](event) if named in FAILURES else None
        return DeliveryReport(
            reference=reference,
            status=STATUSES[named],
            event_id=_event_id(event),
            at=_moment(event),
            failure=failure,
            provider_id=message_id,
            reply_keys=message_keys(self.secret, reference, message_id),
            person=self._person(event),
        )

    def _said(self, event: dict[str, Any], reference: str, *, stop: bool) -> Reply:
        return Reply(
            channel="email",
            provider=NAME,
            provider_id=_event_id(event),
            at=_moment(event),
            reference=reference,
            stop=stop,
            certain=stop,
            start=not stop,
            person=self._person(event),
        )

    def _person(self, event: dict[str, Any]) -> str | None:
        """Of the address that we wrote to."""
        email = event.get("email")
        return address_key(self.secret, email) if isinstance(email, str) and email else None


def _events(body: bytes) -> list[dict[str, Any]]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise CallbackMalformed("the body is not JSON") from None
    if not isinstance(said, list):
        raise CallbackMalformed("the body is not a JSON array")
    events = [event for event in said if isinstance(event, dict)]
    if said and not events:
        raise CallbackMalformed("the body is not an array of objects")
    return events


def _event_id(event: dict[str, Any]) -> str:
    """SendGrid's own, which is the same each time it sends the event again."""
    known = event.get("sg_event_id")
    if isinstance(known, str) and known:
        return known
    return hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()


def _moment(event: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromtimestamp(event["timestamp"], UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
