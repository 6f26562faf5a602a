"""A reply as Inbound Parse posts it: multipart/form-data, with the original quoted below."""

import json
from email.utils import format_datetime
from secrets import token_hex

from simulator.records import Said, Sent

_TEXTS = ("to", "html", "subject", "from", "text")


def inbound(said: Said, to: Sent | None) -> tuple[str, bytes]:
    """Content type and body, field for field as SendGrid sends them."""
    subject = to.subject or "" if to else ""
    subject = subject if subject.lower().startswith("re:") else f"Re: {subject}".strip()
    text, html = _bodies(said, to)
    fields = {
        "headers": _headers(said, to, subject),
        "dkim": "{@" + said.person.partition("@")[2] + " : pass}",
        "to": said.to,
        "html": html,
        "from": said.person,
        "text": text,
        "sender_ip": "127.0.0.1",
        "spam_report": "Spam detection software: not run by the simulator.",
        "envelope": json.dumps({"to": [said.to], "from": said.person}, separators=(",", ":")),
        "attachments": "0",
        "subject": subject,
        "spam_score": "0.1",
        "charsets": json.dumps(dict.fromkeys(_TEXTS, "UTF-8")),
        "SPF": "pass",
    }
    boundary = "xYzZY" + token_hex(8)
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    body = "".join([*parts, f"--{boundary}--\r\n"]).encode()
    return f"multipart/form-data; boundary={boundary}", body


def _bodies(said: Said, to: Sent | None) -> tuple[str, str]:
    """The reply above, the original quoted below, as mail clients write it."""
    if to is None:
        return f"{said.text}\n", f"<div>{_escaped(said.text)}</div>"
    line = f"On {said.at:%a, %b %-d, %Y at %-I:%M %p}, {to.sender} wrote:"
    original = to.text or "(HTML message)"
    quoted = "\n".join(f"> {row}" if row else ">" for row in original.splitlines())
    html = f"<div>{_escaped(said.text)}</div><br><div>{line}</div><blockquote>"
    return (
        f"{said.text}\n\n{line}\n{quoted}\n",
        f"{html}{to.html or _escaped(original)}</blockquote>",
    )


def _headers(said: Said, to: Sent | None, subject: str) -> str:
    lines = {
        "MIME-Version": "1.0",
        "Date": format_datetime(said.at),
        "From": said.person,
        "To": said.to,
        "Subject": subject,
        "Message-ID": f"<{said.id}@handset.example>",
        "Content-Type": "multipart/alternative; boundary=handset",
    }
    if to:
        lines |= {"In-Reply-To": message_id(to), "References": message_id(to)}
    lines |= said.headers
    return "".join(f"{name}: {value}\n" for name, value in lines.items())


def message_id(sent: Sent) -> str:
    """The mail's own Message-ID: ours when we gave one, else one that SendGrid would make."""
    given: dict[str, str] = sent.raw.get("headers", {})
    named = {name.lower(): value for name, value in given.items()}
    return named.get("message-id") or f"<{sent.id}@geopod-ismtpd-1>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
