"""`python -m benchmarks.floor_worker`: the floor's process, with the settings of our workers."""

import asyncio
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from benchmarks.floor import QUEUE, Floor
from benchmarks.floor_send import Sends
from providers.known import configured
from providers.settings import PublicSettings, load
from workers.serve import GRACE, STICKY

log = logging.getLogger("floor")


async def main() -> None:
    [twilio] = configured(load(PublicSettings))
    most = twilio.settings.max_concurrent
    address = os.environ["TEMPORAL_ADDRESS"]
    client = await Client.connect(address, data_converter=pydantic_data_converter)
    stop = asyncio.Event()
    for wish in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(wish, stop.set)
    with ThreadPoolExecutor(max_workers=most) as threads:
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[Floor],
            activities=[Sends(twilio.senders).send],
            activity_executor=threads,
            max_concurrent_activities=most,
            sticky_queue_schedule_to_start_timeout=STICKY,
            graceful_shutdown_timeout=GRACE,
        ):
            log.info("serving workflows on %s", QUEUE)
            await stop.wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(main())
    logging.shutdown()
    sys.stdout.flush()
    # Temporal's client can crash the interpreter at a normal exit (sdk-python#300).
    os._exit(0)
