"""What a push looks like in FCM's HTTP v1 API, for all of its platforms at once."""

import json
import time
from typing import Any, Literal

from providers.push.payload import Payload

Display = Literal["app", "system"]
#: Bytes of `data`, names and values together.
LARGEST = 4096
#: The app's `UNNotificationCategory` for a push with choices.
CATEGORY = "message-failover"


def written(payload: Payload, token: str, display: Display) -> dict[str, Any]:
    """The body of `messages:send`.

    Nothing is in the common `notification`: with it Android shows the push by itself, and the app
    hears of it only when it is pressed.
    """
    message = {
        "token": token,
        "data": data(payload),
        "android": _android(payload, display),
        "apns": _apns(payload),
        "webpush": {"headers": {"TTL": str(payload.ttl), "Urgency": "high"}},
    }
    return {"message": message}


def data(payload: Payload) -> dict[str, str]:
    """FCM takes text only: the choices are JSON in it."""
    said = payload.said
    return {
        name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for name, value in said.items()
    }


def size(given: dict[str, str]) -> int:
    return sum(len(part.encode()) for pair in given.items() for part in pair)


def _android(payload: Payload, display: Display) -> dict[str, Any]:
    # No collapse_key: FCM keeps four of them a device, and drops what is waiting under others.
    android: dict[str, Any] = {"priority": "HIGH", "ttl": f"{payload.ttl}s"}
    if display == "system":
        shown = {
            "title": payload.title,
            "body": payload.text,
            "image": payload.image,
            "tag": payload.tag,
        }
        android["notification"] = {name: value for name, value in shown.items() if value}
    return android


def _apns(payload: Payload) -> dict[str, Any]:
    """An alert that the app's notification service extension may change, and so hears of.

    Without one iOS shows no picture: then there is its link.
    """
    text = "\n".join(filter(None, (payload.text, payload.image)))
    alert = {"body": text} | ({"title": payload.title} if payload.title else {})
    aps: dict[str, Any] = {"alert": alert, "sound": "default", "mutable-content": 1}
    if payload.choices:
        aps["category"] = CATEGORY
    headers = {
        "apns-priority": "10",
        "apns-expiration": str(int(time.time()) + payload.ttl),
        "apns-collapse-id": payload.tag,
    }
    # Where Firebase's own code for an extension looks for it.
    picture = {"fcm_options": {"image": payload.image}} if payload.image else {}
    return {"headers": headers, "payload": {"aps": aps}, **picture}
