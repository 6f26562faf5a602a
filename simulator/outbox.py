"""Posts callbacks to the webhooks, and again when a provider would."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from simulator.records import Posted, Said, Sent
from simulator.state import State

#: Twilio gives a webhook 15 seconds; the others are near enough.
TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)

#: An answer (null: nobody answered) after which the provider tries again.
Again = Callable[[int | None], bool]
#: Is told of the answer to each try.
Heard = Callable[[int | None], None]


@dataclass(frozen=True)
class Callback:
    """One HTTP request to a webhook, signed and ready to go."""

    url: str
    headers: dict[str, str]
    body: bytes
    #: What it says, for the handset page: `delivered`, `reply` ...
    says: str
    again: Again = field(default=lambda answer: False)
    #: Seconds before the next try; doubles each time.
    pause: float = 1
    tries: int = 1


class Outbox:
    def __init__(self, state: State) -> None:
        self._state = state
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=TIMEOUT)

    async def close(self) -> None:
        """Drop every callback still waiting."""
        self.drop()
        if self._session:
            await self._session.close()

    def drop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something in the background until it ends or the process does."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def send(
        self,
        callback: Callback,
        about: Sequence[Sent] = (),
        heard: Heard = lambda answer: None,
    ) -> int | None:
        """Post it once; further tries run in the background. Returns the webhook's answer."""
        answer, _ = await self.fetch(callback, about)
        heard(answer)
        if callback.tries > 1 and callback.again(answer):
            self.start(self._repeat(callback, about, heard))
        return answer

    async def fetch(self, callback: Callback, about: Sequence[Sent] = ()) -> tuple[int | None, str]:
        """Post it once; returns the answer's status and body."""
        posted = Posted(url=callback.url, status=callback.says)
        answer, body = await self._post(callback)
        posted.answer = answer
        for sent in about:
            sent.callbacks.append(posted)
            self._state.changed(sent)
        return answer, body

    async def deliver(self, callback: Callback, said: Said) -> int | None:
        """Post what the person said and keep the answer with it, of the last try so far."""

        def heard(answer: int | None) -> None:
            said.answer = answer
            said.posted = True
            self._state.keep(said)

        return await self.send(callback, heard=heard)

    async def _repeat(self, callback: Callback, about: Sequence[Sent], heard: Heard) -> None:
        for number in range(callback.tries - 1):
            await asyncio.sleep(callback.pause * 2**number)
            answer, _ = await self.fetch(callback, about)
            heard(answer)
            if not callback.again(answer):
                return

    async def _post(self, callback: Callback) -> tuple[int | None, str]:
        assert self._session is not None
        request = self._session.post(
            callback.url, data=callback.body, headers=callback.headers, allow_redirects=False
        )
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
            async with request as response:
                return response.status, await response.text(errors="replace")
        return None, ""
