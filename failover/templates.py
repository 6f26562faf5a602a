"""Texts that a provider keeps: the name they have there, and what goes into them."""

import json
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, JsonValue, StringConstraints

from failover.fields import Asked, Line, Locale, Span, at_most

#: Twilio's page "Using Variables with Content Templates"; WhatsApp takes no more at Vonage.
_VARIABLES = 100
#: Bytes of dynamic template data as JSON.
_DATA = 30_000

Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{1,16}$")]
Text = Annotated[str, StringConstraints(max_length=1600)]
#: Twilio's error 21656: not empty, no newline, no tab. That it takes no more than four spaces
#: together came later, and recorded messages have to be read again: `activities/sayable.py`.
OneLine = Annotated[str, StringConstraints(max_length=1600, pattern=r"^[^\n\r\t]+$")]


def _small(data: dict[str, JsonValue]) -> dict[str, JsonValue]:
    if len(json.dumps(data).encode()) > _DATA:
        raise ValueError(f"should have at most {_DATA} bytes as JSON")
    return data


class TwilioTemplate(Asked):
    """Of Twilio's Content API."""

    sid: Annotated[str, StringConstraints(pattern=r"^HX[0-9a-fA-F]{32}$")]
    variables: dict[Variable, OneLine] = Field(default={}, max_length=_VARIABLES)


class VonageTemplate(Asked):
    """Of WhatsApp: its name begins with the namespace of the business and a colon."""

    name: Line
    locale: Locale = "en_US"
    parameters: Annotated[tuple[Text, ...], Field(max_length=_VARIABLES), at_most(_VARIABLES)] = ()


class SendGridTemplate(Asked):
    """A dynamic template. It brings its own subject, text and HTML."""

    id: Annotated[str, StringConstraints(pattern=r"^d-[0-9A-Za-z-]{1,64}$")]
    data: Annotated[dict[str, JsonValue], AfterValidator(_small)] = Field(default={})


class Template(Asked):
    """By provider: a step sends the one of the provider that it goes by."""

    twilio: TwilioTemplate | None = Field(default=None, exclude_if=lambda given: given is None)
    vonage: VonageTemplate | None = Field(default=None, exclude_if=lambda given: given is None)
    sendgrid: SendGridTemplate | None = Field(default=None, exclude_if=lambda given: given is None)


def _within_viber(ttl: timedelta) -> timedelta:
    if not timedelta(seconds=30) <= ttl <= timedelta(days=3):
        raise ValueError("should be between 30 seconds and 3 days")
    return ttl


class Viber(Asked):
    """What Viber charges and allows a message as, and how long it may be on its way."""

    category: Literal["transaction", "promotion"]
    ttl: Annotated[Span, AfterValidator(_within_viber)] | None = None


class Messenger(Asked):
    """Why a message may go outside the 24 hours since the person wrote."""

    tag: Annotated[str, StringConstraints(pattern=r"^[A-Z_]{1,60}$")]
