"""Reads a mail/send request: checks it as SendGrid does, keeps what a mail client would show."""

import re
import secrets
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from simulator.records import Sent
from simulator.scripts import normal

_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


class Address(BaseModel):
    email: str
    name: str | None = None


class Personalization(BaseModel):
    to: list[Address] = Field(min_length=1)
    subject: str | None = None
    custom_args: dict[str, str] = {}
    headers: dict[str, str] = {}


class Content(BaseModel):
    type: str
    value: str = Field(min_length=1)


class Mail(BaseModel):
    """The parts of the request that the simulator acts on."""

    personalizations: list[Personalization] = Field(min_length=1)
    sender: Address = Field(alias="from")
    reply_to: Address | None = None
    reply_to_list: list[Address] = []
    subject: str | None = None
    content: list[Content] = Field(default=[], validate_default=False)
    template_id: str | None = None
    custom_args: dict[str, str] = {}
    headers: dict[str, str] = {}
    categories: list[str] = []


def parse(body: Any) -> Mail | tuple[str, str]:
    """The mail, or what is wrong with it and where."""
    try:
        mail = Mail.model_validate(body)
    except ValidationError as problem:
        first = problem.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "body"
        return _TEXTS.get(field, f"{field}: {first['msg']}"), field
    return _fault(mail) or mail


def _fault(mail: Mail) -> tuple[str, str] | None:
    for number, personalization in enumerate(mail.personalizations):
        for position, to in enumerate(personalization.to):
            if not _ADDRESS.fullmatch(to.email):
                where = f"personalizations.{number}.to.{position}.email"
                return "Does not contain a valid address.", where
    if not _ADDRESS.fullmatch(mail.sender.email):
        return "The from email does not contain a valid address.", "from.email"
    if not mail.template_id and not (mail.subject or mail.personalizations[0].subject):
        return _TEXTS["subject"], "subject"
    return None if mail.content or mail.template_id else (_TEXTS["content"], "content")


_TEXTS = {
    "personalizations": "The personalizations field is required and must have at least one "
    "personalization.",
    "personalizations.0.to": "The to array is required for all personalization objects, and must "
    "have at least one email object with a valid email address.",
    "from": "The from object must be provided for every email send. It is an object that requires "
    "the email parameter, but may also contain a name parameter.  e.g. "
    '{"email" : "example@example.com"}  or {"email" : "example@example.com", "name" : "Name"}.',
    "subject": "The subject is required. You can get around this requirement if you use a template "
    "with a subject defined or if every personalization has a subject defined.",
    "content": "Unless a valid template_id is provided, the content parameter is required. There "
    "must be at least one defined content block. We typically suggest both text/plain and "
    "text/html blocks are included, but only one block is required.",
}


def posted(mail: Mail, raw: dict[str, Any]) -> list[Sent]:
    """One message a recipient; all of one request share an X-Message-Id."""
    message_id = secrets.token_urlsafe(16)
    recipients = [(part, to) for part in mail.personalizations for to in part.to]
    return [
        _letter(
            mail, part, normal(to.email), f"{message_id}{f'-to-{number}' if number else ''}", raw
        )
        for number, (part, to) in enumerate(recipients)
    ]


def _letter(
    mail: Mail, part: Personalization, to: str, message_id: str, raw: dict[str, Any]
) -> Sent:
    bodies = {content.type: content.value for content in mail.content}
    replies = mail.reply_to or next(iter(mail.reply_to_list), mail.sender)
    arguments = mail.custom_args | part.custom_args
    headers = mail.headers | part.headers
    return Sent(
        id=message_id,
        provider="sendgrid",
        channel="email",
        sender=mail.sender.email,
        to=to,
        reference=arguments.get("fo_ref"),
        text=bodies.get("text/plain") or ("" if mail.content else f"[template {mail.template_id}]"),
        subject=part.subject or mail.subject,
        html=bodies.get("text/html"),
        status="queued",
        reply_to=replies.email,
        unsubscribe=_one_click(headers),
        raw={**raw, "custom_args": arguments, "headers": headers},
    )


def _one_click(headers: dict[str, str]) -> str | None:
    """The address for RFC 8058: only with the header that promises a POST will do."""
    named = {name.lower(): value for name, value in headers.items()}
    if named.get("list-unsubscribe-post") != "List-Unsubscribe=One-Click":
        return None
    found = re.search(r"<(https?://[^>]+)>", named.get("list-unsubscribe", ""))
    return found[1] if found else None
