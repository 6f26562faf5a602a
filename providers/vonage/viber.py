"""Viber by Vonage: a text, or a picture with its caption, and a button that opens a page."""

from vonage_messages.models import BaseMessage, ViberImage, ViberText
from vonage_messages.models.viber import (
    ViberAction,
    ViberImageOptions,
    ViberImageResource,
    ViberTextOptions,
)

from failover.locales import phrases
from failover.media import MediaKind
from providers.base import Outbound
from providers.media import attached, saying
from providers.vonage.envelope import Common, ttl
from providers.wording import as_text

#: Seconds a message may wait for the handset.
_TTL = 30, 259_200
#: Characters of a message, with a picture or without. Vonage's model has no limit of a caption.
_LONGEST = 1000


def viber(outbound: Outbound, common: Common) -> BaseMessage:
    """A video needs its length, size and thumbnail, and a file takes no text: both are links."""
    images, rest = attached(outbound, 1, (MediaKind.IMAGE,))
    said, action = outbound.content.viber, _action(outbound)
    options = {
        "category": said.category if said else "transaction",
        "ttl": ttl(_shorter(outbound), *_TTL),
        "action": action,
    }
    text = _without_the_link(saying(rest, *(image.caption for image in images)))
    if not images or len(text) > _LONGEST:
        text = _without_the_link(attached(outbound, 0)[1])
        return ViberText(**common, text=text, viber_service=ViberTextOptions(**options))
    resource = ViberImageResource(url=images[0].url, caption=text)
    return ViberImage(**common, image=resource, viber_service=ViberImageOptions(**options))


def _without_the_link(outbound: Outbound) -> str:
    """The button has it."""
    return as_text(outbound.model_copy(update={"link": None}))


def _shorter(outbound: Outbound) -> Outbound:
    """The step's wait, or less where the content says so."""
    said = outbound.content.viber
    if said is None or said.ttl is None:
        return outbound
    return outbound.model_copy(update={"valid_for": min(outbound.valid_for, said.ttl)})


def _action(outbound: Outbound) -> ViberAction | None:
    """To the page with the choices, which Viber itself does not show."""
    if outbound.link is None:
        return None
    return ViberAction(url=outbound.link, text=phrases(outbound.locale)["choices"]["open"])
