"""A message as an email: the JSON of SendGrid's mail/send."""

import re
import textwrap
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from failover.content import Content
from failover.locales import phrases
from failover.templates import SendGridTemplate
from providers.base import Outbound
from providers.media import attached
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
    mail: dict[str, Any] = {
        "personalizations": [{"to": [_person(outbound.to, outbound.name)]}],
        "from": _person(*reversed(parseaddr(sender))),
        "custom_args": {REFERENCE: outbound.reference},
    }
    kept = outbound.content.template and outbound.content.template.sendgrid
    if kept:
        mail["template_id"] = kept.id
        mail["personalizations"][0]["dynamic_template_data"] = _data(kept, outbound)
    else:
        mail |= _written(outbound)
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


def _written(outbound: Outbound) -> dict[str, Any]:
    subject = _subject(outbound.content)
    _, rest = attached(outbound, 0)
    plain = {"type": "text/plain", "value": as_text(rest)}
    html = {"type": "text/html", "value": _page(outbound, subject)}
    return {"subject": subject, "content": [plain, html]}


def _data(kept: SendGridTemplate, outbound: Outbound) -> dict[str, Any]:
    """What the service gives, and under `failover` what only we know."""
    link = outbound.link
    choices = [
        {"label": choice.label, "url": link and f"{link}?choice={quote(choice.id, safe='')}"}
        for choice in outbound.content.choices
    ]
    ours = {"link": link, "choices": choices, "unsubscribe": outbound.unsubscribe}
    return {**kept.data, "failover": ours}


def _page(outbound: Outbound, subject: str) -> str:
    """The choices as buttons, each of which leads to the page that takes it as the answer."""
    content = outbound.content
    shown = {
        "files": content.media,
        "choices": content.choices,
        "link": outbound.link,
        "unsubscribe": outbound.unsubscribe,
        "words": phrases(outbound.locale)["page"],
    }
    if content.html and (end := _end_of_body(content.html)) is not None:
        below = _TEMPLATES.get_template("below.html").render(shown)
        return f"{content.html[:end]}{below}{content.html[end:]}"
    paragraphs = filter(str.strip, content.text.replace("\r\n", "\n").split("\n\n"))
    return _TEMPLATES.get_template("mail.html").render(
        shown,
        lang=outbound.locale.replace("_", "-"),
        subject=subject,
        html=content.html,
        paragraphs=[part.strip().split("\n") for part in paragraphs],
    )


def _end_of_body(html: str) -> int | None:
    """Where something goes below all of a page; None of what is only a part of one."""
    ends = [found.start() for found in re.finditer(r"</body\s*>", html, re.IGNORECASE)]
    if ends:
        return ends[-1]
    return len(html) if re.search(r"<(!doctype|html)\b", html, re.IGNORECASE) else None
