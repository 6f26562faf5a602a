"""MMS by Vonage: the text is the caption of the first file, as a file has no text beside it."""

from collections.abc import Sequence

from vonage_messages.models import (
    BaseMessage,
    MmsAudio,
    MmsContent,
    MmsContentItemAudio,
    MmsContentItemFile,
    MmsContentItemImage,
    MmsContentItemVideo,
    MmsFile,
    MmsImage,
    MmsResource,
    MmsText,
    MmsVideo,
)

from failover.media import Media, MediaKind
from providers.base import Outbound
from providers.media import attached, saying
from providers.vonage.envelope import Common, ttl
from providers.wording import as_text

_MOST = 10
#: Seconds an MMS may wait for the handset.
_TTL = 300, 259_200
_ALONE = {
    MediaKind.IMAGE: MmsImage,
    MediaKind.VIDEO: MmsVideo,
    MediaKind.AUDIO: MmsAudio,
    MediaKind.FILE: MmsFile,
}
_ITEMS = {
    MediaKind.IMAGE: MmsContentItemImage,
    MediaKind.VIDEO: MmsContentItemVideo,
    MediaKind.AUDIO: MmsContentItemAudio,
    MediaKind.FILE: MmsContentItemFile,
}


def mms(outbound: Outbound, common: Common) -> BaseMessage:
    media, rest = attached(outbound, _MOST)
    wait = ttl(outbound, *_TTL)
    if not media:
        return MmsText(**common, ttl=wait, text=as_text(rest))
    first, *others = media
    text = as_text(saying(rest, first.caption))
    if others:
        return MmsContent(**common, ttl=wait, content=_items(text, media))
    told = {first.kind.value: MmsResource(url=first.url, caption=text)}
    made: BaseMessage = _ALONE[first.kind](**common, ttl=wait, **told)
    return made


def _items(text: str, media: Sequence[Media]) -> list[MmsResource]:
    captions = (text, *(one.caption for one in media[1:]))
    return [
        _ITEMS[one.kind](url=one.url, caption=caption)
        for one, caption in zip(media, captions, strict=True)
    ]
