"""Signed test callbacks of the example of a provider, by its own page "Callbacks" (tests/acme)."""

import hashlib
import hmac
import json
import time
from typing import Any

from providers.base import Callback
from tests.callbacks import BASE_URL

SECRET = "what acme signs its callbacks with"
SETTINGS = {"api_key": "key", "callback_secret": SECRET, "from": "+15005550006"}
ID = "msg_7Hq2"
#: What it says when a message reached the handset.
DELIVERED = {
    "event": "evt_1",
    "message": ID,
    "reference": "order-1.2",
    "status": "delivered",
    "to": "+14155550100",
    "from": "+15005550006",
    "at": "2026-11-22T09:00:00Z",
}
#: And what the person wrote.
ANSWER = {
    "message": "in_1",
    "reference": "order-1.2",
    "text": "Yes",
    "from": "+14155550100",
    "to": "+15005550006",
    "at": "2026-11-22T09:01:00Z",
}


def acme_callback(
    route: str, said: Any, *, secret: str = SECRET, age: float = 0, base_url: str = BASE_URL
) -> Callback:
    """A POST to `/acme/<route>`. What is said is JSON, or bytes that go as they are."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    url, at = f"{base_url}/acme/{route}", str(int(time.time() - age))
    digest = hmac.new(secret.encode(), f"{at}.{url}.".encode() + body, hashlib.sha256)
    headers = {
        "content-type": "application/json",
        "acme-timestamp": at,
        "acme-signature": digest.hexdigest(),
    }
    return Callback(url=url, headers=headers, body=body)


_SAID = {"/acme/status": DELIVERED, "/acme/inbound": ANSWER}
GOOD = {path: acme_callback(path.removeprefix("/acme/"), said) for path, said in _SAID.items()}


def saying(path: str, said: dict[str, Any]) -> Callback:
    return acme_callback(path.removeprefix("/acme/"), {**_SAID[path], **said})


def rightly_signed(path: str, body: bytes, *, age: float = 0) -> Callback:
    """Whatever the body is."""
    return acme_callback(path.removeprefix("/acme/"), body, age=age)
