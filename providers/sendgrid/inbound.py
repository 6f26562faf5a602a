"""A person's mail as SendGrid's Inbound Parse posts it, made into a reply."""

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

from failover.events import Event, Reply
from providers.base import Callback
from providers.reply_keys import address_key, token_key
from providers.sendgrid.automatic import automatic
from providers.sendgrid.form import form_fields
from providers.sendgrid.keys import NAME
from providers.sendgrid.reply_text import from_html, without_history
from providers.stop_words import is_certain, is_start, is_stop

_log = logging.getLogger(__name__)

_SIGNED = re.compile(r"@([^\s:{}@]+)\s*:\s*pass\b")
_TOKEN = re.compile(r"r\+([a-z2-7]{32})@", re.IGNORECASE)


@dataclass(frozen=True)
class _Mail:
    headers: Message
    text: str
    envelope: Mapping[str, Any]
    #: What SendGrid found of signatures: `{@example.com : pass}`.
    dkim: str

    def header(self, name: str) -> str:
        return str(self.headers.get(name) or "").strip()


def read_mail(callback: Callback, secret: str) -> list[Event]:
    """The reply, or nothing where a machine wrote it. Raises `CallbackMalformed`."""
    mail = _mail(form_fields(callback))
    if why := automatic(mail.headers, mail.envelope.get("from")):
        _log.info("sendgrid: a mail that no person wrote is no answer: %s", why)
        return []
    text, tokens = without_history(mail.text), _tokens(mail)
    # Anybody can write any From: the token shows that it is an answer of ours, and a signature of
    # its domain that it is the address's. Without one it is an answer still, of whom we wrote to.
    person = _person(mail, secret) if tokens else None
    return [
        Reply(
            channel="email",
            provider=NAME,
            provider_id=_id(mail, callback.body),
            text=text or None,
            at=_moment(mail),
            keys=tuple(token_key(secret, token) for token in tokens),
            exact=len(tokens),
            stop=is_stop(text),
            certain=is_certain(text),
            start=person is not None and is_start(text),
            person=person,
        )
    ]


def _mail(fields: Mapping[str, bytes]) -> _Mail:
    """As fields, or whole in the field `email` where the parse setting says "send raw"."""
    charsets = _json(fields.get("charsets", b""))
    envelope = _json(fields.get("envelope", b""))
    dkim = fields.get("dkim", b"").decode(errors="replace")
    if "email" in fields:
        whole = message_from_bytes(fields["email"])
        return _Mail(whole, _text_of(whole), envelope, dkim)
    text = _decoded(fields.get("text", b""), charsets.get("text"))
    if not text.strip():
        text = from_html(_decoded(fields.get("html", b""), charsets.get("html")))
    # Between the form's boundary and the first header there may be an empty line.
    headers = BytesHeaderParser().parsebytes(fields.get("headers", b"").lstrip())
    return _Mail(headers, text, envelope, dkim)


def _text_of(whole: Message) -> str:
    texts: dict[str, str] = {}
    for part in whole.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and part.get_filename() is None:
            decoded = _decoded(content, part.get_content_charset())
            texts.setdefault(part.get_content_type(), decoded)
    return texts.get("text/plain") or from_html(texts.get("text/html", ""))


def _tokens(mail: _Mail) -> list[str]:
    to = mail.envelope.get("to")
    named = [to] if isinstance(to, str) else to if isinstance(to, list) else []
    found = (_TOKEN.search(address) for address in named if isinstance(address, str))
    return list(dict.fromkeys(match[1].lower() for match in found if match))


def _person(mail: _Mail, secret: str) -> str | None:
    _, address = parseaddr(mail.header("From"))
    _, at, domain = address.lower().rpartition("@")
    signed = [found.lower() for found in _SIGNED.findall(mail.dkim)]
    vouched = any(domain == one or domain.endswith(f".{one}") for one in signed)
    return address_key(secret, address) if at and vouched else None


def _id(mail: _Mail, body: bytes) -> str:
    """The Message-ID, which stays the same when SendGrid posts the mail again."""
    named = mail.header("Message-ID").encode(errors="replace").decode()
    return named[:1000] or hashlib.sha256(body).hexdigest()


def _moment(mail: _Mail) -> datetime | None:
    try:
        at = parsedate_to_datetime(mail.header("Date"))
    except (TypeError, ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _decoded(content: bytes, charset: object) -> str:
    try:
        text = content.decode(str(charset or "utf-8"), errors="replace")
    except (LookupError, ValueError):
        text = content.decode(errors="replace")
    return text.encode(errors="replace").decode()


def _json(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
