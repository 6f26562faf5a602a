"""What the push services of browsers can do."""

import json

from failover.channels import Channel
from providers.base import Outbound
from providers.capabilities import TO_THE_EYE, Address, Carries, Media, Shown, Text
from providers.links import Links
from providers.push.payload import Payload
from providers.push.tickets import Tickets
from providers.webpush.subscription import Subscription

#: Bytes that fit into the 4096 of RFC 8030 once they are encrypted (RFC 8291, 4).
LARGEST = 3993

_SUBSCRIPTION = Address(
    "the JSON of a browser's subscription", lambda given: Subscription.read(given) is not None
)


def written(payload: Payload) -> bytes:
    """What is encrypted."""
    return json.dumps(payload.said, ensure_ascii=False, separators=(",", ":")).encode()


def _fits(outbound: Outbound, links: Links) -> bool:
    return len(written(Payload.of(outbound, Tickets.like(links)))) <= LARGEST


CHANNELS = (
    Carries(
        "webpush",
        Channel.PUSH,
        TO_THE_EYE,
        Text(LARGEST, "bytes of JSON", _fits),
        _SUBSCRIPTION,
        choices=(Shown("buttons", 9),),
        media=Media(("image",), most=1),
        reference="the signed URL that the service worker posts to",
        reply_reference="the same URL",
        window="any time; kept for up to 4 weeks (`TTL`)",
        sources=("RFC 8030", "RFC 8291, 4", "RFC 8292"),
    ),
)
