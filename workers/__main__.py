"""`python -m workers`: runs messages, and sends by every provider the environment configures."""

import asyncio
import logging
import os
import signal
import sys

from temporalio.client import Client
from temporalio.runtime import Runtime

from activities.notify_settings import NotifySettings
from providers.known import configured, nothing_configured
from providers.settings import ConfigurationError, PublicSettings, load
from workers.caps import caps
from workers.metrics import runtime
from workers.registration import NotRegistered, register_search_attributes
from workers.serve import Installation, serve
from workers.versioning import deployment
from workflows.client import connect

_PATIENCE = 30

log = logging.getLogger("workers")


async def main() -> None:
    public = load(PublicSettings)
    providers, limits = configured(public), caps(public)
    if not providers:
        raise nothing_configured()
    version, notify = deployment(), load(NotifySettings)
    client = await _connected(runtime())
    for name in await register_search_attributes(client):
        log.info("registered the search attribute %s", name)
    stop = asyncio.Event()
    for wish in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wish, stop.set)
    await serve(client, Installation(providers, public, notify, limits, version), stop)


async def _connected(runtime: Runtime | None) -> Client:
    """A client, once Temporal answers; a worker is often started in the same breath."""
    for left in range(_PATIENCE, -1, -1):
        try:
            return await connect(runtime=runtime)
        except RuntimeError:
            if not left:
                raise
            await asyncio.sleep(1)
    raise AssertionError("unreachable")


def run() -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        asyncio.run(main())
    except (ConfigurationError, NotRegistered) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except RuntimeError as error:
        sys.stderr.write(f"Temporal does not answer (TEMPORAL_ADDRESS): {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    code = run()
    # Temporal's client can crash the interpreter at a normal exit (sdk-python#300).
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)
