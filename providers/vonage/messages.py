"""What a message looks like on each channel of Vonage's Messages API.

A channel more is a function here and its name in `WRITERS`.
"""

from collections.abc import Callable
from typing import TypedDict

from vonage_messages.models import BaseMessage, Sms, WhatsappCustom, WhatsappText

from failover.channels import Channel
from failover.content import Choice
from providers.base import Outbound
from providers.wording import as_text, with_link

#: Interactive messages with reply buttons (WhatsApp's Cloud API).
_BUTTONS, _BUTTON_TITLE, _BUTTONS_BODY = 3, 20, 1024
#: Seconds an SMS may wait for the handset.
_SHORTEST, _LONGEST = 20, 604_800


class Common(TypedDict):
    """What all channels have. Vonage wants phone numbers without the +."""

    to: str
    from_: str
    client_ref: str
    webhook_url: str
    webhook_version: str


def common(outbound: Outbound, ours: str, status_url: str) -> Common:
    return Common(
        to=outbound.to.removeprefix("+"),
        from_=ours.removeprefix("+"),
        client_ref=outbound.reference,
        webhook_url=status_url,
        webhook_version="v1",
    )


def _sms(outbound: Outbound, common: Common) -> BaseMessage:
    wait = int(outbound.valid_for.total_seconds())
    return Sms(**common, text=as_text(outbound), ttl=min(max(wait, _SHORTEST), _LONGEST))


def _whatsapp(outbound: Outbound, common: Common) -> BaseMessage:
    """Vonage has no time to live for WhatsApp."""
    text, choices = with_link(outbound), outbound.content.choices
    if _fit_buttons(text, choices):
        return WhatsappCustom(**common, custom=_buttons(text, choices))
    return WhatsappText(**common, text=as_text(outbound))


WRITERS: dict[Channel, Callable[[Outbound, Common], BaseMessage]] = {
    Channel.SMS: _sms,
    Channel.WHATSAPP: _whatsapp,
}


def _fit_buttons(text: str, choices: tuple[Choice, ...]) -> bool:
    return (
        1 <= len(choices) <= _BUTTONS
        and all(len(choice.label) <= _BUTTON_TITLE for choice in choices)
        and len(text) <= _BUTTONS_BODY
    )


def _buttons(text: str, choices: tuple[Choice, ...]) -> dict[str, object]:
    replies = [
        {"type": "reply", "reply": {"id": choice.id, "title": choice.label}} for choice in choices
    ]
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": text}, "action": {"buttons": replies}},
    }
