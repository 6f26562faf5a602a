"""What the environment (or a `.env` file) says; every process reads it once, when it starts."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from failover.channels import Channel, Goal


class ConfigurationError(Exception):
    """Names the variables at fault, and none of their values."""


class KeySettings(BaseSettings):
    """The secret behind keyed hashes and signed links."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    address_key: SecretStr = Field(min_length=16)


class PublicSettings(KeySettings):
    """And where providers reach us."""

    public_base_url: str

    @field_validator("public_base_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        return str(HttpUrl(url)).rstrip("/")


class ProviderSettings(BaseSettings):
    """What every provider has; a subclass sets `env_prefix` and adds its own."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    #: Sends under way at once in one worker.
    max_concurrent: int = Field(default=20, ge=1, le=1000)
    #: Sends a second over all workers; None for no limit of ours.
    max_per_second: float | None = Field(default=None, gt=0)
    #: Seconds from connecting to the last byte of the answer, before a send is given up.
    timeout: float = Field(default=10, gt=0, le=20)
    #: Sends within a minute, on one channel, that it takes to judge; with half of them failed, or
    #: more, sends are passed over. 0 for never.
    breaker_sends: int = Field(default=5, ge=0, le=10_000)
    #: Seconds until one send is let through to see whether it works again.
    breaker_seconds: float = Field(default=30, gt=0, le=3600)

    def unheard(self, channel: Channel) -> Mapping[Goal, str]:
        """What nobody here would hear of a send there, and why; an empty reason is none."""
        return {}


def unheard_by(sender: str) -> dict[Goal, str]:
    """A name may be told from a number by its letters."""
    is_a_name = any(map(str.isalpha, sender))
    return {Goal.REPLIED: "it goes from a name, which takes none"} if is_a_name else {}


Settings = TypeVar("Settings", bound=BaseSettings)


def load(kind: type[Settings]) -> Settings:
    """The settings. Raises `ConfigurationError` naming every variable missing or wrong."""
    try:
        return kind()
    except ValidationError as error:
        raise ConfigurationError(_faults(kind, error)) from None


def load_if_any(kind: type[Settings]) -> Settings | None:
    """The settings, or None when none of the required variables is set: then it is not offered."""
    try:
        return kind()
    except ValidationError as error:
        missing = {fault["loc"][0] for fault in error.errors() if fault["type"] == "missing"}
        required = {
            about.validation_alias or name
            for name, about in kind.model_fields.items()
            if about.is_required()
        }
        if missing == required and error.error_count() == len(required):
            return None
        raise ConfigurationError(_faults(kind, error)) from None


def _faults(kind: type[BaseSettings], error: ValidationError) -> str:
    prefix = kind.model_config.get("env_prefix") or ""
    said = []
    for fault in error.errors(include_input=False, include_url=False, include_context=False):
        name = f"{prefix}{fault['loc'][0]}".upper() if fault["loc"] else kind.__name__
        wrong = fault["msg"].removeprefix("Value error, ")
        said.append(f"{name} is missing" if fault["type"] == "missing" else f"{name}: {wrong}")
    return "; ".join(said)
