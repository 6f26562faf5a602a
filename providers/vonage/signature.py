"""Signed webhooks of Vonage: a JWT made with the account's signature secret.

The SDK's own check looks at neither the body, nor the age, nor a clock a second behind.
"""

import hashlib
import hmac
import time
from collections.abc import Sequence
from typing import Any

import jwt

from providers.base import Callback, CallbackForged, CallbackUnsigned

_LEEWAY = 60
#: Vonage gives up on a callback after 24 hours, and may not sign it anew on the way.
_OLDEST = 25 * 3600
_FORGED = "the token does not match VONAGE_SIGNATURE_SECRET and the body, or is too old"


def verify(callback: Callback, secrets: Sequence[str]) -> None:
    """Raises `CallbackUnsigned` or `CallbackForged`."""
    header = callback.headers.get("authorization", "").strip()
    if not header:
        raise CallbackUnsigned("Authorization is missing")
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise CallbackForged(_FORGED)
    digest = hashlib.sha256(callback.body).hexdigest()
    if not any(_right(token.strip(), secret, digest) for secret in secrets):
        raise CallbackForged(_FORGED)


def _right(token: str, secret: str, digest: str) -> bool:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            leeway=_LEEWAY,
            options={"require": ["iat", "jti", "payload_hash"], "verify_aud": False},
        )
    except (jwt.PyJWTError, ValueError, RecursionError):
        return False
    named = str(claims["payload_hash"]).lower().encode(errors="replace")
    return hmac.compare_digest(named, digest.encode()) and _fresh(claims["iat"])


def _fresh(issued: object) -> bool:
    return isinstance(issued, int | float) and time.time() - issued <= _OLDEST
