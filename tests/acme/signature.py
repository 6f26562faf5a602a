"""Acme-Signature: HMAC-SHA256 over the time and the body (Acme: Callbacks, "Signatures")."""

import hashlib
import hmac
import time
from collections.abc import Sequence

from providers.base import Callback, CallbackForged

#: Seconds. Acme signs each repetition anew.
_OLDEST = 300


def verify(callback: Callback, secrets: Sequence[str]) -> None:
    """Raises `CallbackForged`."""
    at = callback.headers.get("acme-timestamp", "")
    given = callback.headers.get("acme-signature", "").encode(errors="replace")
    if not any(hmac.compare_digest(given, signed(at, callback.body, one)) for one in secrets):
        raise CallbackForged("Acme-Signature does not match ACME_CALLBACK_SECRET and the body")
    if not at.isdecimal() or abs(time.time() - int(at)) > _OLDEST:
        raise CallbackForged("Acme-Timestamp is too old, or a clock is wrong")


def signed(at: str, body: bytes, secret: str) -> bytes:
    said = at.encode(errors="replace") + b"." + body
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest().encode()
