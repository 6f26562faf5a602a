"""What FCM can do."""

from failover.channels import Channel
from providers.base import Outbound
from providers.capabilities import MAILBOX, PHONE, TO_THE_EYE, Address, Carries, Media, Shown, Text
from providers.fcm.messages import LARGEST, data, size
from providers.links import Links
from providers.push.payload import Payload
from providers.push.tickets import Tickets


def _is_a_token(given: str) -> bool:
    """Google documents no form of it ("Registration tokens"): only what is something else is none.

    A browser's subscription begins with a brace.
    """
    return not (given.startswith("{") or "://" in given or PHONE.fits(given) or MAILBOX.fits(given))


_TOKEN = Address("a registration token of FCM", _is_a_token)


def _fits(outbound: Outbound, links: Links) -> bool:
    return size(data(Payload.of(outbound, Tickets.like(links)))) <= LARGEST


CHANNELS = (
    Carries(
        "fcm",
        Channel.PUSH,
        TO_THE_EYE,
        Text(LARGEST, "bytes of data", _fits),
        _TOKEN,
        choices=(Shown("the app shows them", 9),),
        media=Media(("image",), most=1),
        reference="the signed URL that the app posts to",
        reply_reference="the same URL",
        window="any time; kept for up to 4 weeks (`ttl`)",
        sources=("FCM HTTP v1: Message", "FCM: Set the lifespan of a message"),
    ),
)
