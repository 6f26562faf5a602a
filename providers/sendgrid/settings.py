"""What the environment must hold for SendGrid."""

from email.utils import parseaddr

from cryptography.exceptions import UnsupportedAlgorithm
from pydantic import Field, HttpUrl, SecretStr, field_validator
from pydantic_settings import SettingsConfigDict

from failover.addresses import EMAIL
from failover.channels import Channel, Goal
from providers.sendgrid.signature import public_key
from providers.settings import ProviderSettings


class SendGridSettings(ProviderSettings):
    """`SENDGRID_*`. Callbacks of a kind whose public key is missing are all refused."""

    model_config = SettingsConfigDict(
        env_prefix="SENDGRID_", env_prefix_target="all", populate_by_name=True
    )

    api_key: SecretStr = Field(min_length=1)
    #: `Name <a@example.com>` or the address alone; `from` in the environment.
    sender: str = Field(validation_alias="from")
    #: As SendGrid shows them (base64), or PEM. Events and Inbound Parse have each their own.
    event_public_key: str | None = None
    event_public_key_previous: str | None = None
    inbound_public_key: str | None = None
    inbound_public_key_previous: str | None = None
    #: The domain whose mail Inbound Parse gets; without it replies go to the sender.
    reply_domain: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.-]+$")
    api_base_url: str = "https://api.sendgrid.com"

    def unheard(self, channel: Channel) -> dict[Goal, str]:
        absent = {
            "SENDGRID_REPLY_DOMAIN is not set": not self.reply_domain,
            "SENDGRID_INBOUND_PUBLIC_KEY is not set": not (
                self.inbound_public_key or self.inbound_public_key_previous
            ),
        }
        found = {Goal.REPLIED: " and ".join(why for why, is_so in absent.items() if is_so)}
        if not (self.event_public_key or self.event_public_key_previous):
            found[Goal.DELIVERED] = "SENDGRID_EVENT_PUBLIC_KEY is not set"
        return found

    @field_validator("api_base_url")
    @classmethod
    def _is_a_url(cls, url: str) -> str:
        return str(HttpUrl(url)).rstrip("/")

    @field_validator("sender")
    @classmethod
    def _is_an_address(cls, sender: str) -> str:
        if not EMAIL.fullmatch(parseaddr(sender)[1]):
            raise ValueError("should be like dana@example.com or Dana <dana@example.com>")
        return sender

    @field_validator(
        "event_public_key",
        "event_public_key_previous",
        "inbound_public_key",
        "inbound_public_key_previous",
    )
    @classmethod
    def _is_a_key(cls, given: str | None) -> str | None:
        try:
            if given is not None:
                public_key(given)
        except (ValueError, UnsupportedAlgorithm):
            raise ValueError("should be the public key that SendGrid shows") from None
        return given
