"""What is said, the answers that are offered, and what to do about any other."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from failover.channels import Channel
from failover.fields import Asked, Id, Line, Locale, at_most, printable
from failover.media import Media
from failover.templates import Messenger, Template, Viber


class Choice(Asked):
    """An answer offered: a quick reply, a line of a list, a key in a call."""

    id: Id
    label: Line


class Other(StrEnum):
    """What to do about an answer that is none of the choices."""

    ACCEPT = "accept"  #: any text is a response
    ASK_AGAIN = "ask_again"  #: say once more what can be answered, and go on waiting
    HAND_OVER = "hand_over"  #: go to the step whose channel is `agent`


class OnOther(Asked):
    """`{"do": "ask_again", "times": 2}`, or the word alone."""

    do: Other = Other.ACCEPT
    #: How often to ask again in the whole message; what comes after that is kept and not answered.
    times: Annotated[int, Field(ge=1, le=9)] = 1


def _as_an_object(given: Any) -> Any:
    return {"do": given} if isinstance(given, str) else given


def _differ(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    for what in ("id", "label"):
        if len({getattr(choice, what).casefold() for choice in choices}) < len(choices):
            raise ValueError(f"two choices have the same {what}")
    return choices


Text = Annotated[str, StringConstraints(min_length=1, max_length=100_000)]
Subject = Annotated[Line, AfterValidator(printable)]
Choices = Annotated[tuple[Choice, ...], Field(max_length=9), at_most(9), AfterValidator(_differ)]
Asking = Annotated[OnOther, BeforeValidator(_as_an_object)]
Attached = Annotated[tuple[Media, ...], Field(max_length=10), at_most(10)]


def _absent(given: object) -> bool:
    """What is not given is not written: readers of the version before know none of these."""
    return not given


def _one_a_locale(given: Mapping[str, object]) -> Mapping[str, object]:
    if len({_tag(locale) for locale in given}) < len(given):
        raise ValueError("a locale is named twice")
    return given


def _tag(locale: str) -> str:
    return locale.replace("_", "-").casefold()


class Changes(Asked):
    """Said otherwise on a channel or in a language: each field replaces that one field."""

    text: Text | None = Field(default=None, exclude_if=_absent)
    subject: Subject | None = Field(default=None, exclude_if=_absent)
    choices: Choices | None = Field(default=None, exclude_if=lambda choices: choices is None)
    on_other: Asking | None = Field(default=None, exclude_if=_absent)
    confirm_link: bool | None = Field(default=None, exclude_if=lambda link: link is None)
    html: Text | None = Field(default=None, exclude_if=_absent)
    media: Attached | None = Field(default=None, exclude_if=lambda media: media is None)
    template: Template | None = Field(default=None, exclude_if=_absent)
    liquid: bool | None = Field(default=None, exclude_if=lambda liquid: liquid is None)
    viber: Viber | None = Field(default=None, exclude_if=_absent)
    messenger: Messenger | None = Field(default=None, exclude_if=_absent)


FIELDS = tuple(Changes.model_fields)

Locales = Annotated[
    dict[Locale, Changes], Field(max_length=100, exclude_if=_absent), AfterValidator(_one_a_locale)
]


class ChannelChanges(Changes):
    """What a channel says, with its own languages."""

    locales: Locales = Field(default={})

    def layers(self, locale: str, place: str) -> Iterator["Layer"]:
        yield place, self
        yield from _in(self.locales, locale, place)


#: Where changes are asked for, and what they are.
Layer = tuple[str, Changes]


class Content(Asked):
    """What is said. The channels say it in their own way: a subject is for email only."""

    text: Text
    subject: Subject | None = None
    choices: Choices = ()
    on_other: Asking = OnOther()
    #: Whether a signed link to a page with the question and its choices is part of the text.
    confirm_link: bool = False
    #: The HTML of an email, instead of one made from the text.
    html: Text | None = Field(default=None, exclude_if=_absent)
    media: Attached = Field(default=(), exclude_if=_absent)
    #: What a provider keeps of it, sent instead of the text where it goes by that provider.
    template: Template | None = Field(default=None, exclude_if=_absent)
    by_channel: dict[Channel, ChannelChanges] = Field(default={}, exclude_if=_absent)
    locales: Locales = Field(default={})
    #: Whether the texts are Liquid templates, rendered once before the first send.
    liquid: bool = Field(default=False, exclude_if=_absent)
    viber: Viber | None = Field(default=None, exclude_if=_absent)
    messenger: Messenger | None = Field(default=None, exclude_if=_absent)

    @field_validator("on_other")
    @classmethod
    def _what_is_asked_again_can_be_answered(cls, asked: OnOther, said: ValidationInfo) -> OnOther:
        if asked.do == Other.ASK_AGAIN and said.data.get("choices") == ():
            raise ValueError("ask_again needs choices")
        return asked

    def layers(self, channel: Channel, locale: str, place: str) -> Iterator[Layer]:
        """What is said otherwise there, the special after the general."""
        yield from _in(self.locales, locale, place)
        if channel in self.by_channel:
            own = self.by_channel[channel]
            yield from own.layers(locale, f"{place}.by_channel.{channel}")

    def changed(self, layers: Iterable[Layer]) -> "Content":
        """Each field as the last layer that has it says it."""
        changed = {
            field: said
            for _, changes in layers
            for field in FIELDS
            if (said := getattr(changes, field)) is not None
        }
        none: dict[str, object] = {"by_channel": {}, "locales": {}}
        return self.model_copy(update=none | changed)


def _in(locales: Mapping[str, Changes], locale: str, place: str) -> Iterator[Layer]:
    """Those for it, the general ones first: de before de-AT."""
    known = {_tag(name): name for name in locales}
    parts = _tag(locale).split("-")
    tags = ("-".join(parts[:count]) for count in range(1, len(parts) + 1))
    names = (known[tag] for tag in tags if tag in known)
    return ((f"{place}.locales.{name}", locales[name]) for name in names)
