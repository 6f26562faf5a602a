"""What Twilio tells us: what became of a message or a call, and what the person answered."""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlsplit

from failover.channels import Channel
from failover.events import DeliveryReport, DeliveryStatus, Event, Reply
from failover.names import parse_reference
from providers import postback
from providers.base import Callback, CallbackMalformed
from providers.reply_keys import address_key, pair_key, sent_key, token_key
from providers.stop_words import is_certain, is_start, is_stop
from providers.twilio import twiml
from providers.twilio.addresses import callback_url, channel_of
from providers.twilio.calls import heard, not_heard, said_of
from providers.twilio.errors import failure
from providers.twilio.filled import MARKED
from providers.twilio.messages import NAME
from providers.twilio.signature import verified

#: MessageStatus. What comes before `sent` (accepted, queued, sending ...) is followed by it.
_MESSAGES = {
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "failed": DeliveryStatus.FAILED,
    "undelivered": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.FAILED,
}

_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}")
_EMPTY = "<Response/>"

Fields = Mapping[str, str]


class TwilioCallbacks:
    """Reads `/twilio/status`, `/twilio/inbound` and `/twilio/voice`.

    `tokens` are the auth tokens, the current one first; `key` is for reply keys.
    """

    def __init__(self, *, tokens: Sequence[str], key: str, base_url: str) -> None:
        self._tokens, self._key, self._base_url = tokens, key, base_url

    def read(self, callback: Callback) -> list[Event]:
        fields = verified(callback, self._tokens)
        query = _query(callback)
        match urlsplit(callback.url).path.rpartition("/")[2]:
            case "status" if "CallSid" in fields:
                event: Event | None = self._call_status(fields, query)
            case "status":
                event = self._message_status(fields, query)
            case "inbound":
                event = self._reply(fields)
            case "voice":
                event = self._pressed(fields, query)
            case _:
                raise CallbackMalformed("not a route of Twilio's")
        return [event] if event else []

    def answer(self, callback: Callback, events: Sequence[Event]) -> tuple[str, str]:
        """Content type and body for Twilio: what the call says next, else nothing to do."""
        if urlsplit(callback.url).path.rpartition("/")[2] != "voice":
            return "text/xml", _EMPTY
        query = _query(callback)
        locale = query.get("lang", "en")
        locale = locale if _LOCALE.fullmatch(locale) else "en"
        if events:
            return "text/xml", twiml.thanks(locale)
        if not verified(callback, self._tokens).get("Digits"):
            return "text/xml", twiml.goodbye(locale)
        again = {"keys": query["keys"], "lang": locale}
        action = callback_url(self._base_url, "voice", query["m"], **again)
        return "text/xml", twiml.press_again(locale, action=action)

    def _message_status(self, fields: Fields, query: Fields) -> DeliveryReport | None:
        sid, said = _field(fields, "MessageSid"), _field(fields, "MessageStatus")
        reference, status = _reference(query), _MESSAGES.get(said)
        if status is None:
            return None
        channel = channel_of(fields.get("To", ""))
        marks = [postback.reply_key(self._key, reference)] if channel in MARKED else []
        why = None
        if status == DeliveryStatus.FAILED:
            why = failure(fields.get("ErrorCode"), fields.get("ErrorMessage", ""), said)
        return DeliveryReport(
            reference=reference,
            status=status,
            event_id=f"{sid}:{said}",
            failure=why,
            provider_id=sid,
            reply_keys=(*self._sent_keys(fields, channel, sid), *marks),
            person=self._person(fields.get("To", ""), fields.get("From", "")),
        )

    def _call_status(self, fields: Fields, query: Fields) -> DeliveryReport | None:
        sid, said = _field(fields, "CallSid"), said_of(fields)
        if not said:
            raise CallbackMalformed("CallStatus or AnsweredBy is missing")
        reference, why = _reference(query), not_heard(fields, said)
        if why is not None:
            status = DeliveryStatus.FAILED
        elif heard(fields, said):
            status = DeliveryStatus.DELIVERED
        elif said == "completed":
            status = DeliveryStatus.SENT  # whoever took it: the call was made
        else:
            return None
        return DeliveryReport(
            reference=reference,
            status=status,
            event_id=f"{sid}:{said}",
            failure=why,
            provider_id=sid,
            reply_keys=self._sent_keys(fields, Channel.VOICE, sid),
            person=self._person(fields.get("To", ""), fields.get("From", "")),
        )

    def _sent_keys(self, fields: Fields, channel: Channel, sid: str) -> tuple[str, ...]:
        """The keys of what we sent, for when the answer to the send was lost."""
        theirs = fields.get("To", "")
        ours = filter(None, (fields.get("From"), fields.get("MessagingServiceSid")))
        pairs = [pair_key(self._key, channel, theirs, one) for one in ours if theirs]
        return (*pairs, sent_key(self._key, NAME, sid))

    def _reply(self, fields: Fields) -> Reply:
        sid, sender = _field(fields, "MessageSid"), _field(fields, "From")
        text = fields.get("Body", "")
        button = fields.get("ButtonPayload") or fields.get("ListId")  # of a button, of a list
        choice, token = postback.read(button) if button else (None, None)
        exact = self._exact(fields, token)
        # With Advanced Opt-Out, Twilio has acted on it already.
        opted = fields.get("OptOutType", "").upper()
        return Reply(
            channel=channel_of(sender),
            provider=NAME,
            provider_id=sid,
            text=text or None,
            choice=choice,
            keys=tuple(dict.fromkeys([*exact, *self._pairs(fields, sender)])),
            exact=len(exact),
            # A press on a button of ours is an answer, also where its label is "Cancel".
            stop=opted == "STOP" or (not button and is_stop(text)),
            certain=opted == "STOP" or (not button and is_certain(text)),
            start=opted == "START" or (not button and is_start(text)),
            # WhatsApp may name a person by an id of its own; the number is then in WaId.
            person=self._person(fields.get("WaId") or sender, fields.get("To", "")),
        )

    def _pressed(self, fields: Fields, query: Fields) -> Reply | None:
        reference, keys = _reference(query), query.get("keys", "")
        sid, digits = _field(fields, "CallSid"), fields.get("Digits", "")
        if not re.fullmatch(r"[1-9]", keys):
            raise CallbackMalformed("keys is not a number of choices")
        if not re.fullmatch(r"[1-9]", digits) or digits > keys:
            return None
        return Reply(
            channel=Channel.VOICE,
            provider=NAME,
            provider_id=f"{sid}:{digits}",
            text=digits,
            reference=reference,
            person=self._person(fields.get("To", ""), fields.get("From", "")),
        )

    def _person(self, theirs: str, ours: str) -> str | None:
        return address_key(self._key, theirs, ours) if theirs else None

    def _exact(self, fields: Fields, token: str | None) -> list[str]:
        """Of what the answer itself names: the send whose button it was, what it quotes."""
        quoted = fields.get("OriginalRepliedMessageSid")
        marks = [token_key(self._key, token)] if token else []
        return [*marks, *([sent_key(self._key, NAME, quoted)] if quoted else [])]

    def _pairs(self, fields: Fields, sender: str) -> list[str]:
        """The two addresses, then our Messaging Service."""
        # WhatsApp may name a person by an id of its own; the number is then in WaId.
        theirs = filter(None, (sender, fields.get("WaId")))
        ours = [one for one in (fields.get("To"), fields.get("MessagingServiceSid")) if one]
        channel = channel_of(sender)
        return [pair_key(self._key, channel, they, us) for they in theirs for us in ours]


def _query(callback: Callback) -> dict[str, str]:
    found = parse_qs(urlsplit(callback.url).query, keep_blank_values=True)
    return {name: values[-1] for name, values in found.items()}


def _reference(query: Fields) -> str:
    if parse_reference(query.get("m", "")) is None:
        raise CallbackMalformed("no reference of ours in the URL")
    return query["m"]


def _field(fields: Fields, name: str) -> str:
    if not fields.get(name):
        raise CallbackMalformed(f"{name} is missing")
    return fields[name]
