"""The one way our processes connect to Temporal."""

import os

from dotenv import dotenv_values
from temporalio.client import Client
from temporalio.envconfig import ClientConfig
from temporalio.runtime import Runtime

from workflows.encryption import data_converter
from workflows.payload_keys import payload_keys


async def connect(*, lazy: bool = False, runtime: Runtime | None = None) -> Client:
    """A client as Temporal's own settings say (`TEMPORAL_ADDRESS`, a profile, TLS, an API key).

    It encrypts when there are `PAYLOAD_KEYS`; raises `ConfigurationError` when those are wrong.
    A lazy client connects at its first call, so a process can start while Temporal is down.
    """
    config = ClientConfig.load_client_connect_config(override_env_vars=environment())
    config.setdefault("target_host", "localhost:7233")
    converter = data_converter(payload_keys())
    return await Client.connect(**config, data_converter=converter, lazy=lazy, runtime=runtime)


def environment() -> dict[str, str]:
    """The environment over a `.env` file, without what is set to nothing.

    Temporal's envconfig takes an empty `TEMPORAL_API_KEY` for one, and turns TLS on.
    """
    given = {**dotenv_values(".env"), **os.environ}
    return {name: value for name, value in given.items() if value}
