"""The application's private key, and the tokens that the SDK signs with it."""

from functools import lru_cache
from typing import Any, cast

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from vonage import Auth
from vonage_jwt import JwtClient


@lru_cache(maxsize=8)
def parsed(pem: str) -> RSAPrivateKey:
    """Raises `ValueError` or `TypeError` for what is no RSA key in PEM."""
    key = load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("not an RSA private key")
    return key


class KeyedAuth(Auth):  # type: ignore[misc]  # the SDK has no types
    """The SDK's own would read the PEM again for every token, some 30 ms of a processor a send."""

    def __init__(self, *, application_id: str, private_key: str, **others: Any) -> None:
        super().__init__(application_id=application_id, private_key=private_key, **others)
        # What it is given goes to PyJWT, which takes a key as well as its PEM.
        self._keyed = JwtClient(application_id, cast(str, parsed(private_key)))

    def generate_application_jwt(self, claims: dict[str, Any] | None = None) -> bytes:
        token: bytes = self._keyed.generate_application_jwt(claims or {})
        return token
