"""What the environment must hold for FCM."""

import json
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, HttpUrl, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from providers.extras import needs
from providers.settings import ProviderSettings

_ACCOUNT = "should be the JSON of a service account's key, or the path of its file"


class FcmSettings(ProviderSettings):
    """`FCM_*`. Needs the extra `push`."""

    model_config = SettingsConfigDict(env_prefix="FCM_")

    #: The JSON text or the path of a file that holds it, as the Firebase console gives it.
    service_account: SecretStr
    #: Where it is another one than the account's.
    project_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9.:-]{1,100}$")
    #: Who shows a push on Android: the app, which can then say that it came and has the choices as
    #: buttons, or the system, for apps without code for it.
    display: Literal["app", "system"] = "app"
    api_base_url: str = "https://fcm.googleapis.com"
    #: Elsewhere than the account says.
    token_url: str | None = None

    @field_validator("api_base_url", "token_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        return url and str(HttpUrl(url)).rstrip("/")

    @field_validator("service_account")
    @classmethod
    def _is_an_account(cls, given: SecretStr) -> SecretStr:
        needs("google.auth", library="google-auth", extra="push")
        return SecretStr(json.dumps(_account(given.get_secret_value())))

    @model_validator(mode="after")
    def _names_a_project(self) -> Self:
        if not (self.project_id or self.account.get("project_id")):
            raise ValueError("FCM_PROJECT_ID is missing, and the account names none")
        return self

    @property
    def account(self) -> dict[str, Any]:
        """With the address that its tokens come from."""
        account: dict[str, Any] = json.loads(self.service_account.get_secret_value())
        return account | ({"token_uri": self.token_url} if self.token_url else {})

    @property
    def project(self) -> str:
        return str(self.project_id or self.account["project_id"])


def _account(given: str) -> dict[str, Any]:
    from google.auth.exceptions import GoogleAuthError

    from providers.fcm.credentials import credentials

    try:
        text = given if given.lstrip().startswith("{") else Path(given).read_text()
        account = json.loads(text)
        credentials(account)
        HttpUrl(account["token_uri"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, GoogleAuthError):
        raise ValueError(_ACCOUNT) from None
    assert isinstance(account, dict)
    return account
