"""Names other people's code depends on: the queue, the workflow, its signals, its ids."""

import hashlib
import re
from enum import StrEnum

TASK_QUEUE = "failover"
#: The queue of what stands beside messages: replies that found none, opt-outs, notifications.
BACK_OFFICE = f"{TASK_QUEUE}-back-office"
MESSAGE_WORKFLOW = "Message"
INBOUND_WORKFLOW = "InboundMessage"
OPT_OUT_WORKFLOW = "OptOut"
NOTIFICATION_WORKFLOW = "Notification"
CONVERSATION_QUERY = "conversation"

_PLAIN = re.compile(r"[A-Za-z0-9:_-]{1,100}")
_REFERENCE = re.compile(r"(?P<message>[!-~]{1,90})\.(?P<attempt>[1-9][0-9]{0,5})")


class Signal(StrEnum):
    """The signals of a `Message` workflow."""

    RESPONDED = "responded"
    REPORTED = "reported"
    OPTED_OUT = "opted_out"
    SKIP = "skip"
    #: Of an agent who takes the conversation over.
    CLAIMED = "claimed"
    ANSWERED = "answered"
    CLOSED = "closed"


class OptOutSignal(StrEnum):
    """The signals of an `OptOut` workflow."""

    SAID = "said"
    START = "start"


class SearchAttribute(StrEnum):
    """What a message can be found by; none holds an address or a text."""

    MESSAGE_STATUS = "MessageStatus"
    CHANNEL = "Channel"
    RECIPIENT = "Recipient"
    CONVERSATION = "Conversation"
    REPLY_KEYS = "ReplyKeys"


#: `MessageStatus` of a running message, and while nobody knows what became of one of its sends.
OPEN, IN_DOUBT = "open", "in_doubt"


def workflow_id(message_id: str) -> str:
    return f"message-{message_id}"


def message_id(of_workflow: str) -> str:
    return of_workflow.removeprefix("message-")


def opt_out_id(address_key: str) -> str:
    """Of the workflow that runs for as long as the person wants nothing at this address."""
    return f"opt-out-{address_key}"


def back_office(queue: str) -> str:
    """The queue of what stands beside the messages of this one."""
    return f"{queue}-back-office"


def inbound_id(provider: str, provider_id: str) -> str:
    """The workflow id of a reply: the same for a callback that is repeated.

    An email's id looks like an address, and some are.
    """
    if not _PLAIN.fullmatch(provider_id):
        provider_id = hashlib.sha256(provider_id.encode(errors="replace")).hexdigest()[:32]
    return f"inbound-{provider}-{provider_id}"


def sending_queue(provider: str) -> str:
    """The task queue of one provider's sends, so that a slow provider starves nobody."""
    return f"{TASK_QUEUE}-{provider}"


def activity_id(attempt: int) -> str:
    """Of the send of this attempt, within its message."""
    return f"attempt-{attempt}"


def send_activity(channel: str) -> str:
    """The activity type that an operator reads in the timeline."""
    return {"voice": "place_call", "agent": "hand_over"}.get(channel, f"send_{channel}")


def reference(message_id: str, attempt: int) -> str:
    """What we give the provider and every callback brings back."""
    return f"{message_id}.{attempt}"


def parse_reference(text: str) -> tuple[str, int] | None:
    """Message id and attempt number, or None when the text is not a reference."""
    match = _REFERENCE.fullmatch(text)
    return (match["message"], int(match["attempt"])) if match else None
