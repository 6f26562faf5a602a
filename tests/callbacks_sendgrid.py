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


def sendgrid_settings(**more: Any) -> SendGridSettings:
    given = {
        "api_key": "SG.the-secret-api-key",
        "from": "Dana's Deliveries <hello@example.org>",
        "event_public_key": shown(EVENT_KEY),
        "inbound_public_key": shown(INBOUND_KEY),
        "reply_domain": REPLY_DOMAIN,
    }
    return SendGridSettings.model_validate({**given, **more})


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
