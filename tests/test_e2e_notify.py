"""A service hears over real HTTP from real processes, also when they are killed with -9."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from tests.receiver import SECRET, Receiver, receiving
from tests.world import World, eventually, whole_system

SMS = {"channel": "sms", "wait": 60, "providers": ["twilio"]}
NOTIFY = {"NOTIFY_SECRET": SECRET, "NOTIFY_ALLOW_PRIVATE": "127.0.0.1"}


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with whole_system(tmp_path_factory.mktemp("world"), **NOTIFY) as world:
        yield world


@pytest.fixture
async def service() -> AsyncIterator[Receiver]:
    async with receiving() as service:
        yield service


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


async def test_a_service_hears_what_the_person_answered(world: World, service: Receiver) -> None:
    asked = await world.ask(SMS, notify=service.url, context={"order": 1234})
    item = await asked.arrived("sms")
    await eventually(asked.seen, lambda seen: [a for a in seen.attempts if a.state == "delivered"])
    await asked.reply(item, "yes")
    await asked.ended()
    await service.until(complete, seconds=60)

    told = service.in_order()
    assert kinds(told) == [
        f"message.{what}" for what in ("accepted", "delivered", "responded", "ended")
    ]
    assert told[2]["data"]["choice"] == "yes"
    assert told[3]["data"]["context"] == {"order": 1234}


async def test_an_event_outlives_the_worker_that_was_telling_it(
    world: World, service: Receiver
) -> None:
    """The worker dies in mid-request: the service hears it again, by the same id."""
    over = asyncio.Event()

    async def hang(_: web.Request) -> web.StreamResponse:
        await over.wait()
        return web.Response()

    service.answers = [hang]
    asked = await world.ask(SMS, notify=service.url)
    await service.until(lambda service: len(service.requests) >= 1, seconds=60)

    await asyncio.to_thread(world.stack.kill, "worker")
    over.set()
    await asyncio.to_thread(world.stack.start_part, "worker")
    first = service.events[0]["id"]
    await service.until(lambda service: ids(service).count(first) >= 2, seconds=90)
    await asked.handle.cancel()
    await service.until(complete, seconds=60)

    told = service.in_order()
    assert [event["data"]["sequence"] for event in told] == list(range(1, len(told) + 1))
    assert kinds(told)[-1] == "message.ended"


def complete(service: Receiver) -> bool:
    """Each event is told by itself, so the last may come before one that is told again."""
    told = service.in_order()
    ended = [event["data"]["sequence"] for event in told if event["type"] == "message.ended"]
    return ended == [len(told)]


def ids(service: Receiver) -> list[str]:
    return [event["id"] for event in service.events]


async def test_texts_and_the_secrets_of_a_url_are_in_no_log(
    world: World, service: Receiver
) -> None:
    service.answers = [answering(500), answering(404)]
    asked = await world.ask(SMS, notify=f"{service.url}?token=hush-hush")
    await asked.reply(await asked.arrived("sms"), "yes, by the green-door")
    await asked.ended()
    await service.until(lambda service: "message.ended" in kinds(service.events), seconds=90)

    logs = world.stack.log("worker").read_text()
    assert "serving" in logs
    assert "hush-hush" not in logs
    assert "green-door" not in logs


def answering(status: int) -> Any:
    async def give(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status)

    return give
