"""`python -m webhooks`: the process that providers call."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Mapping

import uvicorn
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from providers.base import CallbackReader
from providers.known import nothing_configured, readers
from providers.links import Links
from providers.settings import ConfigurationError, PublicSettings, load
from webhooks.app import create_app
from webhooks.connection import served
from webhooks.gateway import TemporalGateway
from webhooks.pages.cases import TemporalCases
from webhooks.pages.record import TemporalRecord
from webhooks.pages.routes import Pages
from workflows.client import connect
from workflows.payload_keys import payload_keys


class ListenSettings(BaseSettings):
    """`WEBHOOKS_HOST` and `WEBHOOKS_PORT`."""

    model_config = SettingsConfigDict(
        env_prefix="WEBHOOKS_", env_file=".env", extra="ignore", env_ignore_empty=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8300, ge=0, le=65535)


async def serve(
    listen: ListenSettings, public: PublicSettings, known: Mapping[str, CallbackReader]
) -> None:
    """Until SIGTERM or SIGINT; requests under way are then brought to their end."""
    client = await connect(lazy=True)
    gateway = TemporalGateway(client)
    pages = Pages(Links.by(public), TemporalRecord(client), TemporalCases(client))
    app = create_app(known, gateway, base_url=public.public_base_url, pages=pages)
    config = served(app, listen.host, listen.port, farewell=15)
    listening = config.bind_socket()  # says so and exits where the port is taken
    where = f"{listen.host}:{listen.port}"
    _say(f"webhooks of {', '.join(known)} on {where}, public at {public.public_base_url}")
    await uvicorn.Server(config).serve(sockets=[listening])


def main() -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        listen, public = load(ListenSettings), load(PublicSettings)
        if not (known := readers(public)):
            raise nothing_configured()
        payload_keys()  # which connect() reads again, beyond this error message
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    # uvicorn raises the signal again after a clean end; then there is nothing left to do for it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    asyncio.run(serve(listen, public, known))
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Temporal's SDK may crash in an orderly exit (sdk-python#300).
    os._exit(code)
