"""Acme-Signature: HMAC-SHA256 of the time, the URL and the body (its page "Callbacks")."""

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
    if not any(hmac.compare_digest(given, _signed(at, callback, secret)) for secret in secrets):
        raise CallbackForged("Acme-Signature does not match ACME_CALLBACK_SECRET for this URL")
    if not at.isdecimal() or abs(time.time() - int(at)) > _OLDEST:
        raise CallbackForged("Acme-Timestamp is too old, or a clock is wrong")


def _signed(at: str, callback: Callback, secret: str) -> bytes:
    said = f"{at}.{callback.url}.".encode(errors="replace") + callback.body
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest().encode()
