"""Calls by Twilio that read the message aloud and take a pressed key for an answer."""

from datetime import datetime
from typing import Any

from twilio.rest import Client

from failover.channels import Channel
from failover.events import Failure, FailureClass
from providers import calling
from providers.base import Accepted, Outbound, Refused, SendUnknown
from providers.reply_keys import pair_key, sent_key
from providers.twilio.addresses import callback_url
from providers.twilio.calls import not_heard
from providers.twilio.errors import found, sent
from providers.twilio.messages import NAME, nearest
from providers.twilio.twiml import LONGEST, question


class Calls:
    """The sender of the channel voice."""

    def __init__(self, client: Client, sender: str, *, base_url: str, key: str) -> None:
        self._calls = client.calls
        self._sender, self._base_url, self._key = sender, base_url, key

    def send(self, outbound: Outbound) -> Accepted | Refused:
        twiml = written(outbound, self._base_url)
        if twiml is None:
            too_long = f"more than the {LONGEST} characters that a call takes"
            return Refused(failure=Failure(kind=FailureClass.CONTENT, detail=too_long))
        status = callback_url(self._base_url, "status", outbound.reference)
        took = sent(
            lambda: self._calls.create(
                to=outbound.to,
                from_=self._sender,
                twiml=twiml,
                timeout=calling.ring(outbound.valid_for),
                time_limit=calling.LONGEST,
                machine_detection="Enable",
                # Else a person hears nothing until it is found out who took the call.
                async_amd="true",
                async_amd_status_callback=status,
                status_callback=status,
                status_callback_event=["completed"],  # comes with every end of a call
            )
        )
        if isinstance(took, Refused):
            return took
        # A call that is over in the answer that takes it: no callback tells that status.
        why = not_heard({}, took.status) if isinstance(took.status, str) else None
        return Refused(failure=why) if why else self._accepted(outbound, took)

    def look_up(self, outbound: Outbound, since: datetime) -> Accepted | None:
        listed = found(
            lambda: self._calls.list(to=outbound.to, from_=self._sender, limit=50, page_size=50)
        )
        match = nearest(listed, since)
        return match and self._accepted(outbound, match)

    def _accepted(self, outbound: Outbound, call: Any) -> Accepted:
        if not isinstance(call.sid, str) or not call.sid:
            raise SendUnknown("an answer without a sid")
        pair = pair_key(self._key, Channel.VOICE, outbound.to, self._sender)
        keys = (pair, sent_key(self._key, NAME, call.sid))
        return Accepted(provider_id=call.sid, reply_keys=keys)


def written(outbound: Outbound, base_url: str) -> str | None:
    """The TwiML of this call; None where it is too long.

    The keys that count and the language go to where the key is read, in the action's URL.
    """
    keys, locale = len(outbound.content.choices) or 1, outbound.locale
    action = callback_url(base_url, "voice", outbound.reference, keys=keys, lang=locale)
    return question(outbound.content, action=action, locale=locale)
