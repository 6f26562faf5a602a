"""The JSON of Vonage's callbacks, read with care: any field may be of any kind, or missing."""

import json
from datetime import UTC, datetime
from typing import Any

from providers.base import CallbackMalformed


def parsed(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise CallbackMalformed("the body is not JSON") from None
    if not isinstance(said, dict):
        raise CallbackMalformed("the body is not a JSON object")
    return said


def needed(said: dict[str, Any], name: str) -> str:
    if not (value := text(said.get(name))):
        raise CallbackMalformed(f"{name} is missing")
    return value


def moment(said: dict[str, Any]) -> datetime | None:
    try:
        at = datetime.fromisoformat(text(said.get("timestamp")))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def within(said: dict[str, Any], *names: str) -> dict[str, Any]:
    """The object at this place, empty where there is none."""
    for name in names:
        inner = said.get(name)
        said = inner if isinstance(inner, dict) else {}
    return said


def text(value: object) -> str:
    """Text as it is, a number as text, anything else as nothing; halves of a surrogate replaced."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).encode(errors="replace").decode()
