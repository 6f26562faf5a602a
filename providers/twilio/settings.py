"""What the environment must hold for Twilio."""

import re
from typing import Self

from pydantic import Field, HttpUrl, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from failover.channels import Channel, Goal
from providers.settings import ProviderSettings, unheard_by

#: Digits of a short code.
_SHORT = range(3, 7)


class TwilioSettings(ProviderSettings):
    """`TWILIO_*`. A channel without a sender is not offered.

    Callbacks are always signed with the auth token, also where an API key makes the requests.
    """

    model_config = SettingsConfigDict(
        env_prefix="TWILIO_", env_prefix_target="all", populate_by_name=True
    )

    account_sid: str = Field(min_length=1)
    auth_token: SecretStr = Field(min_length=1)
    auth_token_previous: SecretStr | None = None
    api_key_sid: str | None = None
    api_key_secret: SecretStr | None = None
    messaging_service_sid: str | None = None
    #: Serves sms, mms and voice; `from` in the environment.
    sender: str | None = Field(default=None, validation_alias="from")
    sms_from: str | None = None
    mms_from: str | None = None
    voice_from: str | None = None
    whatsapp_from: str | None = None
    rcs_from: str | None = None
    messenger_from: str | None = None
    api_base_url: str | None = None

    @field_validator("api_base_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        return url if url is None else str(HttpUrl(url)).rstrip("/")

    @model_validator(mode="after")
    def _key_has_its_secret(self) -> Self:
        if (self.api_key_sid is None) != (self.api_key_secret is None):
            raise ValueError("TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET go together")
        return self

    def unheard(self, channel: Channel) -> dict[Goal, str]:
        sender = self.sender_of(channel) if channel == Channel.SMS else None
        # What a Messaging Service sends from, only Twilio knows.
        return {} if sender is None or sender.startswith("MG") else unheard_by(sender)

    def sender_of(self, channel: Channel) -> str | None:
        """Our number, id or Messaging Service (`MG...`) there; None when there is none."""
        own: str | None = getattr(self, f"{channel}_from", None)
        if own is not None:
            return own
        if channel in (Channel.SMS, Channel.MMS) and self.messaging_service_sid:
            return self.messaging_service_sid
        return self.sender if channel in _shared(self.sender or "") else None


def _shared(sender: str) -> tuple[Channel, ...]:
    """Where `TWILIO_FROM` serves: a name sends no files, and only a number makes calls."""
    texts = (Channel.SMS, Channel.MMS)
    if sender.startswith("MG"):
        return texts
    if any(one.isalpha() for one in sender):
        return (Channel.SMS,)
    return texts if len(re.sub(r"\D", "", sender)) in _SHORT else (*texts, Channel.VOICE)
