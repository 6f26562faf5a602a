"""Acme: SMS by its HTTP API."""

from failover.channels import Channel
from providers.acme.callbacks import AcmeCallbacks
from providers.acme.client import Line
from providers.acme.routes import ROUTES, SIGNATURE
from providers.acme.settings import AcmeSettings
from providers.acme.sms import SmsSender
from providers.base import CallbackReader, Sender
from providers.integration import Callbacks, Integration
from providers.settings import PublicSettings

NAME = "acme"


def senders(settings: AcmeSettings, public: PublicSettings) -> dict[Channel, Sender]:
    secret, url = public.address_key.get_secret_value(), f"{public.public_base_url}/acme/status"
    return {Channel.SMS: SmsSender(Line(settings), secret, settings.sender, url)}


def callbacks(settings: AcmeSettings, public: PublicSettings) -> CallbackReader:
    known = (settings.callback_secret, settings.callback_secret_previous)
    return AcmeCallbacks(
        secret=public.address_key.get_secret_value(),
        callback_secrets=tuple(secret.get_secret_value() for secret in known if secret),
    )


PROVIDER = Integration(
    name=NAME,
    title="Acme",
    settings=AcmeSettings,
    senders=senders,
    callbacks=Callbacks(NAME, ROUTES, callbacks, signature=SIGNATURE),
)
