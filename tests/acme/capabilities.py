"""What Acme can do."""

from failover.channels import Channel
from providers.capabilities import PHONE, TO_THE_DEVICE, Carries, Text

CHANNELS = (
    Carries(
        "acme",
        Channel.SMS,
        TO_THE_DEVICE,
        Text(1600),
        PHONE,
        reference="`reference`",
        reply_reference="`reference`, where the handset says what it answers",
        window="kept for 1 min to 48 h (`expires_in`)",
        sources=("Acme: Send a message", "Acme: Callbacks"),
    ),
)
