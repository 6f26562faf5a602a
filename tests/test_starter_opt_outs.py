"""What an operator sees of people who said stop, and does about it."""

import json
from collections.abc import AsyncIterator

import pytest_asyncio

from activities.opt_outs import OptOuts, Said, known, remember
from tests.starter_world import Ran, World, dev_server

KEY = "a key for hashes of addresses"
NUMBER, WRITTEN = "+14155550100", ("(415) 555-0100", "--region", "US")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with dev_server() as world:
        yield world


async def starter(world: World, *args: str) -> Ran:
    return await world.starter("opt-outs", *args, ADDRESS_KEY=KEY)


def key(address: str) -> str:
    return OptOuts(KEY).key(address)


async def test_it_is_found_by_the_address_and_ended(world: World) -> None:
    await remember(world.client, key(NUMBER), Said(channel="sms", provider="twilio"))

    found = await starter(world, "check", *WRITTEN)
    ended = await starter(world, "end", *WRITTEN, "--reason", "she called")
    gone = await starter(world, "check", *WRITTEN)
    again = await starter(world, "end", *WRITTEN)

    assert (found.code, found.err) == (0, "")
    assert found.out.startswith("+1415•••0100: said stop on SMS, ")
    assert ended == Ran(0, "+1415•••0100: is written to again\n", "")
    assert gone == Ran(1, "", "+1415•••0100: has not said stop\n")
    assert again.code == 1
    assert not await known(world.client, key(NUMBER))


async def test_what_was_said_some_other_way_is_entered(world: World) -> None:
    added = await starter(world, "add", "Dana@Example.com", "--reason", "by letter")

    assert added == Ran(0, "D•••@Example.com: nothing is sent there from now on\n", "")
    assert await known(world.client, key("dana@example.com"))


async def test_the_list_tells_when_and_where_and_no_address(world: World) -> None:
    person = key("+14155550123")
    said = Said.model_validate(
        {"channel": "whatsapp", "provider": "vonage", "at": "2026-11-01T10:00:00Z"}
    )
    await remember(world.client, person, said)

    listed = await world.until("opt-outs", shows=person)
    told = json.loads((await starter(world, "--json")).out)
    [line] = [line for line in listed.out.splitlines() if person in line]

    assert listed.out.splitlines()[0].split() == ["since", "channel", "provider", "why", "id"]
    assert line.split() == ["2026-11-01", "10:00:00", "WhatsApp", "vonage", "-", person]
    assert {
        "id": person,
        "since": "2026-11-01T10:00:00+00:00",
        "channel": "whatsapp",
        "provider": "vonage",
        "why": None,
    } in told


async def test_what_cannot_be_an_address_is_refused(world: World) -> None:
    nonsense = await starter(world, "check", "nobody")
    without = await world.starter("opt-outs", "check", NUMBER, ADDRESS_KEY="")

    assert (nonsense.code, nonsense.out) == (2, "")
    assert "write an email address" in nonsense.err
    assert (without.code, without.out) == (1, "")
    assert "ADDRESS_KEY is missing" in without.err


async def test_without_any_it_says_so() -> None:
    async with dev_server() as empty:
        listed = await starter(empty)

    assert listed == Ran(0, "", "nobody has said stop\n")
