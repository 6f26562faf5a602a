"""Reads a request of FCM's HTTP v1 API: what the device gets, and what FCM would refuse."""

import json
import re
from typing import Any

from starlette.responses import Response

from simulator.fcm import errors
from simulator.records import Choice, Sent

_TOKEN = re.compile(r"[A-Za-z0-9_:-]{20,4096}")
_SECONDS = re.compile(r"(\d+)(\.\d{1,9})?s")
_RESERVED = re.compile(r"from|message_type|google.*|gcm.*")
#: Four weeks, and bytes.
LONGEST, LARGEST = 2_419_200, 4096
_FIELDS = {
    "": {"name", "data", "notification", "android", "webpush", "apns", "fcm_options", "token"},
    "android": {"collapse_key", "priority", "ttl", "data", "notification", "fcm_options"},
    "apns": {"headers", "payload", "fcm_options"},
    "webpush": {"headers", "data", "notification", "fcm_options"},
}


def fault(body: Any) -> Response | None:
    """The answer to a message that FCM would not take."""
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, dict):
        return errors.field("message", "message is required")
    for part, known in _FIELDS.items():
        given = message.get(part, {}) if part else message
        if not isinstance(given, dict) or (unknown := given.keys() - known):
            name = ".".join(filter(None, ("message", part)))
            return errors.field(name, f"Unknown name in '{name}': {unknown or given}")
    return _token_fault(message) or _data_fault(message.get("data", {})) or _ttl_fault(message)


def _token_fault(message: dict[str, Any]) -> Response | None:
    token = message.get("token")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        said = "The registration token is not a valid FCM registration token"
        return errors.error("INVALID_ARGUMENT", said)
    return errors.error("UNREGISTERED") if token.startswith("unregistered") else None


def _data_fault(data: Any) -> Response | None:
    if not isinstance(data, dict) or not all(isinstance(one, str) for one in data.values()):
        return errors.field(
            "message.data[0].value", "Invalid value at 'message.data' (TYPE_STRING)"
        )
    if any(_RESERVED.fullmatch(name) for name in data):
        return errors.error("INVALID_ARGUMENT", "Invalid data payload key")
    if sum(len(one.encode()) for pair in data.items() for one in pair) > LARGEST:
        return errors.error("INVALID_ARGUMENT", "Android message is too big")
    return None


def _ttl_fault(message: dict[str, Any]) -> Response | None:
    android = message.get("android", {})
    found = _SECONDS.fullmatch(str(android.get("ttl", "0s")))
    if not found or int(found[1]) > LONGEST:
        return errors.field("message.android.ttl", "Invalid value at 'message.android.ttl'")
    if android.get("priority", "NORMAL") not in ("NORMAL", "HIGH"):
        return errors.field("message.android.priority", "Invalid value")
    return None


def written(body: dict[str, Any], project: str, message_id: str) -> Sent:
    message = body["message"]
    data: dict[str, str] = message.get("data", {})
    return Sent(
        id=message_id,
        provider="fcm",
        channel="push",
        sender=project,
        to=message["token"],
        reference=data.get("reference"),
        subject=data.get("title"),
        text=data.get("text", ""),
        choices=choices(data.get("choices")),
        media=[data["image"]] if "image" in data else [],
        status="accepted",
        raw=body,
        status_url=data.get("ack"),
    )


def choices(written: str | None) -> list[Choice]:
    found = json.loads(written) if written else []
    return [Choice(id=one["id"], title=one["label"]) for one in found]
