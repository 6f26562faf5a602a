"""A message as an email: the JSON of SendGrid's mail/send."""

import html
import textwrap
from email.utils import parseaddr
from typing import Any

from failover.content import Choice, Content
from providers.base import Outbound
from providers.wording import as_text

#: Comes back in every event as a key of its own; events have no other key of that prefix.
REFERENCE = "fo_ref"
_SUBJECT = 78

_PAGE = """\
<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body style="margin:0;padding:0">
<div dir="auto" style="max-width:36em;margin:0 auto;padding:16px;\
font:16px/1.5 -apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
{body}
</div>
</body>
</html>
"""


def letter(outbound: Outbound, *, sender: str, reply_to: str | None) -> dict[str, Any]:
    """One recipient a request: the X-Message-Id is that of the request, not of a recipient."""
    content = outbound.content
    subject = _subject(content)
    page = _PAGE.format(
        lang=html.escape(outbound.locale.replace("_", "-")),
        title=html.escape(subject),
        body=_body(content),
    )
    mail: dict[str, Any] = {
        "personalizations": [{"to": [_person(outbound.to, outbound.name)]}],
        "from": _person(*reversed(parseaddr(sender))),
        "subject": subject,
        "content": [
            {"type": "text/plain", "value": as_text(outbound)},
            {"type": "text/html", "value": page},
        ],
        "custom_args": {REFERENCE: outbound.reference},
    }
    return mail | ({"reply_to": {"email": reply_to}} if reply_to else {})


def _person(address: str, name: str | None) -> dict[str, str]:
    return {"email": address} | ({"name": name} if name else {})


def _subject(content: Content) -> str:
    if content.subject:
        return content.subject
    lines = (line.strip() for line in content.text.splitlines())
    first = next(filter(None, lines), "") or "Message"
    printable = "".join(char if char.isprintable() else " " for char in first)
    return textwrap.shorten(printable, _SUBJECT, placeholder=" …") or "Message"


def _body(content: Content) -> str:
    paragraphs = filter(str.strip, content.text.replace("\r\n", "\n").split("\n\n"))
    said = [f"<p>{html.escape(part.strip()).replace(chr(10), '<br>')}</p>" for part in paragraphs]
    return "\n".join([*said, *([_listed(content.choices)] if content.choices else [])])


def _listed(choices: tuple[Choice, ...]) -> str:
    items = "\n".join(f"<li>{html.escape(choice.label)}</li>" for choice in choices)
    return f"<ol>\n{items}\n</ol>"
