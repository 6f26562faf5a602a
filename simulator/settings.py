"""What the simulator reads from the environment: the product's own credentials, mostly."""

from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AnyHttpUrl
from pydantic_settings import BaseSettings, SettingsConfigDict

from simulator.fcm.account import account

NEEDED = {
    "twilio": ("twilio_account_sid", "twilio_auth_token"),
    "sendgrid": ("sendgrid_api_key", "simulator_sendgrid_private_key"),
    "vonage": ("vonage_application_id", "vonage_private_key", "vonage_signature_secret"),
    "fcm": ("fcm_service_account",),
    "webpush": ("webpush_private_key",),
}


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    public_base_url: AnyHttpUrl

    simulator_host: str = "127.0.0.1"
    simulator_port: int = 8400
    #: Seconds before each callback.
    simulator_delay: float = 0.3
    #: Words a second in a call; the wait for a key begins when the last word is spoken.
    simulator_speech_rate: float = 2.5
    #: PEM of an EC P-256 key, or the path of one; signs both of SendGrid's webhooks.
    simulator_sendgrid_private_key: str | None = None
    #: Where it is, as workers have it; browsers that subscribe are written to there.
    simulator_base_url: AnyHttpUrl | None = None

    twilio_account_sid: str | None = None
    twilio_auth_token: str | None = None
    twilio_api_key_sid: str | None = None
    twilio_api_key_secret: str | None = None
    sendgrid_api_key: str | None = None
    sendgrid_reply_domain: str | None = None
    vonage_application_id: str | None = None
    vonage_private_key: str | None = None
    vonage_signature_secret: str | None = None
    fcm_service_account: str | None = None
    webpush_private_key: str | None = None

    def webhook(self, path: str) -> str:
        """Where a callback goes whose address is set in the provider's console."""
        return str(self.public_base_url).rstrip("/") + path

    def missing(self, provider: str) -> list[str]:
        """The variables that keep the simulator from playing a provider; none when it does."""
        return [name.upper() for name in NEEDED[provider] if not getattr(self, name)]

    def check_keys(self) -> None:
        """Load the keys; raises ValueError that names the variable at fault."""
        keys = {
            "SIMULATOR_SENDGRID_PRIVATE_KEY": self.simulator_sendgrid_private_key,
            "VONAGE_PRIVATE_KEY": self.vonage_private_key,
        }
        try:
            account(self.fcm_service_account) if self.fcm_service_account else None
        except (OSError, ValueError, TypeError, AttributeError) as problem:
            raise ValueError(f"FCM_SERVICE_ACCOUNT cannot be used: {problem}") from problem
        for name, value in keys.items():
            try:
                load_pem_private_key(pem(value), None) if value else None
            except (OSError, ValueError, TypeError) as problem:
                raise ValueError(f"{name} is not a readable private key: {problem}") from problem

    @property
    def providers(self) -> list[str]:
        return [provider for provider in NEEDED if not self.missing(provider)]


def pem(value: str) -> bytes:
    """A key given as PEM text (newlines may be written as \\n) or as the path of a file."""
    if "-----BEGIN" in value:
        return value.replace("\\n", "\n").encode()
    return Path(value).read_bytes()
