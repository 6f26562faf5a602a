"""`python -m benchmarks.stand_in`: Twilio's place, taking every message at once.

The simulator keeps state, signs and posts callbacks: on two cores it would be what is measured.
"""

import logging
import os
from itertools import count

from aiohttp import web

_MESSAGES = "/2010-04-01/Accounts/{account}/Messages.json"

log = logging.getLogger("stand_in")


class StandIn:
    def __init__(self) -> None:
        self._ids = count(1)
        self._taken = 0

    async def take(self, request: web.Request) -> web.Response:
        asked = await request.post()
        self._taken = next(self._ids)
        made = {"sid": f"SM{self._taken:032x}", "status": "queued", "from": asked.get("From")}
        return web.json_response(made, status=201)

    async def find(self, _: web.Request) -> web.Response:
        """Asked only for what it has not taken: on a busy machine a send is lost on its way."""
        return web.json_response({"messages": []})

    async def taken(self, _: web.Request) -> web.Response:
        return web.json_response(self._taken)


def app() -> web.Application:
    stand_in, made = StandIn(), web.Application()
    made.router.add_post(_MESSAGES, stand_in.take)
    made.router.add_get(_MESSAGES, stand_in.find)
    made.router.add_get("/taken", stand_in.taken)
    made.on_startup.append(_say)
    return made


async def _say(_: web.Application) -> None:
    # `Stack` waits for these two words in the log of a part.
    log.info("serving workflows")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    host, port = os.environ["SIMULATOR_HOST"], int(os.environ["SIMULATOR_PORT"])
    web.run_app(app(), host=host, port=port, access_log=None, print=None)
