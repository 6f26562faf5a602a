"""The whole system as real processes that talk over real HTTP, and the hands that act on it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter

from failover.attempts import Result
from failover.message import parse_message
from failover.start import start_options
from providers.known import PREFIXES
from starter.ports import Ports
from starter.stack import Stack

Handle = WorkflowHandle[Any, Result]
TEXT = "Hi Dana, can you be home at 9 pm?"
CHOICES = [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]


class World:
    def __init__(self, stack: Stack, client: Client, http: httpx.AsyncClient) -> None:
        self.stack, self.client, self.http = stack, client, http

    async def ask(
        self, *steps: dict[str, Any], of: "Addresses | None" = None, **more: Any
    ) -> "Asked":
        of = of or Addresses()
        message = parse_message(
            {
                "id": f"order-{uuid4().hex[:12]}",
                "recipient": {"name": "Dana", "addresses": vars(of)},
                "content": {"subject": "Your delivery", "text": TEXT, "choices": CHOICES},
                "steps": list(steps),
                **more,
            }
        )
        options = start_options(message)
        handle = await self.client.start_workflow("Message", message, result_type=Result, **options)
        return Asked(self, handle, of)

    async def script(self, **script: Any) -> None:
        answer = await self.http.post("/simulator/scripts", json=script)
        answer.raise_for_status()

    async def outage(self, provider: str, do: str | None) -> None:
        answer = await self.http.post("/simulator/outages", json={"provider": provider, "do": do})
        answer.raise_for_status()

    async def sent(self, to: str) -> list[dict[str, Any]]:
        answer = await self.http.get("/simulator/messages", params={"to": to})
        found: list[dict[str, Any]] = answer.json()
        return found


class Asked:
    """One message on its way, and the person it is for."""

    def __init__(self, world: World, handle: Handle, of: "Addresses") -> None:
        self.world, self.handle, self.of = world, handle, of
        self.phone, self.email, self.messenger = of.phone, of.email, of.messenger

    async def arrived(self, channel: str, seconds: float = 20) -> dict[str, Any]:
        """What came on this channel, once a reply to it would find its message.

        Temporal's search attributes are eventually consistent: a person is slower than that.
        """
        item = await self.reached(channel, seconds)
        await self.findable()
        return item

    async def reached(self, channel: str, seconds: float = 20) -> dict[str, Any]:
        """What came on this channel, in the moment it has."""
        to = self.of.on(channel)
        item: dict[str, Any] = await eventually(
            lambda: self.world.sent(to),
            lambda found: [item for item in found if item["channel"] == channel][-1:],
            seconds,
        )
        return item

    async def copies(self) -> list[str]:
        """The channels and providers of everything that reached the person, in order."""
        return [f"{item['channel']} by {item['provider']}" for item in await self.items()]

    async def items(self) -> list[dict[str, Any]]:
        """Everything that reached the person, in order."""
        every = [item for to in vars(self.of).values() for item in await self.world.sent(to)]
        return sorted(every, key=lambda item: str(item["at"]))

    async def reply(self, item: dict[str, Any], text: str, **more: Any) -> int:
        return await self._act(item, "reply", {"text": text, **more})

    async def press(self, item: dict[str, Any], choice: str) -> int:
        return await self._act(item, "press", {"choice": choice})

    async def key(self, call: dict[str, Any], digits: str) -> None:
        await self.pick_up(call, by="human")
        await self.press_key(call, digits)

    async def pick_up(self, call: dict[str, Any], by: str) -> None:
        await self._call_is(call, "ringing")
        await self._act(call, "answer", {"by": by})

    async def decline(self, call: dict[str, Any], outcome: str) -> None:
        await self._call_is(call, "ringing")
        await self._act(call, "decline", {"outcome": outcome})

    async def hang_up(self, call: dict[str, Any]) -> None:
        await self._act(call, "hangup", {})

    async def press_key(self, call: dict[str, Any], digits: str) -> None:
        await self._act(call, "keys", {"digits": digits})

    async def hears(self, call: dict[str, Any], words: str) -> None:
        await eventually(
            lambda: self.world.sent(self.phone),
            lambda found: [
                one for one in found if one["id"] == call["id"] and words in one["call"]["said"]
            ],
        )

    async def findable(self) -> None:
        async def look() -> tuple[str | None, Result]:
            described = [
                found
                async for found in self.world.client.list_workflows(
                    f'WorkflowId = "{self.handle.id}"'
                )
            ]
            channel = (
                described[0].search_attributes.get("Channel", [None])[0] if described else None
            )
            return str(channel), await self.seen()

        await eventually(
            look,
            lambda found: [
                x for x in found[1].attempts[-1:] if x.accepted_at and x.channel == found[0]
            ],
        )

    async def _call_is(self, call: dict[str, Any], state: str) -> None:
        await eventually(
            lambda: self.world.sent(self.phone),
            lambda found: [
                i for i in found if i["id"] == call["id"] and i["call"]["state"] == state
            ],
        )

    async def ended(self, seconds: float = 30) -> Result:
        return await asyncio.wait_for(self.handle.result(), seconds)

    async def seen(self) -> Result:
        result: Result = await self.handle.query("conversation", result_type=Result)
        return result

    async def _act(self, item: dict[str, Any], verb: str, body: dict[str, Any]) -> int:
        path = f"/simulator/messages/{item['id']}/{verb}"
        answer = await self.world.http.post(path, json=body)
        answer.raise_for_status()
        told: int = answer.json().get("status", 0)
        return told


class Addresses:
    """A person with addresses of their own, so that tests do not meet on a handset."""

    def __init__(self) -> None:
        unique = uuid4().int
        self.phone = f"+1415{unique % 10**7:07}"
        self.email = f"p{unique % 10**9}@example.com"
        self.messenger = f"24{unique % 10**14:014}"

    def on(self, channel: str) -> str:
        own: str = vars(self).get(channel, self.phone)
        return own


async def eventually(
    look: Callable[[], Any], pick: Callable[[Any], list[Any]], seconds: float = 20
) -> Any:
    end = time.monotonic() + seconds
    while True:
        found = await look()
        if picked := pick(found):
            return picked[0]
        assert time.monotonic() < end, f"it never came: {found}"
        await asyncio.sleep(0.1)


#: A test's failures are another test's bad luck: the breakers stay out of it.
UNBROKEN = {f"{prefix}BREAKER_SENDS": "0" for prefix in PREFIXES}


#: A server closes what is idle, and a request that is sent just then is lost.
FRESH = httpx.Limits(max_keepalive_connections=0)


def whole_system(folder: Path, **extra: str) -> AbstractAsyncContextManager[World]:
    return running(Stack(folder, Ports.any(), {"SIMULATOR_DELAY": "0.1", **UNBROKEN, **extra}))


@asynccontextmanager
async def running(stack: Stack) -> AsyncIterator[World]:
    try:
        await asyncio.to_thread(stack.start)
        client = await Client.connect(stack.temporal, data_converter=pydantic_data_converter)
        async with httpx.AsyncClient(base_url=stack.simulator, timeout=30, limits=FRESH) as http:
            yield World(stack, client, http)
    finally:
        await asyncio.to_thread(stack.stop)
