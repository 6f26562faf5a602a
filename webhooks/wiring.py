"""Which providers' callbacks are read: those that the environment has the secrets of."""

from providers.base import CallbackReader
from providers.fcm.settings import FcmSettings
from providers.push import callbacks as push
from providers.sendgrid import provider as sendgrid
from providers.sendgrid.settings import SendGridSettings
from providers.settings import ConfigurationError, PublicSettings, load_if_any
from providers.twilio import provider as twilio
from providers.twilio.settings import TwilioSettings
from providers.vonage import provider as vonage
from providers.vonage.settings import VonageSettings
from providers.webpush.settings import WebPushSettings


def readers(public: PublicSettings) -> dict[str, CallbackReader]:
    """By provider. Raises `ConfigurationError` for settings that are wrong or not there at all."""
    found: dict[str, CallbackReader] = {}
    if (by_twilio := load_if_any(TwilioSettings)) is not None:
        found[twilio.NAME] = twilio.callbacks(by_twilio, public)
    if (by_sendgrid := load_if_any(SendGridSettings)) is not None:
        found[sendgrid.NAME] = sendgrid.callbacks(by_sendgrid, public)
    if (by_vonage := load_if_any(VonageSettings)) is not None:
        found[vonage.NAME] = vonage.callbacks(by_vonage, public)
    if load_if_any(FcmSettings) or load_if_any(WebPushSettings):
        found[push.NAME] = push.callbacks(public)
    if not found:
        raise ConfigurationError(
            "no provider is configured: set the TWILIO_, SENDGRID_, VONAGE_, FCM_ or WEBPUSH_"
            " variables"
        )
    return found
