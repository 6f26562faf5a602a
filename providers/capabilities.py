"""What each provider can do on each channel. The facts are in `providers/<name>/capabilities.py`.

A row is what a plan is checked against before anything is sent, and what docs/channels.md says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import providers
from failover.addresses import E164, EMAIL
from failover.channels import Channel, Goal
from failover.choices import with_choices
from failover.content import Content

TO_THE_DEVICE = frozenset({Goal.ACCEPTED, Goal.DELIVERED, Goal.REPLIED})
TO_THE_EYE = frozenset(Goal)


@dataclass(frozen=True)
class Address:
    """What a provider calls a person by."""

    what: str
    fits: Callable[[str], bool]


PHONE = Address("a phone number in E.164", lambda given: bool(E164.fullmatch(given)))
MAILBOX = Address("an email address", lambda given: bool(EMAIL.fullmatch(given)))
#: Vonage's model takes 50 characters (`to` of Messenger).
MESSENGER_ID = Address("the person's id on your page", lambda given: len(given) <= 50)


@dataclass(frozen=True)
class Text:
    """How much of it: the text, with the choices as lines where they are not shown otherwise.

    None where it is bound by nothing but our own limit of a text.
    """

    most: int | None = None
    unit: str = "characters"
    #: Where something else is counted, of a content and in a locale; never more than is sent.
    size: Callable[[Content, str], int] | None = None


@dataclass(frozen=True)
class Shown:
    """A way to show choices: so many, with labels of so many characters, below such a text."""

    how: str
    most: int
    label: int | None = None
    text: int | None = None

    def takes(self, content: Content) -> bool:
        longest = max((len(choice.label) for choice in content.choices), default=0)
        return (
            1 <= len(content.choices) <= self.most
            and longest <= (self.label or longest)
            and len(content.text) <= (self.text or len(content.text))
        )


@dataclass(frozen=True)
class Media:
    """Files sent by their URL. `kinds` are those of `content.media`."""

    kinds: tuple[str, ...] = ()
    most: int = 0
    megabytes: int | None = None


@dataclass(frozen=True)
class Carries:
    """One channel of one provider."""

    provider: str
    channel: Channel
    reports: frozenset[Goal]
    text: Text
    address: Address
    #: The handiest first; beyond all of them choices are numbered lines of the text.
    choices: tuple[Shown, ...] = ()
    media: Media = Media()
    #: Whether a template that the provider keeps (`content.template`) is sent instead of the text.
    template: bool = False
    #: How our reference comes back: with reports, and with replies.
    reference: str = ""
    reply_reference: str = ""
    #: When one may write, and how long it is tried.
    window: str = ""
    sources: tuple[str, ...] = ()

    def holds(self, content: Content, locale: str) -> bool:
        """Whether the text is short enough. A link that is added is not counted."""
        kept = self.template and getattr(content.template, self.provider, None)
        if kept or self.text.most is None:
            return True
        if self.text.size:
            return self.text.size(content, locale) <= self.text.most
        shown = any(way.takes(content) for way in self.choices)
        return len(content.text if shown else with_choices(content)) <= self.text.most


@cache
def table() -> dict[tuple[Channel, str], Carries]:
    """By channel and provider, in the order of the channels."""
    rows = [row for name in _folders() for row in _rows(name)]
    rows.sort(key=lambda row: (list(Channel).index(row.channel), _folders().index(row.provider)))
    return {(row.channel, row.provider): row for row in rows}


def carries(channel: Channel, provider: str) -> Carries | None:
    """None of a provider that says nothing of it: then nothing is known against it."""
    return table().get((channel, provider))


def providers_of(channel: Channel) -> list[str]:
    return [provider for known, provider in table() if known == channel]


@cache
def _folders() -> Sequence[str]:
    found = (module.name for module in iter_modules(providers.__path__) if module.ispkg)
    return sorted(name for name in found if find_spec(f"providers.{name}.capabilities"))


def _rows(name: str) -> Sequence[Carries]:
    rows: Sequence[Carries] = import_module(f"providers.{name}.capabilities").CHANNELS
    return rows
