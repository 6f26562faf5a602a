"""RCS by Vonage: a text, or a card with a picture or video, and suggested replies."""

from vonage_messages.models import (
    BaseMessage,
    RcsCard,
    RcsCardMessage,
    RcsCardOrientation,
    RcsMediaHeight,
    RcsOptionsCard,
    RcsSuggestionReply,
    RcsText,
)

from failover.media import MediaKind
from providers.base import Outbound
from providers.media import attached, saying
from providers.vonage.envelope import Common, ttl
from providers.wording import as_text, with_link

#: Seconds a message may wait for the handset.
_TTL = 20, 259_200
#: Suggestions below a text and on a card, and characters of one ("RCS Suggestions Chips").
_BELOW, _ON_CARD, _LABEL = 11, 4, 25
#: Characters on a card ("How to Send Rich Cards and Carousels").
_TITLE, _TEXT = 200, 2000


def rcs(outbound: Outbound, common: Common) -> BaseMessage:
    """The ids of the choices are what the suggestions bring back (`postback.marked`)."""
    return _card(outbound, common) or _text(outbound, common)


def _text(outbound: Outbound, common: Common) -> BaseMessage:
    _, rest = attached(outbound, 0)
    offered = _suggestions(outbound, _BELOW)
    text = with_link(rest) if offered else as_text(rest)
    return RcsText(**common, ttl=ttl(outbound, *_TTL), text=text, suggestions=offered)


def _card(outbound: Outbound, common: Common) -> BaseMessage | None:
    """None where a card lacks something: Vonage's has a title, a text and a picture or video."""
    shown, rest = attached(outbound, 1, (MediaKind.IMAGE, MediaKind.VIDEO))
    offered = _suggestions(outbound, _ON_CARD)
    if not shown or (outbound.content.choices and not offered):
        return None
    [media] = shown
    title = outbound.content.subject or media.caption or media.name
    # A description is read to those who do not see the picture, and shown to nobody.
    text = with_link(saying(rest, media.caption if title != media.caption else None))
    if not title or len(title) > _TITLE or len(text) > _TEXT:
        return None
    card = RcsCard(
        title=title,
        text=text,
        media_url=media.url,
        media_description=media.caption,
        media_height=RcsMediaHeight.MEDIUM,
        suggestions=offered,
    )
    look = RcsOptionsCard(card_orientation=RcsCardOrientation.VERTICAL)
    return RcsCardMessage(**common, ttl=ttl(outbound, *_TTL), card=card, rcs=look)


def _suggestions(outbound: Outbound, most: int) -> list[RcsSuggestionReply] | None:
    """None where there are none, and where they are lines of text."""
    choices = outbound.content.choices
    if len(choices) > most or any(len(one.label) > _LABEL for one in choices):
        return None
    return [RcsSuggestionReply(text=one.label, postback_data=one.id) for one in choices] or None
