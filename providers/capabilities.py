"""What each provider can do on each channel. The facts are in `providers/<name>/capabilities.py`.

A row is what a plan is checked against before anything is sent, and what docs/channels.md says.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import providers
from failover.addresses import E164, EMAIL
from failover.channels import Channel, Goal
from failover.content import Content
from providers.base import Outbound
from providers.links import Links
from providers.media import attached
from providers.wording import as_text

TO_THE_DEVICE = frozenset({Goal.ACCEPTED, Goal.DELIVERED, Goal.REPLIED})
TO_THE_EYE = frozenset(Goal)


@dataclass(frozen=True)
class Address:
    """What a provider calls a person by."""

    what: str
    fits: Callable[[str], bool]


PHONE = Address("a phone number in E.164", lambda given: bool(E164.fullmatch(given)))
MAILBOX = Address("an email address", lambda given: bool(EMAIL.fullmatch(given)))
#: Page-scoped ids have been 15 to 17 digits; those that Meta now gives out on WhatsApp have letters
#: and a dot. Vonage's model takes 50 characters (`to` of Messenger).
MESSENGER_ID = Address(
    "the person's id on your page", lambda given: bool(re.fullmatch("[A-Za-z0-9._-]{1,50}", given))
)

#: Whether the provider takes a send, which has its link in it; the links say where ours lead.
Fits = Callable[[Outbound, Links], bool]


@dataclass(frozen=True)
class Text:
    """How much of it: all that the sender writes, with what it adds as lines.

    None where it is bound by nothing but our own limit of a text.
    """

    most: int | None = None
    unit: str = "characters"
    #: Where more is to be known than how long it is as lines. It never refuses what would go.
    fits: Fits | None = None


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
    #: What it depends on, and what it keeps from being shown.
    how: str = ""


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

    def sends_template(self, content: Content) -> bool:
        """Whether what the provider keeps of it goes, and nothing else of it."""
        return self.template and getattr(content.template, self.provider, None) is not None

    def holds(self, outbound: Outbound, links: Links) -> bool:
        """Whether the provider takes as much text, with all that goes into it."""
        if self.sends_template(outbound.content) or self.text.most is None:
            return True
        if self.text.fits:
            return self.text.fits(outbound, links)
        return len(in_lines(outbound)) <= self.text.most


def in_lines(outbound: Outbound) -> str:
    """What is written where the channel shows neither choices nor media."""
    _, rest = attached(outbound, 0)
    return as_text(rest)


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
