"""What SendGrid can do."""

from failover.channels import Channel
from providers.capabilities import MAILBOX, TO_THE_DEVICE, Carries, Shown, Text

CHANNELS = (
    Carries(
        "sendgrid",
        Channel.EMAIL,
        TO_THE_DEVICE,
        # 30 MB for all of it, which our own limit of a text is far below.
        Text(),
        MAILBOX,
        choices=(Shown("links", 9),),
        template=True,
        reference="`custom_args`",
        reply_reference="a token in Reply-To",
        window="any time; tried for up to 3 days",
        sources=("SendGrid: Mail Send v3, limits", "SendGrid: Event Webhook reference"),
    ),
)
