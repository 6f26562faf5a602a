"""Signed test callbacks as SendGrid sends them, and settings that fit them.

The signature is made here from SendGrid's page "Event Webhook Security Features", not by the
code under test.
"""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from providers.base import Callback
from providers.sendgrid.settings import SendGridSettings
from tests.callbacks import BASE_URL

EVENT_KEY = generate_private_key(SECP256R1())
INBOUND_KEY = generate_private_key(SECP256R1())
BOUNDARY = "xYzZY"
REPLY_DOMAIN = "reply.example.com"


def shown(key: EllipticCurvePrivateKey) -> str:
    """The public key as SendGrid's settings page shows it."""
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


SETTINGS = {
    "api_key": "SG.the-secret-api-key",
    "from": "Dana's Deliveries <hello@example.org>",
    "event_public_key": shown(EVENT_KEY),
    "inbound_public_key": shown(INBOUND_KEY),
    "reply_domain": REPLY_DOMAIN,
}


def sendgrid_settings(**more: Any) -> SendGridSettings:
    return SendGridSettings.model_validate({**SETTINGS, **more})


def signed(
    route: str,
    body: bytes,
    key: EllipticCurvePrivateKey,
    *,
    kind: str = "application/json",
    age: float = 0,
) -> Callback:
    """`route` is what follows `/sendgrid/`, `age` is in seconds."""
    stamp = str(int(time.time() - age))
    signature = base64.b64encode(key.sign(stamp.encode() + body, ECDSA(SHA256()))).decode()
    headers = {
        "content-type": kind,
        "x-twilio-email-event-webhook-signature": signature,
        "x-twilio-email-event-webhook-timestamp": stamp,
    }
    return Callback(url=f"{BASE_URL}/sendgrid/{route}", headers=headers, body=body)


def sendgrid_events(events: Any, *, key: EllipticCurvePrivateKey = EVENT_KEY) -> Callback:
    """SendGrid ends the array with CR LF, and signs that too."""
    return signed("events", json.dumps(events).encode() + b"\r\n", key)


def form(fields: Mapping[str, str | bytes], files: Mapping[str, bytes] | None = None) -> bytes:
    parts = [(f'name="{name}"', value) for name, value in fields.items()]
    for name, content in (files or {}).items():
        parts.append((f'name="{name}"; filename="{name}.bin"', content))
    lines = b""
    for disposition, value in parts:
        content = value.encode() if isinstance(value, str) else value
        lines += f"--{BOUNDARY}\r\nContent-Disposition: form-data; {disposition}\r\n\r\n".encode()
        lines += content + b"\r\n"
    return lines + f"--{BOUNDARY}--\r\n".encode()


def sendgrid_mail(
    fields: Mapping[str, str | bytes],
    *,
    files: Mapping[str, bytes] | None = None,
    key: EllipticCurvePrivateKey = INBOUND_KEY,
) -> Callback:
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return signed("inbound", form(fields, files), key, kind=kind)


DELIVERED = {"event": "delivered", "sg_event_id": "e1", "fo_ref": "order-1.2", "timestamp": 1}
#: The token of a mail that finds its message.
_TO = f"r+{'a2' * 16}@{REPLY_DOMAIN}"
MAIL = {
    "headers": "From: dana@example.com\r\nMessage-ID: <1@example.com>\r\n",
    "from": "dana@example.com",
    "to": _TO,
    "envelope": f'{{"to":["{_TO}"],"from":"dana@example.com"}}',
    "subject": "Re: Your delivery today",
    "text": "Yes",
}
GOOD = {
    "/sendgrid/events": sendgrid_events([DELIVERED]),
    "/sendgrid/inbound": sendgrid_mail(MAIL),
}


def saying(path: str, said: dict[str, Any]) -> Callback:
    if path == "/sendgrid/events":
        return sendgrid_events([said, {**DELIVERED, **said}])
    return sendgrid_mail({**MAIL, **{name: str(value) for name, value in said.items()}})


def rightly_signed(path: str, body: bytes, *, age: float = 0) -> Callback:
    """Whatever the body is."""
    if path == "/sendgrid/events":
        return signed("events", body, EVENT_KEY, age=age)
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return signed("inbound", body, INBOUND_KEY, kind=kind, age=age)
