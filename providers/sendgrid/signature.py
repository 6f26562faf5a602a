"""The signature on SendGrid's callbacks: ECDSA over a timestamp and the raw body.

The SDK's own check takes text only, which the body of an email need not be, and takes any age.
"""

import base64
import re
import time
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from providers.base import Callback, CallbackForged

_SIGNATURE = "x-twilio-email-event-webhook-signature"
_TIMESTAMP = "x-twilio-email-event-webhook-timestamp"
#: SendGrid tries again for 24 hours; whether it signs anew each time is not documented.
_OLDEST, _NEWEST = 25 * 3600, 5 * 60


def public_key(given: str) -> EllipticCurvePublicKey:
    """The key in base64 as SendGrid shows it, or in PEM. Raises `ValueError`."""
    text = given.replace("\\n", "\n").strip()
    if text.startswith("-----BEGIN"):
        key = load_pem_public_key(text.encode())
    else:
        key = load_der_public_key(base64.b64decode("".join(text.split()), validate=True))
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("not a P-256 public key")
    return key


def verify(callback: Callback, keys: Sequence[EllipticCurvePublicKey], variable: str) -> None:
    """Raises `CallbackForged`, naming the variable to look at."""
    if not keys:
        raise CallbackForged(f"{variable} is not set, so nothing can be trusted")
    stamp = callback.headers.get(_TIMESTAMP, "").strip()
    try:
        signature = base64.b64decode(callback.headers.get(_SIGNATURE, ""), validate=True)
    except ValueError:
        signature = b""
    if not _fresh(stamp) or not any(
        _right(key, signature, stamp.encode() + callback.body) for key in keys
    ):
        raise CallbackForged(f"the signature does not match {variable}, or is too old")


def _fresh(stamp: str) -> bool:
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        return False
    return -_NEWEST <= time.time() - int(stamp) <= _OLDEST


def _right(key: EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
