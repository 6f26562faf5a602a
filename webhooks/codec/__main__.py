"""`python -m webhooks.codec`: decrypts for the Web UI, for those who may."""

import logging
import re
import sys

import uvicorn
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from providers.settings import ConfigurationError, load
from webhooks.codec.app import create_app
from webhooks.codec.door import Door
from webhooks.connection import served
from workflows.encryption import EncryptionCodec, Keys
from workflows.payload_keys import PayloadKeys

_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class CodecSettings(BaseSettings):
    """`PAYLOAD_KEYS`, which are required here, and what begins with `CODEC_`."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    payload_keys: PayloadKeys
    codec_token: SecretStr = Field(min_length=16)
    codec_allowed_origin: str = "http://localhost:8080"
    codec_host: str = "127.0.0.1"
    codec_port: int = Field(default=8500, ge=0, le=65535)

    @field_validator("codec_allowed_origin")
    @classmethod
    def _is_an_origin(cls, origin: str) -> str:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError("should be scheme, host and port of the Web UI, and no path")
        return origin


def server(settings: CodecSettings) -> uvicorn.Server:
    origin = settings.codec_allowed_origin
    app = create_app(
        EncryptionCodec(Keys.parse(settings.payload_keys.get_secret_value())),
        Door(settings.codec_token.get_secret_value(), origin),
        origin=origin,
        token_in_path=settings.codec_host in _LOOPBACK,
    )
    return uvicorn.Server(served(app, settings.codec_host, settings.codec_port, farewell=5))


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        settings = load(CodecSettings)
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    where = f"{settings.codec_host}:{settings.codec_port}"
    sys.stdout.write(f"codec server on {where}, for {settings.codec_allowed_origin}\n")
    sys.stdout.flush()
    server(settings).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
