"""Messenger by Vonage: text, and files as links, as a file goes without any text."""

from vonage_messages.models import BaseMessage, MessengerOptions, MessengerText

from providers.base import Outbound
from providers.media import attached
from providers.vonage.envelope import Common
from providers.wording import as_text


def messenger(outbound: Outbound, common: Common) -> BaseMessage:
    """Vonage has neither buttons nor a time to live for Messenger."""
    _, rest = attached(outbound, 0)
    tagged = outbound.content.messenger
    # A tag is for what may come outside the 24 hours since the person last wrote.
    why = {"category": "message_tag", "tag": tagged.tag} if tagged else {"category": "update"}
    return MessengerText(**common, text=as_text(rest), messenger=MessengerOptions(**why))
