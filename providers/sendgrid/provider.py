"""SendGrid: email by its Web API v3."""

import json
from dataclasses import dataclass
from datetime import datetime

from failover.channels import Channel
from providers.base import (
    Accepted,
    CallbackReader,
    LookUpImpossible,
    Outbound,
    Refused,
    Sender,
    SendUnknown,
)
from providers.integration import Callbacks, Integration
from providers.reply_keys import reply_token
from providers.sendgrid import errors
from providers.sendgrid.callbacks import SendGridCallbacks
from providers.sendgrid.client import Answered, get_activity, post, unavailable
from providers.sendgrid.keys import NAME, message_keys
from providers.sendgrid.mail import REFERENCE, letter
from providers.sendgrid.routes import ROUTES, SIGNATURE
from providers.sendgrid.settings import SendGridSettings
from providers.sendgrid.signature import public_key
from providers.settings import PublicSettings

__all__ = ["NAME", "PROVIDER", "callbacks", "senders"]


def senders(settings: SendGridSettings, public: PublicSettings) -> dict[Channel, Sender]:
    return {Channel.EMAIL: EmailSender(settings, public.address_key.get_secret_value())}


def callbacks(settings: SendGridSettings, public: PublicSettings) -> CallbackReader:
    events = (settings.event_public_key, settings.event_public_key_previous)
    inbound = (settings.inbound_public_key, settings.inbound_public_key_previous)
    return SendGridCallbacks(
        secret=public.address_key.get_secret_value(),
        event_keys=tuple(public_key(given) for given in events if given),
        inbound_keys=tuple(public_key(given) for given in inbound if given),
    )


@dataclass(frozen=True)
class EmailSender:
    """Email has no time to live: what SendGrid has taken may arrive days later."""

    settings: SendGridSettings
    secret: str

    def send(self, outbound: Outbound) -> Accepted | Refused:
        try:
            answer = post(self.settings, self._letter(outbound))
        except Answered as answered:
            return errors.refusal(answered)
        if answer.status_code != 202:
            raise SendUnknown(f"sendgrid answered {answer.status_code}, where 202 is documented")
        message_id = answer.headers.get("X-Message-Id")
        if answer.body.strip() and not message_id:
            raise SendUnknown("a 202 with a body and no X-Message-Id, which is not sendgrid's")
        return self._accepted(outbound, message_id)

    def look_up(self, outbound: Outbound, since: datetime) -> Accepted | None:
        """By Email Activity, an extra of the account; it looks back for days, so `since` is no
        part of the question."""
        if '"' in outbound.reference or "\\" in outbound.reference:
            raise LookUpImpossible("the reference cannot be quoted in a query")
        query = f"(unique_args['{REFERENCE}']=\"{outbound.reference}\")"
        try:
            answer = get_activity(self.settings, query)
        except Answered as answered:
            errors.not_looked_up(answered)
        try:
            found = [str(message["msg_id"]) for message in json.loads(answer.body)["messages"]]
        except (ValueError, KeyError, TypeError) as error:
            raise unavailable(error) from None
        # The id that the send would have got is what stands before the first dot.
        return self._accepted(outbound, found[0].partition(".")[0]) if found else None

    def _letter(self, outbound: Outbound) -> dict[str, object]:
        # What an agent mails back is no answer of the person's.
        domain = self.settings.reply_domain if outbound.channel == Channel.EMAIL else None
        token = reply_token(self.secret, outbound.reference)
        reply_to = f"r+{token}@{domain}" if domain else None
        return letter(outbound, sender=self.settings.sender, reply_to=reply_to)

    def _accepted(self, outbound: Outbound, message_id: str | None) -> Accepted:
        keys = message_keys(self.secret, outbound.reference, message_id)
        return Accepted(provider_id=message_id, reply_keys=keys)


PROVIDER = Integration(
    name=NAME,
    title="SendGrid",
    settings=SendGridSettings,
    senders=senders,
    callbacks=Callbacks(NAME, ROUTES, callbacks, signature=SIGNATURE),
)
