"""The one way our processes connect to Temporal."""

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

from workflows.encryption import data_converter
from workflows.payload_keys import payload_keys


async def connect(*, lazy: bool = False) -> Client:
    """A client as Temporal's own settings say (`TEMPORAL_ADDRESS`, a profile, TLS, an API key).

    It encrypts when there are `PAYLOAD_KEYS`; raises `ConfigurationError` when those are wrong.
    A lazy client connects at its first call, so a process can start while Temporal is down.
    """
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "localhost:7233")
    converter = data_converter(payload_keys())
    return await Client.connect(**config, data_converter=converter, lazy=lazy)
