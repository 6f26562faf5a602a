"""A message as an email: the JSON of SendGrid's mail/send."""

import textwrap
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from failover.content import Content
from failover.locales import phrases
from providers.base import Outbound
from providers.wording import as_text

#: Comes back in every event as a key of its own; events have no other key of that prefix.
REFERENCE = "fo_ref"
_SUBJECT = 78

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["quoted"] = partial(quote, safe="")


def letter(outbound: Outbound, *, sender: str, reply_to: str | None) -> dict[str, Any]:
    """One recipient a request: the X-Message-Id is that of the request, not of a recipient."""
    subject = _subject(outbound.content)
    mail: dict[str, Any] = {
        "personalizations": [{"to": [_person(outbound.to, outbound.name)]}],
        "from": _person(*reversed(parseaddr(sender))),
        "subject": subject,
        "content": [
            {"type": "text/plain", "value": as_text(outbound)},
            {"type": "text/html", "value": _page(outbound, subject)},
        ],
        "custom_args": {REFERENCE: outbound.reference},
    }
    if reply_to:
        mail["reply_to"] = {"email": reply_to}
    if outbound.unsubscribe:
        mail["headers"] = _one_click(outbound.unsubscribe)
    return mail


def _person(address: str, name: str | None) -> dict[str, str]:
    return {"email": address} | ({"name": name} if name else {})


def _subject(content: Content) -> str:
    if content.subject:
        return content.subject
    lines = (line.strip() for line in content.text.splitlines())
    first = next(filter(None, lines), "") or "Message"
    printable = "".join(char if char.isprintable() else " " for char in first)
    return textwrap.shorten(printable, _SUBJECT, placeholder=" …") or "Message"


def _one_click(link: str) -> dict[str, str]:
    """RFC 8058: mail clients show a button of their own, and post there without a page."""
    return {
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _page(outbound: Outbound, subject: str) -> str:
    """The choices as buttons, each of which leads to the page that takes it as the answer."""
    content = outbound.content
    paragraphs = filter(str.strip, content.text.replace("\r\n", "\n").split("\n\n"))
    return _TEMPLATES.get_template("mail.html").render(
        lang=outbound.locale.replace("_", "-"),
        subject=subject,
        paragraphs=[part.strip().split("\n") for part in paragraphs],
        choices=content.choices,
        link=outbound.link,
        unsubscribe=outbound.unsubscribe,
        words=phrases(outbound.locale)["page"],
    )
