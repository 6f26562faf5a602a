"""The browsers that are subscribed, each with the keys that it keeps to itself."""

import base64
import os
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from simulator.webpush.decryption import point


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    id: str
    endpoint: str
    #: The public key that it was subscribed with; only its owner may send (RFC 8292, 4).
    sender: str | None = None
    subscribed: bool = True
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    auth: bytes = field(default_factory=lambda: os.urandom(16))

    @property
    def subscription(self) -> dict[str, Any]:
        """What `JSON.stringify(subscription)` has in it."""
        keys = {"p256dh": encoded(point(self.key.public_key())), "auth": encoded(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def may_send(self, authorization: str, origin: str) -> bool:
        """Whether a request is by whom the browser subscribed to."""
        scheme, _, rest = authorization.partition(" ")
        given = dict(part.strip().partition("=")[::2] for part in rest.split(","))
        key = given.get("k", "")
        if scheme.lower() != "vapid" or (self.sender and self.sender != key):
            return False
        try:
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(key))
            claims = jwt.decode(
                given.get("t", ""), public, algorithms=["ES256"], audience=origin, leeway=60
            )
        except (jwt.PyJWTError, ValueError):
            return False
        return str(claims.get("sub", "")).startswith(("mailto:", "https:"))
