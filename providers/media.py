"""What of a message's media a channel shows by itself; the rest are links below the text."""

from collections.abc import Sequence

from failover.media import Media, MediaKind
from providers.base import Outbound


def attached(
    outbound: Outbound, most: int, kinds: Sequence[MediaKind] = tuple(MediaKind)
) -> tuple[tuple[Media, ...], Outbound]:
    """The first media of these kinds, and the send without them: all others are links in its text.

    The same send is always divided in the same way, also when it is looked up.
    """
    media = outbound.content.media
    shown = [one for one in media if one.kind in kinds][:most]
    linked = (_link(one) for one in media if not any(one is other for other in shown))
    return tuple(shown), saying(outbound, *linked)


def saying(outbound: Outbound, *paragraphs: str | None) -> Outbound:
    """The send with more text."""
    text = "\n\n".join(filter(None, (outbound.content.text, *paragraphs)))
    said = outbound.content.model_copy(update={"text": text, "media": ()})
    return outbound.model_copy(update={"content": said})


def _link(media: Media) -> str:
    return "\n".join(filter(None, (media.caption or media.name, media.url)))
