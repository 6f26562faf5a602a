"""How an installation tells services of their messages, as its environment has it."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from standardwebhooks import Webhook

from failover.notify import EVERY, Targets, Url

_HOST = re.compile(r"(?=.*[a-z:])[a-z0-9:]([a-z0-9.:-]*[a-z0-9:])?|[0-9]+(\.[0-9]+){3}")
#: Bytes of a secret: fewer can be guessed, and the specification has no more.
_LEAST, _MOST = 24, 64


def _secret(given: SecretStr) -> SecretStr:
    """`whsec_` and base64, which the library reads leniently: what it cannot read it leaves out."""
    written = given.get_secret_value()
    found = re.fullmatch(r"whsec_([A-Za-z0-9+/]+)={0,2}", written)
    if not found or not _LEAST <= len(found[1]) * 3 // 4 <= _MOST:
        raise ValueError(f"should be whsec_ and {_LEAST} to {_MOST} bytes in base64")
    return given


def _hosts(written: str) -> str:
    """`1` for every host, or hosts by commas."""
    if written != "1" and not all(_HOST.fullmatch(host) for host in _listed(written)):
        raise ValueError("should be 1 for every host, or hosts by commas, like orders.internal")
    return written


def _listed(written: str) -> list[str]:
    return [host.strip().lower() for host in written.split(",")]


Secret = Annotated[SecretStr, AfterValidator(_secret)]


class NotifySettings(BaseSettings):
    """`NOTIFY_...`: without a secret no URL is told, and a message that wants it is refused."""

    model_config = SettingsConfigDict(
        env_prefix="NOTIFY_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    secret: Secret | None = None
    #: While it is changed: signs as well, so that services may know either.
    secret_previous: Secret | None = None
    #: Hosts that may have a private address, and be told by plain http.
    allow_private: Annotated[str, AfterValidator(_hosts)] | None = None
    #: Whether redirects that keep the request as it is (307, 308) are followed.
    allow_redirects: bool = False
    #: Where what strangers write is told.
    unmatched_url: Url | None = None
    #: Requests under way at once in one worker; a quarter of them to one host.
    max_concurrent: int = Field(default=100, ge=4, le=1000)

    @model_validator(mode="after")
    def _fits(self) -> "NotifySettings":
        if self.secret_previous and not self.secret:
            raise ValueError("NOTIFY_SECRET_PREVIOUS needs NOTIFY_SECRET")
        if fault := self.targets.fault(self.unmatched_url):
            raise ValueError(f"NOTIFY_UNMATCHED_URL: {fault}")
        return self

    @property
    def targets(self) -> Targets:
        written = self.allow_private
        hosts = (EVERY,) if written == "1" else tuple(_listed(written)) if written else ()
        signs, follows = self.secret is not None, self.allow_redirects
        return Targets(signs=signs, private=hosts, redirects=follows)

    @property
    def signers(self) -> list[Webhook]:
        secrets = (self.secret, self.secret_previous)
        return [Webhook(secret.get_secret_value()) for secret in secrets if secret]
