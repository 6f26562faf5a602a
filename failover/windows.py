"""When a channel takes free text: WhatsApp does for 24 hours after the person has written there.

Outside of them it takes templates only ("Customer service windows", Meta; 63016 of Twilio, 1340 of
Vonage). Workflow code, like the policy.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from failover.channels import Channel
from failover.events import Answer
from failover.message import Message
from failover.step import Step

#: An hour less than there is: a send may wait before it goes, and clocks differ.
_OPEN = timedelta(hours=23)


def in_window(
    message: Message, step: Step, provider: str, answers: Sequence[Answer], now: datetime
) -> bool:
    """Whether the person of this step has written to the same sender there a short while ago."""
    if step.channel != Channel.WHATSAPP:
        return False
    address = message.address(step)
    return any(
        (said.channel, said.provider) == (step.channel, provider)
        and said.step is not None
        and message.address(message.steps[said.step]) == address
        and said.at is not None
        and now - said.at < _OPEN
        for said in answers
    )
