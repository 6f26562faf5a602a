"""FCM: push to apps, by its HTTP v1 API."""

from failover.channels import Channel
from providers.base import Sender
from providers.fcm.settings import FcmSettings
from providers.integration import Integration
from providers.push.routes import ACKNOWLEDGED
from providers.push.tickets import Tickets
from providers.settings import PublicSettings

NAME = "fcm"


def senders(settings: FcmSettings, public: PublicSettings) -> dict[Channel, Sender]:
    # Imported here: an installation without FCM may do without its library.
    from providers.fcm.client import Line
    from providers.fcm.sending import FcmSender

    return {Channel.PUSH: FcmSender(Line(settings), Tickets.by(public), settings.display)}


PROVIDER = Integration(
    name=NAME, title="FCM", settings=FcmSettings, senders=senders, callbacks=ACKNOWLEDGED
)
