"""When a channel takes free text: WhatsApp does for 24 hours after the person has written there.

Outside of them it takes templates only ("Customer service windows", Meta; 63016 of Twilio, 1340 of
Vonage). Workflow code, like the policy.
"""

from datetime import datetime, timedelta

from failover.attempts import Attempt
from failover.channels import Channel
from failover.content import Content
from failover.conversation import Conversation
from failover.events import Answer

#: An hour less than there is: a send may wait before it goes, and clocks differ.
_OPEN = timedelta(hours=23)


def fitting(
    content: Content, conversation: Conversation, attempt: Attempt, now: datetime
) -> Content:
    """The text instead of the template where the channel takes it, as nobody reads it twice."""
    if attempt.channel != Channel.WHATSAPP or not content.template:
        return content
    lately = [said for said in conversation.responses if said.at and now - said.at < _OPEN]
    if not any(_opens(said, conversation, attempt) for said in lately):
        return content
    return content.model_copy(update={"template": None})


def _opens(said: Answer, conversation: Conversation, attempt: Attempt) -> bool:
    """Whether it was written to the sender of this attempt, by the person it goes to."""
    message = conversation.message
    return (
        (said.channel, said.provider) == (attempt.channel, attempt.provider)
        and said.step is not None
        and message.address(message.steps[said.step])
        == message.address(message.steps[attempt.step])
    )
