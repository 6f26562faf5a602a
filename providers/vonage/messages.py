"""What a message looks like on each channel of Vonage's Messages API.

A channel more is a function, here or in a file of its own, and its name in `WRITERS`.
"""

from collections.abc import Callable

from vonage_messages.models import BaseMessage, Sms

from failover.channels import Channel
from providers.base import Outbound
from providers.media import attached
from providers.vonage.envelope import Common, ttl
from providers.vonage.messenger import messenger
from providers.vonage.mms import mms
from providers.vonage.rcs import rcs
from providers.vonage.viber import viber
from providers.vonage.whatsapp import whatsapp
from providers.wording import as_text

#: Seconds an SMS may wait for the handset.
_TTL = 20, 604_800


def _sms(outbound: Outbound, common: Common) -> BaseMessage:
    _, rest = attached(outbound, 0)
    return Sms(**common, text=as_text(rest), ttl=ttl(outbound, *_TTL))


WRITERS: dict[Channel, Callable[[Outbound, Common], BaseMessage]] = {
    Channel.SMS: _sms,
    Channel.MMS: mms,
    Channel.WHATSAPP: whatsapp,
    Channel.VIBER: viber,
    Channel.MESSENGER: messenger,
    Channel.RCS: rcs,
}
