"""All providers: one is one line here. Workers pick their senders from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from failover.channels import Channel
from failover.conversation import SERVICE
from providers.base import Sender
from providers.fcm import provider as fcm
from providers.fcm.settings import FcmSettings
from providers.sendgrid import provider as sendgrid
from providers.sendgrid.settings import SendGridSettings
from providers.settings import ProviderSettings, PublicSettings, load_if_any
from providers.twilio import provider as twilio
from providers.twilio.settings import TwilioSettings
from providers.vonage import provider as vonage
from providers.vonage.settings import VonageSettings
from providers.webpush import provider as webpush
from providers.webpush.settings import WebPushSettings

#: In order of preference, for steps that name no providers.
_KNOWN: tuple[tuple[str, type[ProviderSettings], Callable[[Any, PublicSettings], Any]], ...] = (
    (twilio.NAME, TwilioSettings, twilio.senders),
    (vonage.NAME, VonageSettings, vonage.senders),
    (sendgrid.NAME, SendGridSettings, sendgrid.senders),
    (fcm.NAME, FcmSettings, fcm.senders),
    (webpush.NAME, WebPushSettings, webpush.senders),
)


@dataclass(frozen=True)
class Provider:
    """A provider that the environment has credentials for."""

    name: str
    settings: ProviderSettings
    senders: Mapping[Channel, Sender]


def configured(public: PublicSettings) -> list[Provider]:
    """The providers on offer. Raises `ConfigurationError` when one is configured by half."""
    found = ((name, load_if_any(kind), senders) for name, kind, senders in _KNOWN)
    return [
        Provider(name, settings, senders(settings, public))
        for name, settings, senders in found
        if settings is not None
    ]


def offers(providers: list[Provider]) -> dict[str, list[str]]:
    """Per channel the names of the providers that have a sender for it."""
    found = {
        channel.value: names
        for channel in Channel
        if (names := [p.name for p in providers if channel in p.senders])
    }
    # Agents are written to by email, or are the service's own affair.
    return found | {Channel.AGENT.value: found.get(Channel.EMAIL, [SERVICE])}
