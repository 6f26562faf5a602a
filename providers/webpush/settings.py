"""What the environment must hold for the push services of browsers."""

import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from providers.extras import needs
from providers.settings import ProviderSettings
from providers.webpush.subscription import decoded

_HOST = re.compile(
    r"(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?|\[[0-9a-f:]+\](:[0-9]{1,5})?"
)


class WebPushSettings(ProviderSettings):
    """`WEBPUSH_*`. Needs the extra `push`."""

    model_config = SettingsConfigDict(env_prefix="WEBPUSH_")

    #: Of the VAPID pair (RFC 8292): PEM, its path, or 32 bytes in base64, as most tools print it.
    private_key: SecretStr
    #: Whom a push service may write to about us.
    subject: str = Field(pattern=r"^(mailto:[^@\s]+@[^@\s]+\.[^@\s]+|https://[^\s/]+\.[^\s/]+/?)$")
    #: Push services besides the browsers' own, by commas: `push.example.com`, `*.example.com`,
    #: `127.0.0.1:8400`. They may have private addresses, and plain http.
    services: str | None = None

    @field_validator("services")
    @classmethod
    def _are_hosts(cls, written: str | None) -> str | None:
        if not all(_HOST.fullmatch(host) for host in _listed(written)):
            raise ValueError("should be hosts by commas, like push.example.com or 127.0.0.1:8400")
        return written

    @field_validator("private_key")
    @classmethod
    def _is_a_key(cls, given: SecretStr) -> SecretStr:
        needs("pywebpush", library="pywebpush", extra="push")
        return SecretStr(_pem(given.get_secret_value().strip()))

    @property
    def key(self) -> ec.EllipticCurvePrivateKey:
        key = load_pem_private_key(self.private_key.get_secret_value().encode(), password=None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key

    @property
    def own_services(self) -> tuple[str, ...]:
        return tuple(_listed(self.services))


def _listed(written: str | None) -> list[str]:
    return [host.strip().lower() for host in (written or "").split(",") if host.strip()]


def _pem(given: str) -> str:
    try:
        key = _raw(given) or _loaded(given)
    except (OSError, ValueError, TypeError):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("should be a private key of P-256: PEM, its path, or 32 bytes in base64")
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _raw(given: str) -> ec.EllipticCurvePrivateKey | None:
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}=?", given):
        return None
    return ec.derive_private_key(int.from_bytes(decoded(given)), ec.SECP256R1())


def _loaded(given: str) -> object:
    pem = given if "-----BEGIN" in given else Path(given).read_text()
    return load_pem_private_key(pem.replace("\\n", "\n").strip().encode(), password=None)
