"""What the push services of browsers can do."""

from failover.channels import Channel
from providers.capabilities import TO_THE_EYE, Address, Carries, Shown, Text
from providers.push.payload import least_bytes
from providers.webpush.subscription import Subscription

#: Bytes that fit into the 4096 of RFC 8030 once they are encrypted (RFC 8291, 4).
LARGEST = 3993

_SUBSCRIPTION = Address(
    "the JSON of a browser's subscription", lambda given: Subscription.read(given) is not None
)

CHANNELS = (
    Carries(
        "webpush",
        Channel.PUSH,
        TO_THE_EYE,
        Text(LARGEST, "bytes of JSON", least_bytes),
        _SUBSCRIPTION,
        choices=(Shown("buttons", 9),),
        reference="the signed URL that the service worker posts to",
        reply_reference="the same URL",
        window="any time; kept for up to 4 weeks (`TTL`)",
        sources=("RFC 8030", "RFC 8291, 4", "RFC 8292"),
    ),
)
