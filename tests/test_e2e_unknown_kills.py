"""Sends of unknown outcome because the worker died: before the request, during it, after it.

Real processes killed with -9. One kill serves every provider and every place in a send.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from datetime import timedelta

import pytest

from starter.ports import HOST
from tests.unknown import DROPPED, EMAIL, PROVIDERS, ROWS, Offer, ask
from tests.unknown_seen import SCHEDULED, ended, is_unknown, pending
from tests.world import Asked, World, eventually, whole_system

each_provider = pytest.mark.parametrize("offer", PROVIDERS, ids=str)

UNKNOWN = ["sending", "unknown"]
HANGS = ROWS[0]
#: Sends under way at once in one worker: a send more stays in the queue.
SLOTS = 4
#: Longer than the kill is away, so that a send that hangs still does.
HOLDING = {
    f"{offer.provider.upper()}_{name}": value
    for offer in PROVIDERS
    for name, value in (("TIMEOUT", "20"), ("MAX_CONCURRENT", str(SLOTS)))
}
#: Seconds before each look-up of the message that both find due after the outage.
APART = 5

Victims = Mapping[tuple[str, Offer], Asked]


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with whole_system(tmp_path_factory.mktemp("world"), **HOLDING) as world:
        yield world


@pytest.fixture(scope="module")
async def killed(world: World) -> Victims:
    """The worker is killed while each provider has a send in every place, and comes back."""
    victims: dict[tuple[str, Offer], Asked] = {}
    for offer in PROVIDERS:
        next_step, taken = offer.other.step, HANGS.taken
        held, silent = {"then": "held"}, {"then": "silent"}
        victims["during", offer] = await ask(world, offer, HANGS.not_taken, next_step)
        victims["reported", offer] = await ask(world, offer, taken, next_step, script=held)
        victims["silent", offer] = await ask(world, offer, taken, next_step, script=silent)
    victims["apart", EMAIL] = await ask(
        world, EMAIL, DROPPED.not_taken, EMAIL.other.step, evidence_within=APART
    )
    await is_unknown(victims["apart", EMAIL])
    for offer in PROVIDERS:
        victims["last", offer] = await ask(world, offer, HANGS.not_taken)
    for (place, _), asked in victims.items():
        if place != "apart":
            await requested(world, asked)
    for offer in PROVIDERS:
        # The script is for a send to somebody else: this one goes well.
        asked = await world.ask(offer.step, offer.other.step, until="accepted")
        victims["queued", offer] = asked
        await pending(asked, SCHEDULED)

    await asyncio.to_thread(world.stack.kill, "worker")
    for offer in PROVIDERS:
        item = await victims["reported", offer].reached(offer.channel)
        (await world.http.post(f"/simulator/messages/{item['id']}/release")).raise_for_status()
    await asyncio.sleep(2 * APART + 1)
    await asyncio.to_thread(world.stack.start_part, "worker")
    return victims


async def requested(world: World, asked: Asked) -> None:
    """The provider has read the request."""
    named = (asked.phone.removeprefix("+"), asked.email)

    async def requests() -> str:
        return json.dumps((await world.http.get("/simulator/requests")).json())

    await eventually(requests, lambda said: [1] if any(name in said for name in named) else [])


@each_provider
async def test_killed_while_the_queue_holds_it_it_goes_out_once(
    killed: Victims, offer: Offer
) -> None:
    seen = await ended(killed["queued", offer])

    assert seen.copies == [offer.copy]
    assert seen.provider_ids == seen.ids
    assert "unknown" not in seen.states[0]


@each_provider
async def test_killed_during_the_request_the_look_ups_deny_it_and_the_next_step_follows(
    killed: Victims, offer: Offer
) -> None:
    seen = await ended(killed["during", offer])

    assert seen.states[0] == UNKNOWN
    assert seen.copies == [offer.other.copy]
    assert len(seen.look_ups) == 2


@each_provider
async def test_killed_during_the_request_of_the_last_step_it_goes_out_once(
    killed: Victims, offer: Offer
) -> None:
    seen = await ended(killed["last", offer])

    assert seen.states[0] == UNKNOWN
    assert seen.copies == [offer.copy]
    assert seen.provider_ids == [None, *seen.ids]


@each_provider
async def test_killed_after_acceptance_a_callback_adopts_it(killed: Victims, offer: Offer) -> None:
    """It reached Temporal while no worker lived."""
    seen = await ended(killed["reported", offer])

    assert seen.proved == [["sending", "proved"]]
    assert seen.copies == [offer.copy]
    assert seen.provider_ids == seen.ids
    assert seen.look_ups == []


@each_provider
async def test_killed_after_acceptance_a_look_up_finds_it(killed: Victims, offer: Offer) -> None:
    seen = await ended(killed["silent", offer])

    assert seen.states == [[*UNKNOWN, "accepted"]]
    assert seen.copies == [offer.copy]
    assert seen.provider_ids == seen.ids


async def test_look_ups_are_apart_also_where_both_were_due_while_no_worker_lived(
    killed: Victims,
) -> None:
    seen = await ended(killed["apart", EMAIL])

    first, second = seen.look_ups
    assert second - first >= timedelta(seconds=APART)


async def test_killed_before_the_request_was_read_nobody_has_it(world: World) -> None:
    """What listens in the provider's place takes the connection and reads nothing."""
    await asyncio.to_thread(world.stack.kill, "simulator")
    with ExitStack() as open_until_the_kill:
        deaf = socket.create_server((HOST, world.stack.ports.simulator))
        open_until_the_kill.enter_context(deaf).settimeout(30)
        every = [
            await world.ask(offer.step, offer.other.step, until="accepted", evidence_within=1)
            for offer in PROVIDERS
        ]
        for _ in every:
            connection, _ = await asyncio.to_thread(deaf.accept)
            open_until_the_kill.enter_context(connection).settimeout(30)
            assert await asyncio.to_thread(connection.recv, 1, socket.MSG_PEEK) == b"P"
        await asyncio.to_thread(world.stack.kill, "worker")
    for part in ("simulator", "worker"):
        await asyncio.to_thread(world.stack.start_part, part)

    for offer, asked in zip(PROVIDERS, every, strict=True):
        seen = await ended(asked)
        assert seen.states[0] == UNKNOWN, offer
        assert seen.copies == [offer.other.copy]
        assert len(seen.look_ups) == 2


async def test_killed_while_the_provider_cannot_be_reached_it_goes_out_once(world: World) -> None:
    await asyncio.to_thread(world.stack.kill, "simulator")
    every = [
        await world.ask(offer.step, until="accepted", evidence_within=1) for offer in PROVIDERS
    ]
    for asked in every:
        await pending(asked, SCHEDULED, attempt=2)

    await asyncio.to_thread(world.stack.kill, "worker")
    for part in ("simulator", "worker"):
        await asyncio.to_thread(world.stack.start_part, part)

    for offer, asked in zip(PROVIDERS, every, strict=True):
        seen = await ended(asked)
        assert seen.copies == [offer.copy], offer
        assert seen.provider_ids[-1:] == seen.ids
