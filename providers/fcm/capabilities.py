"""What FCM can do."""

from failover.channels import Channel
from providers.capabilities import TO_THE_EYE, Address, Carries, Shown, Text
from providers.fcm.messages import LARGEST
from providers.push.payload import least_bytes

_TOKEN = Address("a registration token of FCM", lambda given: not given.startswith("{"))

CHANNELS = (
    Carries(
        "fcm",
        Channel.PUSH,
        TO_THE_EYE,
        Text(LARGEST, "bytes of data", least_bytes),
        _TOKEN,
        choices=(Shown("the app shows them", 9),),
        reference="the signed URL that the app posts to",
        reply_reference="the same URL",
        window="any time; kept for up to 4 weeks (`ttl`)",
        sources=("FCM HTTP v1: Message", "FCM: Set the lifespan of a message"),
    ),
)
