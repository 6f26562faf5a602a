"""What the environment must hold for Vonage."""

import re
from pathlib import Path
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import Field, HttpUrl, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from failover.channels import Channel, Goal
from providers.settings import ProviderSettings, unheard_by
from providers.vonage.keys import parsed

_PHONE = re.compile(r"\+?[1-9][0-9]{6,14}")


class VonageSettings(ProviderSettings):
    """`VONAGE_*`. A channel without a sender is not offered."""

    model_config = SettingsConfigDict(
        env_prefix="VONAGE_", env_prefix_target="all", populate_by_name=True
    )

    application_id: str = Field(min_length=1)
    #: PEM text, also with `\\n` written out, or the path of a file that holds it.
    private_key: SecretStr
    #: The account's signature secret, with which Vonage signs its callbacks.
    signature_secret: SecretStr = Field(min_length=1)
    signature_secret_previous: SecretStr | None = None
    #: Only for look-ups: the Reports API takes no application, and costs extra.
    api_key: str | None = None
    api_secret: SecretStr | None = None
    #: Serves sms, mms and voice; `from` in the environment.
    sender: str | None = Field(default=None, validation_alias="from")
    sms_from: str | None = None
    mms_from: str | None = None
    voice_from: str | None = None
    whatsapp_from: str | None = None
    viber_from: str | None = None
    messenger_from: str | None = None
    rcs_from: str | None = None
    api_base_url: str = "https://api.nexmo.com"

    @field_validator("api_base_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        return str(HttpUrl(url)).rstrip("/")

    @field_validator("private_key")
    @classmethod
    def _is_a_key(cls, given: SecretStr) -> SecretStr:
        return SecretStr(_pkcs8(given.get_secret_value()))

    @model_validator(mode="after")
    def _key_has_its_secret(self) -> Self:
        if (self.api_key is None) != (self.api_secret is None):
            raise ValueError("VONAGE_API_KEY and VONAGE_API_SECRET go together")
        return self

    def unheard(self, channel: Channel) -> dict[Goal, str]:
        sender = self.sender_of(channel) if channel == Channel.SMS else None
        return unheard_by(sender) if sender else {}

    def sender_of(self, channel: Channel) -> str | None:
        """Our number, name or id there; None when there is none."""
        own: str | None = getattr(self, f"{channel}_from", None)
        if own is not None:
            return own
        if channel in (Channel.MMS, Channel.VOICE) and not _PHONE.fullmatch(self.sender or ""):
            return None  # a name may send texts, and neither files nor calls
        return self.sender if channel in (Channel.SMS, Channel.MMS, Channel.VOICE) else None


def _pkcs8(given: str) -> str:
    """The key as the SDK wants it: it takes a PEM for a path unless it is PKCS 8."""
    try:
        pem = given if "-----BEGIN" in given else Path(given).read_text()
        key = parsed(pem.replace("\\n", "\n").strip())
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("should be an RSA private key in PEM, or the path of one") from None
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
