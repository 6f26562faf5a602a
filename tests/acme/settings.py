"""What the environment must hold for Acme."""

from pydantic import Field, HttpUrl, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from failover.addresses import E164
from providers.settings import ProviderSettings


class AcmeSettings(ProviderSettings):
    """`ACME_*`."""

    model_config = SettingsConfigDict(
        env_prefix="ACME_", env_prefix_target="all", populate_by_name=True
    )

    api_key: SecretStr = Field(min_length=1)
    #: Signs the callbacks.
    callback_secret: SecretStr = Field(min_length=16)
    callback_secret_previous: SecretStr | None = Field(default=None, min_length=16)
    #: Our number, with its +; `from` in the environment.
    sender: str = Field(validation_alias="from", pattern=E164)
    api_base_url: str = "https://api.acme.example.com"

    @field_validator("api_base_url")
    @classmethod
    def _is_a_url(cls, url: str) -> str:
        return str(HttpUrl(url)).rstrip("/")
