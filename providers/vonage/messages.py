"""What a message looks like on each channel of Vonage's Messages API.

A channel more is a function here and its name in `WRITERS`.
"""

from collections.abc import Callable
from typing import TypedDict

from vonage_messages.models import BaseMessage, Sms, WhatsappCustom, WhatsappText

from failover.channels import Channel
from failover.content import Choice
from failover.locales import phrases
from providers.base import Outbound
from providers.whatsapp import Shape, shape
from providers.wording import as_text, with_link

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
    match shape(text, choices):
        case Shape.BUTTONS:
            return WhatsappCustom(**common, custom=_interactive("button", text, _buttons(choices)))
        case Shape.LIST:
            rows = _rows(choices, phrases(outbound.locale)["choices"]["open"])
            return WhatsappCustom(**common, custom=_interactive("list", text, rows))
    return WhatsappText(**common, text=as_text(outbound))


WRITERS: dict[Channel, Callable[[Outbound, Common], BaseMessage]] = {
    Channel.SMS: _sms,
    Channel.WHATSAPP: _whatsapp,
}


def _interactive(kind: str, text: str, action: dict[str, object]) -> dict[str, object]:
    """WhatsApp's own object, which Vonage hands through."""
    interactive = {"type": kind, "body": {"text": text}, "action": action}
    return {"type": "interactive", "interactive": interactive}


def _buttons(choices: tuple[Choice, ...]) -> dict[str, object]:
    replies = [{"id": choice.id, "title": choice.label} for choice in choices]
    return {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}


def _rows(choices: tuple[Choice, ...], opens: str) -> dict[str, object]:
    rows = [{"id": choice.id, "title": choice.label} for choice in choices]
    return {"button": opens, "sections": [{"rows": rows}]}
