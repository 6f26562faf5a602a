"""Runs the simulator under uvicorn."""

import socket
import sys

import uvicorn

from simulator.app import create_app
from simulator.connection import CuttableProtocol
from simulator.settings import Settings


class Server(uvicorn.Server):
    """uvicorn, with a word when it listens and an end to open streams when it stops."""

    greeting = ""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(self.greeting)
            sys.stdout.flush()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.config.loaded_app.state.exchange.close()
        await super().shutdown(sockets)


def create_server(settings: Settings) -> Server:
    config = uvicorn.Config(
        create_app(settings),
        host=settings.simulator_host,
        port=settings.simulator_port,
        http=CuttableProtocol,
        ws="none",
        proxy_headers=False,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    return Server(config)
