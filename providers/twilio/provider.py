"""What Twilio offers: a sender for each channel that has one of ours, and a reader of callbacks."""

from failover.channels import Channel
from providers.base import Sender
from providers.integration import Callbacks, Integration
from providers.settings import PublicSettings
from providers.twilio.callbacks import TwilioCallbacks
from providers.twilio.client import client
from providers.twilio.contents import ASKED, Contents
from providers.twilio.messages import NAME, Messages
from providers.twilio.routes import ROUTES, TWIML
from providers.twilio.settings import TwilioSettings
from providers.twilio.voice import Calls

__all__ = ["NAME", "PROVIDER", "callbacks", "senders"]

_MESSAGES = (Channel.SMS, Channel.MMS, Channel.WHATSAPP, Channel.RCS, Channel.MESSENGER)
#: Channels that have buttons.
_BUTTONS = (Channel.WHATSAPP, Channel.RCS, Channel.MESSENGER)


def senders(settings: TwilioSettings, public: PublicSettings) -> dict[Channel, Sender]:
    """The channels with a sender of ours, in one client that all threads share."""
    twilio = client(settings)
    contents = Contents(client(settings, min(settings.timeout, ASKED)))
    base_url, key = public.public_base_url, public.address_key.get_secret_value()
    offered: dict[Channel, Sender] = {
        channel: Messages(
            twilio,
            channel,
            sender,
            base_url=base_url,
            key=key,
            contents=contents if channel in _BUTTONS else None,
        )
        for channel in _MESSAGES
        if (sender := settings.sender_of(channel))
    }
    if number := settings.sender_of(Channel.VOICE):
        offered[Channel.VOICE] = Calls(twilio, number, base_url=base_url, key=key)
    return offered


def callbacks(settings: TwilioSettings, public: PublicSettings) -> TwilioCallbacks:
    tokens = (settings.auth_token, settings.auth_token_previous)
    return TwilioCallbacks(
        tokens=[token.get_secret_value() for token in tokens if token],
        key=public.address_key.get_secret_value(),
        base_url=public.public_base_url,
    )


PROVIDER = Integration(
    name=NAME,
    title="Twilio",
    settings=TwilioSettings,
    senders=senders,
    callbacks=Callbacks(NAME, ROUTES, callbacks, signature=("X-Twilio-Signature",), taken=TWIML),
)
