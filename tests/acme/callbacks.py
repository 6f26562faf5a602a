"""What Acme tells us: what became of an SMS, and what the person answered."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from failover.channels import Channel
from failover.events import DeliveryReport, DeliveryStatus, Event, Failure, Reply
from failover.names import parse_reference
from providers.acme import errors
from providers.acme.signature import verify
from providers.base import Callback, CallbackMalformed
from providers.reply_keys import address_key, pair_key
from providers.stop_words import is_certain, is_start, is_stop

#: Acme: Callbacks, "Statuses". What comes before `sent` (queued) is followed by it.
_STATUSES = {
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "failed": DeliveryStatus.FAILED,
}


@dataclass(frozen=True)
class AcmeCallbacks:
    """Reads `/acme/status` and `/acme/inbound`."""

    secret: str
    callback_secrets: Sequence[str]

    def read(self, callback: Callback) -> list[Event]:
        verify(callback, self.callback_secrets)
        said = _parsed(callback.body)
        match urlsplit(callback.url).path.rpartition("/")[2]:
            case "status":
                return self._status(said)
            case "inbound":
                return self._inbound(said)
        raise CallbackMalformed("acme has no such route")

    def _status(self, said: dict[str, Any]) -> list[Event]:
        reference, status = _text(said, "reference"), _STATUSES.get(_text(said, "status"))
        if status is None or parse_reference(reference) is None:
            return []
        theirs, ours = _text(said, "to"), _text(said, "from")
        failed = status == DeliveryStatus.FAILED
        return [
            DeliveryReport(
                reference=reference,
                status=status,
                event_id=_needed(said, "event"),
                at=said.get("at"),
                failure=_failure(said) if failed else None,
                provider_id=_needed(said, "message"),
                reply_keys=(pair_key(self.secret, Channel.SMS, theirs, ours),),
                person=self._person(theirs, ours),
            )
        ]

    def _inbound(self, said: dict[str, Any]) -> list[Event]:
        theirs, ours = _needed(said, "from"), _needed(said, "to")
        text, quoted = _text(said, "text"), _text(said, "reference")
        return [
            Reply(
                channel=Channel.SMS,
                provider="acme",
                provider_id=_needed(said, "message"),
                text=text or None,
                at=said.get("at"),
                reference=quoted if parse_reference(quoted) else None,
                keys=(pair_key(self.secret, Channel.SMS, theirs, ours),),
                stop=is_stop(text),
                certain=is_certain(text),
                start=is_start(text),
                person=self._person(theirs, ours),
            )
        ]

    def _person(self, theirs: str, ours: str) -> str | None:
        return address_key(self.secret, theirs, ours) if theirs else None


def _failure(said: dict[str, Any]) -> Failure:
    code = _text(said, "code")
    return errors.failure(code) if code else Failure()


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise CallbackMalformed("no JSON") from None
    if not isinstance(said, dict):
        raise CallbackMalformed("no JSON object")
    return said


def _needed(said: dict[str, Any], name: str) -> str:
    if not (found := _text(said, name)):
        raise CallbackMalformed(f"{name} is missing")
    return found


def _text(said: dict[str, Any], name: str) -> str:
    """A text that can be encoded: JSON may hold half of a pair of surrogates."""
    found = said.get(name)
    return found.encode(errors="replace").decode() if isinstance(found, str) else ""
