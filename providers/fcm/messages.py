"""What a push looks like in FCM's HTTP v1 API, for all of its platforms at once."""

import json
import time
from itertools import accumulate
from typing import Any, Literal

from providers.push.payload import Payload

Display = Literal["app", "system"]
#: Bytes of `data`, names and values together; and of all that a platform gets (FCM: "About FCM
#: messages"; Apple: "Generating a remote notification").
LARGEST = 4096
#: Bytes that Google adds on the way, and those of a text that is shown whatever else there is.
_ADDED, _SHOWN = 150, 200
#: The app's `UNNotificationCategory` for a push with choices.
CATEGORY = "message-failover"


def written(payload: Payload, token: str, display: Display) -> dict[str, Any]:
    """The body of `messages:send`.

    Nothing is in the common `notification`: with it Android shows the push by itself, and the app
    hears of it only when it is pressed.
    """
    told = data(payload)
    message = {
        "token": token,
        "data": told,
        "android": _android(payload, display, told),
        "apns": _apns(payload, told),
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


def _room(told: dict[str, str], *beside: str) -> int:
    """Bytes for a text that stands beside `data`, which has it whole."""
    taken = len(json.dumps([told, *beside], ensure_ascii=False).encode())
    return max(LARGEST - taken - _ADDED, _SHOWN)


def _shortened(text: str, room: int) -> str:
    """To so many bytes as JSON. A device shows a few lines of it; the app has all in `data`."""
    if _size(text) <= room:
        return text
    left = room - _size("…")
    sizes = accumulate(_size(character) - len('""') for character in text)
    return text[: sum(size <= left for size in sizes)].rstrip() + "…"


def _size(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode())


def _android(payload: Payload, display: Display, told: dict[str, str]) -> dict[str, Any]:
    # No collapse_key: FCM keeps four of them a device, and drops what is waiting under others.
    android: dict[str, Any] = {"priority": "HIGH", "ttl": f"{payload.ttl}s"}
    if display == "system":
        beside = (payload.title or "", payload.image or "", payload.tag)
        shown = {
            "title": payload.title,
            "body": _shortened(payload.text, _room(told, *beside)),
            "image": payload.image,
            "tag": payload.tag,
        }
        android["notification"] = {name: value for name, value in shown.items() if value}
    return android


def _apns(payload: Payload, told: dict[str, str]) -> dict[str, Any]:
    """An alert that the app's notification service extension may change, and so hears of.

    Without one iOS shows no picture: then there is its link.
    """
    image, around = payload.image or "", '{"aps":{"alert":{"body":""}},"fcm_options":{"image":""}}'
    # The picture is in the alert and in fcm_options.
    beside = (payload.title or "", image, image, CATEGORY, around)
    short = _shortened(payload.text, _room(told, *beside))
    text = "\n".join(filter(None, (short, payload.image)))
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
