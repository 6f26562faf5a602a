"""The people: they look at their handsets, and answer as the plan says."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import httpx

from faults.plan import Answer, Person

_LOOK_EVERY = 0.3
#: The newest messages read at each look: many times what providers take in between.
_PAGE = 150


class People:
    """Everybody with a handset, by their addresses."""

    def __init__(self, http: httpx.AsyncClient, people: Iterable[Person]) -> None:
        self._http = http
        self._by_address: Mapping[str, Person] = {
            address: person for person in people for address in (person.phone, person.email)
        }
        self._seen: set[str] = set()
        self._answering: set[asyncio.Task[None]] = set()

    async def live(self) -> None:
        """Look and answer, until cancelled."""
        while True:
            with suppress(httpx.HTTPError):
                await self._look()
            await asyncio.sleep(_LOOK_EVERY)

    async def finish(self) -> None:
        """Wait until everybody who wants to answer has done so."""
        while self._answering:
            await asyncio.wait(self._answering)

    async def _look(self) -> None:
        answer = await self._http.get("/simulator/messages", params={"limit": _PAGE})
        for item in answer.json():
            if item["id"] not in self._seen:
                self._seen.add(item["id"])
                self._notice(item)

    def _notice(self, item: dict[str, Any]) -> None:
        person = self._by_address.get(item["to"])
        wanted = person.answers if person and item["arrives"] else ()
        for answer in wanted:
            if answer.channel == item["channel"]:
                task = asyncio.create_task(self._answer(item, answer))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)

    async def _answer(self, item: dict[str, Any], answer: Answer) -> None:
        await asyncio.sleep(answer.after)
        if answer.channel == "voice":
            await self._act(item, "answer", {})
            await self._act(item, "keys", {"digits": "1"})
        elif answer.how == "press" and item["choices"]:
            await self._act(item, "press", {"choice": item["choices"][0]["id"]})
        else:
            text = "STOP" if answer.how == "stop" else "Yes"
            await self._act(item, "reply", {"text": text})

    async def _act(self, item: dict[str, Any], verb: str, body: dict[str, Any]) -> None:
        """A call that has stopped ringing answers 409, which is no matter."""
        with suppress(httpx.HTTPError):
            await self._http.post(f"/simulator/messages/{item['id']}/{verb}", json=body)
