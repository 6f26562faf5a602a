"""Push to browsers, by the push service of each (RFC 8030)."""

from failover.channels import Channel
from providers.base import Sender
from providers.integration import Integration
from providers.push.routes import ACKNOWLEDGED
from providers.push.tickets import Tickets
from providers.settings import PublicSettings
from providers.webpush.settings import WebPushSettings

NAME = "webpush"


def senders(settings: WebPushSettings, public: PublicSettings) -> dict[Channel, Sender]:
    # Imported here: an installation without browser push may do without its library.
    from providers.webpush.sending import WebPushSender

    return {Channel.PUSH: WebPushSender.by(settings, Tickets.by(public))}


PROVIDER = Integration(
    name=NAME, title="WebPush", settings=WebPushSettings, senders=senders, callbacks=ACKNOWLEDGED
)
