"""WhatsApp by Vonage: a template, a text with buttons or a list, or a file with its caption.

Vonage has no time to live for WhatsApp.
"""

from typing import Any

from vonage_messages.models import (
    BaseMessage,
    WhatsappCustom,
    WhatsappFile,
    WhatsappFileResource,
    WhatsappImage,
    WhatsappImageResource,
    WhatsappTemplate,
    WhatsappTemplateResource,
    WhatsappTemplateSettings,
    WhatsappText,
    WhatsappVideo,
    WhatsappVideoResource,
)

from failover.content import Choice
from failover.locales import phrases
from failover.media import Media, MediaKind
from failover.templates import VonageTemplate
from providers.base import Outbound
from providers.media import attached, saying
from providers.vonage.envelope import Common
from providers.whatsapp import Shape, shape
from providers.wording import as_text, with_link

#: What a text can go with; sound takes none.
_KINDS = (MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.FILE)
#: Of a file. Meta, "Image messages", "Video messages", "Document messages".
_CAPTION = 1024
_HEADERS = {MediaKind.IMAGE: "image", MediaKind.VIDEO: "video", MediaKind.FILE: "document"}


def whatsapp(outbound: Outbound, common: Common) -> BaseMessage:
    kept = outbound.content.template and outbound.content.template.vonage
    if kept:
        return _template(kept, common)
    media, rest = attached(outbound, 1, _KINDS)
    captioned = saying(rest, *(one.caption for one in media))
    if shape(with_link(captioned), captioned.content.choices) == Shape.BUTTONS:
        return _buttons(captioned, common, media)
    if media and len(as_text(captioned)) <= _CAPTION:
        return _file(media[0], as_text(captioned), common)
    return _text(attached(outbound, 0)[1], common)


def _template(kept: VonageTemplate, common: Common) -> BaseMessage:
    given = list(kept.parameters) or None
    return WhatsappTemplate(
        **common,
        template=WhatsappTemplateResource(name=kept.name, parameters=given),
        whatsapp=WhatsappTemplateSettings(locale=kept.locale, policy="deterministic"),
    )


def _buttons(outbound: Outbound, common: Common, media: tuple[Media, ...]) -> BaseMessage:
    replies = [_reply(choice) for choice in outbound.content.choices]
    action = {"buttons": [{"type": "reply", "reply": reply} for reply in replies]}
    shown = _interactive("button", with_link(outbound), action)
    if media:
        shown["interactive"]["header"] = _header(media[0])
    return WhatsappCustom(**common, custom=shown)


def _text(outbound: Outbound, common: Common) -> BaseMessage:
    text, choices = with_link(outbound), outbound.content.choices
    if shape(text, choices) != Shape.LIST:
        return WhatsappText(**common, text=as_text(outbound))
    rows = [_reply(choice) for choice in choices]
    opens = phrases(outbound.locale)["choices"]["open"]
    action = {"button": opens, "sections": [{"rows": rows}]}
    return WhatsappCustom(**common, custom=_interactive("list", text, action))


def _file(media: Media, caption: str, common: Common) -> BaseMessage:
    given = {"url": media.url, "caption": caption}
    match media.kind:
        case MediaKind.IMAGE:
            return WhatsappImage(**common, image=WhatsappImageResource(**given))
        case MediaKind.VIDEO:
            return WhatsappVideo(**common, video=WhatsappVideoResource(**given))
    return WhatsappFile(**common, file=WhatsappFileResource(**given, name=media.name))


def _interactive(kind: str, text: str, action: dict[str, Any]) -> dict[str, Any]:
    """WhatsApp's own object, which Vonage hands through."""
    interactive = {"type": kind, "body": {"text": text}, "action": action}
    return {"type": "interactive", "interactive": interactive}


def _header(media: Media) -> dict[str, Any]:
    kind = _HEADERS[media.kind]
    named = {"filename": media.name} if media.name and media.kind == MediaKind.FILE else {}
    return {"type": kind, kind: {"link": media.url, **named}}


def _reply(choice: Choice) -> dict[str, str]:
    return {"id": choice.id, "title": choice.label}
