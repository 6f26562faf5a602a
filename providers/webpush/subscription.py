"""A browser's subscription, as an address of the channel `push`.

It is what `JSON.stringify(subscription)` gives in the browser, which has no spaces.
"""

import re
from base64 import urlsafe_b64decode
from typing import Annotated
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

_PLAIN = re.compile(r"[!-~]{1,2000}")


def decoded(text: str) -> bytes:
    """Base64 for URLs, with or without its padding. Raises ValueError."""
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _point(text: str) -> str:
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(text))
    return text


def _secret(text: str) -> str:
    if len(decoded(text)) != 16:
        raise ValueError("16 bytes (RFC 8291, 3.2)")
    return text


def _url(text: str) -> str:
    parts = urlsplit(text)
    if not _PLAIN.fullmatch(text) or parts.username is not None or parts.scheme not in _PORTS:
        raise ValueError("a URL")
    parts.port  # noqa: B018 - raises ValueError where it is none
    return text


class Keys(BaseModel):
    model_config = ConfigDict(frozen=True)

    p256dh: Annotated[str, AfterValidator(_point)]
    auth: Annotated[str, AfterValidator(_secret)]


class Subscription(BaseModel):
    """Where to post, and the keys that nobody but this browser has."""

    model_config = ConfigDict(frozen=True)

    endpoint: Annotated[str, AfterValidator(_url)]
    keys: Keys

    @classmethod
    def read(cls, address: str) -> "Subscription | None":
        """None where it is none, or one of the old kind, without keys."""
        try:
            return cls.model_validate_json(address)
        except ValidationError:
            return None

    @property
    def host(self) -> str:
        """With its port, where that is not the usual one of the scheme."""
        parts = urlsplit(self.endpoint)
        name, port = parts.hostname or "", parts.port
        bracketed = f"[{name}]" if ":" in name else name
        return bracketed if port in (None, _PORTS[parts.scheme]) else f"{bracketed}:{port}"

    @property
    def is_https(self) -> bool:
        return urlsplit(self.endpoint).scheme == "https"

    @property
    def origin(self) -> str:
        return f"{urlsplit(self.endpoint).scheme}://{self.host}"


_PORTS = {"https": 443, "http": 80}
