"""What is wrong with the words of a content where its fields and its length are right."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from failover.channels import Channel
from failover.content import Content

#: Of a message outside the 24 hours ("Message Tags", Messenger Platform).
TAGS = frozenset(
    {"ACCOUNT_UPDATE", "CONFIRMED_EVENT_UPDATE", "HUMAN_AGENT", "POST_PURCHASE_UPDATE"}
)
#: What is sent with Twilio's own template, and with its variables.
_BY_CONTENT = (Channel.WHATSAPP, Channel.RCS, Channel.MESSENGER)
#: Twilio's error 21656: "a newline, a tab, or more than four consecutive spaces".
_GAP = re.compile(" {5}")

#: White space of every kind, control characters, and what has no width.
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})

#: The field of the content, and what is wrong with it.
Fault = tuple[str, str]
Look = Callable[[Content, Channel, Sequence[str]], Iterator[Fault]]


def unsayable(content: Content, channel: Channel, providers: Sequence[str]) -> Iterator[Fault]:
    labels = {f"choices.{n}.label": choice.label for n, choice in enumerate(content.choices)}
    for field, text in {"text": content.text, "html": content.html, **labels}.items():
        if text is not None and all(unicodedata.category(c) in _UNSEEN for c in text):
            yield field, "has nothing in it that can be read"
    if channel in _BY_CONTENT and "twilio" in providers:
        yield from _gaps(content)
    tagged = content.messenger
    if channel == Channel.MESSENGER and tagged and tagged.tag not in TAGS:
        yield "messenger.tag", f"is none of Messenger's, which are {', '.join(sorted(TAGS))}"


def ignored(content: Content, channel: Channel, providers: Sequence[str]) -> Iterator[Fault]:
    """What a provider takes no notice of."""
    if channel == Channel.MESSENGER and content.messenger and "twilio" in providers:
        # "Send a message with Facebook Messenger", Twilio.
        yield "messenger.tag", "twilio has its own, which is always ACCOUNT_UPDATE"


def _gaps(content: Content) -> Iterator[Fault]:
    kept = content.template.twilio if content.template else None
    for name, value in (kept.variables if kept else {}).items():
        if _GAP.search(value):
            what = "has more than four spaces together, which twilio refuses (21656)"
            yield f"template.twilio.variables.{name}", what
