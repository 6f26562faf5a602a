"""The keys of this process, from the environment or its `.env` file."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from providers.settings import load
from workflows.encryption import Keys


def _checked(written: SecretStr) -> SecretStr:
    Keys.parse(written.get_secret_value())
    return written


PayloadKeys = Annotated[SecretStr, AfterValidator(_checked)]


class EncryptionSettings(BaseSettings):
    """`PAYLOAD_KEYS`; without it nothing is encrypted."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    payload_keys: PayloadKeys | None = None


def payload_keys() -> Keys:
    """Raises `ConfigurationError`, which names the variable and shows none of it."""
    written = load(EncryptionSettings).payload_keys
    return Keys.parse(written.get_secret_value()) if written else Keys()
