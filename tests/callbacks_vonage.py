"""Signed test callbacks as Vonage sends them, and settings that fit them.

The token is made here from Vonage's page "Signed webhooks", not by the code under test.
"""

import hashlib
import json
import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from providers.base import Callback
from providers.vonage.call_urls import CallUrls, PlacedCall
from providers.vonage.settings import VonageSettings
from tests.callbacks import BASE_URL, KEY

SECRET = "a signature secret of at least 32 bytes"
APPLICATION = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
UUID = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"


@cache
def private_key(form: PrivateFormat = PrivateFormat.PKCS8) -> str:
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


SETTINGS = {
    "application_id": APPLICATION,
    "private_key": private_key(),
    "signature_secret": SECRET,
}


def vonage_settings(**more: Any) -> VonageSettings:
    return VonageSettings.model_validate({**SETTINGS, **more})


def vonage_token(body: bytes, *, secret: str = SECRET, **claims: Any) -> str:
    """A claim given as None is left out."""
    said = {
        "iat": int(time.time()),
        "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": "abcd1234",
        "application_id": APPLICATION,
        **claims,
    }
    kept = {name: value for name, value in said.items() if value is not None}
    return jwt.encode(kept, secret, algorithm="HS256")


def vonage_callback(route: str, said: Any, *, secret: str = SECRET, **claims: Any) -> Callback:
    """A JSON POST. `route` is what follows `/vonage/`."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    headers = {
        "content-type": "application/json",
        "authorization": f"Bearer {vonage_token(body, secret=secret, **claims)}",
    }
    return Callback(url=f"{BASE_URL}/vonage/{route}", headers=headers, body=body)


def vonage_call(status: str | None = None, **more: Any) -> Callback:
    """Of a call with two choices that was placed for the message `order-1`."""
    said = {"uuid": UUID, "to": "14155550100", "from": "15005550006", "status": status, **more}
    url = CallUrls(KEY, BASE_URL).url(PlacedCall("order-1.2", keys=2, locale="en"))
    kept = {name: value for name, value in said.items() if value is not None}
    return vonage_callback(url.partition("/vonage/")[2], kept)


RECEIPT = {
    "message_uuid": UUID,
    "status": "delivered",
    "client_ref": "order-1.2",
    "channel": "sms",
    "to": "15005550010",
    "from": "15005550006",
    "timestamp": "2026-11-21T21:45:00Z",
}
GOOD = {
    "/vonage/status": vonage_callback("status", RECEIPT),
    "/vonage/inbound": vonage_callback(
        "inbound", {**RECEIPT, "message_type": "text", "text": "Yes"}
    ),
    "/vonage/voice": vonage_call(dtmf={"digits": "2", "timed_out": False}),
}


def saying(path: str, said: dict[str, Any]) -> Callback:
    route = path.removeprefix("/vonage/")
    return vonage_callback(route, said if route == "voice" else {**RECEIPT, **said})


def rightly_signed(path: str, body: bytes, *, age: float = 0) -> Callback:
    """Whatever the body is."""
    route = GOOD[path].url.partition("/vonage/")[2]
    return vonage_callback(route, body, iat=int(time.time() - age))
