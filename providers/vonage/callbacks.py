"""What Vonage's callbacks say: a status of something we sent, or something a person wrote."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from failover.events import DeliveryReport, DeliveryStatus, Event, Failure, FailureClass, Reply
from failover.names import parse_reference
from providers.base import Callback, CallbackMalformed
from providers.reply_keys import address_key, pair_key, sent_key
from providers.stop_words import is_certain, is_start, is_stop
from providers.vonage import errors
from providers.vonage.signature import verify

#: "Messages status callbacks".
STATUSES: dict[str, DeliveryStatus] = {
    "submitted": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "rejected": DeliveryStatus.FAILED,
    "undeliverable": DeliveryStatus.FAILED,
    "failed": DeliveryStatus.FAILED,
}
#: Of a failure without a code: `undeliverable` is an outage between Vonage and the channel.
WITHOUT_A_CODE = {
    "undeliverable": FailureClass.PROVIDER,
    "failed": FailureClass.PROVIDER,
}
CHANNELS = {"viber_service": "viber"}


@dataclass(frozen=True)
class VonageCallbacks:
    """Reads `/vonage/status`, `/vonage/inbound` and `/vonage/voice`."""

    secret: str
    signature_secrets: Sequence[str]

    def read(self, callback: Callback) -> list[Event]:
        verify(callback, self.signature_secrets)
        said = _parsed(callback.body)
        match urlsplit(callback.url).path.rpartition("/")[2]:
            case "status":
                return self._status(said)
            case "inbound":
                return self._inbound(said)
            case "voice":
                return []
        raise CallbackMalformed("vonage has no such route")

    def _status(self, said: dict[str, Any]) -> list[Event]:
        reference, named = _text(said.get("client_ref")), _text(said.get("status"))
        status = STATUSES.get(named)
        if status is None or parse_reference(reference) is None:
            return []
        uuid, channel = _needed(said, "message_uuid"), _channel(said)
        pair = pair_key(self.secret, channel, _text(said.get("to")), _text(said.get("from")))
        return [
            DeliveryReport(
                reference=reference,
                status=status,
                event_id=f"{uuid} {named}",
                at=_moment(said),
                failure=_failure(said, named) if status == DeliveryStatus.FAILED else None,
                provider_id=uuid,
                reply_keys=(pair, sent_key(self.secret, "vonage", uuid)),
                person=self._person(_text(said.get("to")), _text(said.get("from"))),
            )
        ]

    def _inbound(self, said: dict[str, Any]) -> list[Event]:
        text, choice = _answer(said)
        if _within(said, "reaction").get("action") == "unreact":
            return []
        # A press on a button of ours is an answer, even where its label is "Cancel".
        pressed = _within(said, "reply") or _within(said, "button")
        word = "" if pressed else text or ""
        number = _text(_within(said, "whatsapp", "sender").get("wa_id"))
        return [
            Reply(
                channel=_channel(said),
                provider="vonage",
                provider_id=_needed(said, "message_uuid"),
                text=text,
                choice=choice,
                at=_moment(said),
                keys=self._keys(said),
                exact=1 if _text(_within(said, "context").get("message_uuid")) else 0,
                stop=is_stop(word),
                certain=is_certain(word),
                start=is_start(word),
                person=self._person(number or _text(said.get("from")), _text(said.get("to"))),
            )
        ]

    def _person(self, theirs: str, ours: str) -> str | None:
        return address_key(self.secret, theirs, ours) if theirs else None

    def _keys(self, said: dict[str, Any]) -> tuple[str, ...]:
        """The quoted message first, then the pair.

        `from` may be a WhatsApp user id instead of a phone number; `wa_id` is the number, where
        the person shares it.
        """
        ours, theirs = _text(said.get("to")), _text(said.get("from"))
        number = _text(_within(said, "whatsapp", "sender").get("wa_id"))
        pairs = [
            pair_key(self.secret, _channel(said), address, ours)
            for address in (theirs, number)
            if address and ours
        ]
        quoted = _text(_within(said, "context").get("message_uuid"))
        sent = [sent_key(self.secret, "vonage", quoted)] if quoted else []
        return tuple(dict.fromkeys([*sent, *pairs]))


def _failure(said: dict[str, Any], status: str) -> Failure:
    told = errors.failure(said.get("error"))
    if told.code is None and status in WITHOUT_A_CODE:
        return told.model_copy(update={"kind": WITHOUT_A_CODE[status]})
    return told


def _answer(said: dict[str, Any]) -> tuple[str | None, str | None]:
    """Text and choice: `reply` is a button of an interactive message, `button` a template's."""
    reply, button = _within(said, "reply"), _within(said, "button")
    text = (
        said.get("text")
        or reply.get("title")
        or button.get("text")
        or _within(said, "reaction").get("emoji")
        or _within(said, _text(said.get("message_type"))).get("caption")
    )
    return _text(text) or None, _text(reply.get("id") or button.get("payload")) or None


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise CallbackMalformed("the body is not JSON") from None
    if not isinstance(said, dict):
        raise CallbackMalformed("the body is not a JSON object")
    return said


def _needed(said: dict[str, Any], name: str) -> str:
    if not (value := _text(said.get(name))):
        raise CallbackMalformed(f"{name} is missing")
    return value


def _channel(said: dict[str, Any]) -> str:
    named = _needed(said, "channel")
    return CHANNELS.get(named, named)


def _moment(said: dict[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(_text(said.get("timestamp")))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _within(said: dict[str, Any], *names: str) -> dict[str, Any]:
    """The object at this place, empty where there is none."""
    for name in names:
        inner = said.get(name)
        said = inner if isinstance(inner, dict) else {}
    return said


def _text(value: object) -> str:
    """Text as it is, a number as text, anything else as nothing; halves of a surrogate replaced."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).encode(errors="replace").decode()
