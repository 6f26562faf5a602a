"""What Vonage's callbacks say: a status of something we sent, or something a person wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from failover.channels import Channel
from failover.events import DeliveryReport, DeliveryStatus, Event, Failure, Reply
from failover.names import parse_reference
from providers import postback
from providers.base import Callback, CallbackMalformed
from providers.codes import codes
from providers.reply_keys import address_key, pair_key, sent_key, token_key
from providers.stop_words import is_certain, is_start, is_stop
from providers.vonage import calls, errors, ncco
from providers.vonage.call_urls import CallUrls
from providers.vonage.said import moment, needed, parsed, text, within
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
#: Of a failure without a code.
WITHOUT_A_CODE = codes("providers.vonage", "statuses")
CHANNELS = {"viber_service": "viber"}


@dataclass(frozen=True)
class VonageCallbacks:
    """Reads `/vonage/status`, `/vonage/inbound` and `/vonage/voice`."""

    secret: str
    signature_secrets: Sequence[str]
    call_urls: CallUrls

    def read(self, callback: Callback) -> list[Event]:
        verify(callback, self.signature_secrets)
        said = parsed(callback.body)
        match urlsplit(callback.url).path.rpartition("/")[2]:
            case "status":
                return self._status(said)
            case "inbound":
                return self._inbound(said)
            case "voice":
                call = self.call_urls.read(callback.url)
                return calls.told(said, call, self.secret) if call else []
        raise CallbackMalformed("vonage has no such route")

    def answer(self, callback: Callback, events: Sequence[Event]) -> tuple[str, str]:
        """Content type and body for Vonage: what a call says next, once a key was asked for."""
        said, voice = parsed(callback.body), urlsplit(callback.url).path.endswith("/voice")
        call = self.call_urls.read(callback.url) if voice and "dtmf" in said else None
        if call is None:  # an NCCO in answer to a status would replace what is being said
            return "text/plain", ""
        if events:
            return "application/json", ncco.thanks(call.locale)
        if not calls.pressed(said):
            return "application/json", ncco.goodbye(call.locale)
        return "application/json", ncco.press_again(call.locale, self.call_urls.url(call))

    def _status(self, said: dict[str, Any]) -> list[Event]:
        reference, named = text(said.get("client_ref")), text(said.get("status"))
        status = STATUSES.get(named)
        if status is None or parse_reference(reference) is None:
            return []
        uuid, channel = needed(said, "message_uuid"), _channel(said)
        pair = pair_key(self.secret, channel, text(said.get("to")), text(said.get("from")))
        marks = [postback.reply_key(self.secret, reference)] if channel == Channel.RCS else []
        return [
            DeliveryReport(
                reference=reference,
                status=status,
                event_id=f"{uuid} {named}",
                at=moment(said),
                failure=_failure(said, named) if status == DeliveryStatus.FAILED else None,
                provider_id=uuid,
                reply_keys=(pair, sent_key(self.secret, "vonage", uuid), *marks),
                person=self._person(text(said.get("to")), text(said.get("from"))),
            )
        ]

    def _inbound(self, said: dict[str, Any]) -> list[Event]:
        words, pressed_id = _answer(said)
        choice, token = postback.read(pressed_id) if pressed_id else (None, None)
        exact = self._exact(said, token)
        if within(said, "reaction").get("action") == "unreact":
            return []
        # A press on a button of ours is an answer, even where its label is "Cancel".
        pressed = within(said, "reply") or within(said, "button")
        word = "" if pressed else words or ""
        number = text(within(said, "whatsapp", "sender").get("wa_id"))
        return [
            Reply(
                channel=_channel(said),
                provider="vonage",
                provider_id=needed(said, "message_uuid"),
                text=words,
                choice=choice,
                at=moment(said),
                keys=tuple(dict.fromkeys([*exact, *self._pairs(said)])),
                exact=len(exact),
                stop=is_stop(word),
                certain=is_certain(word),
                start=is_start(word),
                person=self._person(number or text(said.get("from")), text(said.get("to"))),
            )
        ]

    def _person(self, theirs: str, ours: str) -> str | None:
        return address_key(self.secret, theirs, ours) if theirs else None

    def _exact(self, said: dict[str, Any], token: str | None) -> list[str]:
        """Of what the answer itself names: the send whose suggestion it was, what it quotes."""
        quoted = text(within(said, "context").get("message_uuid"))
        marks = [token_key(self.secret, token)] if token else []
        return [*marks, *([sent_key(self.secret, "vonage", quoted)] if quoted else [])]

    def _pairs(self, said: dict[str, Any]) -> list[str]:
        """`from` may be a WhatsApp user id instead of a phone number; `wa_id` is the number, where
        the person shares it.
        """
        ours, theirs = text(said.get("to")), text(said.get("from"))
        number = text(within(said, "whatsapp", "sender").get("wa_id"))
        return [
            pair_key(self.secret, _channel(said), address, ours)
            for address in (theirs, number)
            if address and ours
        ]


def _failure(said: dict[str, Any], status: str) -> Failure:
    told = errors.failure(said.get("error"))
    if told.code is None and status in WITHOUT_A_CODE:
        return WITHOUT_A_CODE[status].failure(None, told.detail)
    return told


def _answer(said: dict[str, Any]) -> tuple[str | None, str | None]:
    """Text and choice: `reply` is a button of an interactive message, `button` a template's."""
    reply, button = within(said, "reply"), within(said, "button")
    words = (
        said.get("text")
        or reply.get("title")
        or button.get("text")
        or within(said, "reaction").get("emoji")
        or within(said, text(said.get("message_type"))).get("caption")
    )
    return text(words) or None, text(reply.get("id") or button.get("payload")) or None


def _channel(said: dict[str, Any]) -> str:
    named = needed(said, "channel")
    return CHANNELS.get(named, named)
