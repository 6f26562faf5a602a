"""What a Messages API request is made of, and what Vonage would not take of it.

After the Messages API 1.20.0; what WhatsApp takes in `custom`, after Meta's "Interactive messages".
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

#: Code and parameter.
Fault = tuple[str, str]

Text = Annotated[str, Field(min_length=1)]

CHANNELS = {
    "sms": "sms",
    "mms": "mms",
    "whatsapp": "whatsapp",
    "viber_service": "viber",
    "messenger": "messenger",
    "rcs": "rcs",
}
_MEDIA = ("image", "video", "audio", "file")
_TYPES = {
    "sms": ("text",),
    "mms": ("text", "vcard", "content", *_MEDIA),
    "whatsapp": ("text", "template", "sticker", "custom", *_MEDIA),
    "viber_service": ("text", "image", "video", "file"),
    "messenger": ("text", *_MEDIA),
    "rcs": ("text", "image", "video", "file", "card", "carousel", "custom"),
}
#: Where the code is another than that of a wrong value.
_CODES = {"client_ref": "1450", "ttl": "1130"}


class Shape(BaseModel):
    """Texts are texts and numbers are numbers; what is not played here is let through."""

    model_config = ConfigDict(strict=True, extra="allow")


class File(Shape):
    url: Text
    caption: str | None = None


class Suggestion(Shape):
    type: Text
    text: str = Field(min_length=1, max_length=25)
    postback_data: Text


class Card(Shape):
    title: str = Field(min_length=1, max_length=200)
    text: str = Field(min_length=1, max_length=2000)
    media_url: Text
    suggestions: list[Suggestion] | None = Field(default=None, min_length=1, max_length=4)


class Template(Shape):
    name: Text
    parameters: list[str] | None = None


class Said(Shape):
    text: str | None = None


class Reply(Shape):
    id: str = Field(min_length=1, max_length=256)
    title: str = Field(min_length=1, max_length=20)


class Button(Shape):
    reply: Reply


class Row(Shape):
    id: str = Field(min_length=1, max_length=200)
    title: str = Field(min_length=1, max_length=24)


class Section(Shape):
    rows: list[Row] = Field(max_length=10)


class Action(Shape):
    button: str | None = Field(default=None, min_length=1, max_length=20)
    buttons: list[Button] | None = Field(default=None, min_length=1, max_length=3)
    sections: list[Section] | None = Field(default=None, min_length=1, max_length=10)


class Interactive(Shape):
    header: Said | None = None
    body: Said | None = None
    footer: Said | None = None
    action: Action | None = None


class Component(Shape):
    parameters: list[dict[str, Any]] = []


class Components(Shape):
    """A template of Meta's."""

    name: Text
    components: list[Component] | None = None


class Custom(Shape):
    interactive: Interactive | None = None
    template: Components | None = None


class Link(Shape):
    url: Text
    text: str = Field(min_length=1, max_length=30)


class Viber(Shape):
    category: Literal["transaction", "promotion"] | None = None
    ttl: int | None = None
    action: Link | None = None


class Messenger(Shape):
    category: Literal["response", "update", "message_tag"] | None = None
    tag: str | None = None


class Asked(Shape):
    channel: Text
    message_type: Text
    to: Text
    from_: Text = Field(alias="from")
    client_ref: str | None = Field(default=None, max_length=100)
    webhook_url: str | None = None
    ttl: int | None = None
    text: Text | None = None
    image: File | None = None
    video: File | None = None
    audio: File | None = None
    file: File | None = None
    vcard: File | None = None
    content: list[File] | None = Field(default=None, min_length=1)
    card: Card | None = None
    carousel: dict[str, Any] | None = None
    sticker: dict[str, Any] | None = None
    template: Template | None = None
    custom: Custom | None = None
    suggestions: list[Suggestion] | None = Field(default=None, min_length=1, max_length=11)
    viber_service: Viber | None = None
    messenger: Messenger | None = None

    @property
    def given(self) -> dict[str, Any]:
        """Without what is null."""
        return self.model_dump(by_alias=True, exclude_none=True)


def asked(body: Any) -> Asked | Fault:
    """The request; or the first thing wrong with it, whatever its channel's limits are."""
    try:
        found = Asked.model_validate(body)
    except ValidationError as error:
        return _fault(error)
    if found.channel not in CHANNELS:
        return "1020", "channel"
    if found.message_type not in _TYPES[found.channel]:
        return "1440", "message_type"
    if getattr(found, found.message_type) is None:
        return "1020", found.message_type
    return found


def _fault(error: ValidationError) -> Fault:
    first = error.errors(include_url=False)[0]
    where = [str(part) for part in first["loc"]]
    name = where[-1] if where else ""
    wrong_kind = name == "client_ref" and first["type"] != "string_too_long"
    return "1020" if wrong_kind else _CODES.get(name, "1020"), ".".join(where) or "body"
