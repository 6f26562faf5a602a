"""What is wrong with the words of a send where its fields and its length are right."""

import re
import unicodedata
from collections.abc import Iterator

from failover.channels import Channel
from failover.content import Content
from providers.base import Outbound
from providers.capabilities import carries

#: Of a message outside the 24 hours ("Message Tags", Messenger Platform).
TAGS = frozenset(
    {"ACCOUNT_UPDATE", "CONFIRMED_EVENT_UPDATE", "HUMAN_AGENT", "POST_PURCHASE_UPDATE"}
)
#: Twilio's error 21656: "a newline, a tab, or more than four consecutive spaces".
_GAP = re.compile(" {5}")

#: White space of every kind, control characters, and what has no width.
_UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})
_NOTHING = "has nothing in it that can be read"
#: Where the subject is shown by itself. On a card of RCS it stands beside a file.
_TITLED = (Channel.EMAIL, Channel.PUSH)

#: The field of the content, and what is wrong with it.
Fault = tuple[str, str]


def unsayable(send: Outbound) -> Iterator[Fault]:
    """Why its provider would have nothing to send, or would not take it."""
    if _by_template(send):
        yield from _gaps(send)
        return
    if not _seen(send.content.text) and not _says_more(send):
        yield "text", _NOTHING
    for number, choice in enumerate(send.content.choices):
        if not _seen(choice.label):
            yield f"choices.{number}.label", _NOTHING


def remarks(send: Outbound) -> Iterator[Fault]:
    """What goes all the same, and perhaps not as it is meant."""
    html, tagged = send.content.html, send.content.messenger
    if send.channel == Channel.EMAIL and html and not _seen(html) and not _by_template(send):
        yield "html", _NOTHING
    if send.channel == Channel.MESSENGER and tagged:
        if send.provider == "twilio":
            # "Send a message with Facebook Messenger", Twilio.
            yield "messenger.tag", "twilio has its own, which is always ACCOUNT_UPDATE"
        if send.provider == "vonage" and tagged.tag not in TAGS:
            # Vonage's reference has no list of them: it is Meta that refuses one.
            known = ", ".join(sorted(TAGS))
            yield "messenger.tag", f"is none that we know of Messenger's, which are {known}"


def _by_template(send: Outbound) -> bool:
    way = carries(send.channel, send.provider)
    return way is not None and way.sends_template(send.content)


def _seen(text: str | None) -> bool:
    return any(unicodedata.category(character) not in _UNSEEN for character in text or "")


def _says_more(send: Outbound) -> bool:
    """Than its text. A call tells of a file what it shows, and all others show it or link to it."""
    content, spoken = send.content, send.channel == Channel.VOICE
    files = [one.caption if spoken else one.url for one in content.media]
    subject = content.subject if send.channel in _TITLED else None
    html = content.html if send.channel == Channel.EMAIL else None
    labels = [choice.label for choice in content.choices]
    return any(map(_seen, (*files, *labels, send.link, subject, html)))


def _gaps(send: Outbound) -> Iterator[Fault]:
    for name, value in _variables(send.content).items() if send.provider == "twilio" else ():
        if _GAP.search(value):
            what = "has more than four spaces together, which twilio refuses (21656)"
            yield f"template.twilio.variables.{name}", what


def _variables(content: Content) -> dict[str, str]:
    kept = content.template and content.template.twilio
    return kept.variables if kept else {}
