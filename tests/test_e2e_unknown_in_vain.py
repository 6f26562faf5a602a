"""Sends of unknown outcome where nobody can be asked: evidence decides, else `on_unknown`.

Real processes, SDKs and HTTP. What the product sees is the same whether the send was taken or
not; the copies are not.
"""

from collections.abc import AsyncIterator, Hashable
from functools import partial
from typing import Any

import pytest

from tests.unknown import DROPPED, OFFERS, PATIENT, Offer, Step, ask, report, set_look_ups
from tests.unknown_seen import Seen, Story, Told, all_at_once, ended, is_unknown
from tests.world import World, whole_system

each_offer = pytest.mark.parametrize("offer", OFFERS, ids=str)

UNKNOWN = ["sending", "unknown"]


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with whole_system(tmp_path_factory.mktemp("world"), **PATIENT) as world:
        yield world


@pytest.fixture(scope="module", params=["look_ups_refused", "look_ups_error"])
async def told(world: World, request: pytest.FixtureRequest) -> AsyncIterator[Told]:
    """An account without look-ups, and a provider whose look-ups are broken."""
    stories: dict[Hashable, Story] = {}
    for offer in OFFERS:
        for wish in ("next", "resend", "stop"):
            lost = partial(alone, world, offer, DROPPED.taken, on_unknown=wish)
            stories[wish, offer] = partial(lost, offer.other.step)
        stories["last", offer] = partial(alone, world, offer, DROPPED.taken)
        gone = partial(alone, world, offer, DROPPED.not_taken, on_unknown="resend")
        stories["not taken", offer] = gone
        stories["reported", offer] = partial(reported_in_time, world, offer)
    await set_look_ups(world, request.param)
    async with all_at_once(stories) as told:
        yield told
    await set_look_ups(world, None)


async def alone(world: World, offer: Offer, do: str, *then: Step, **more: Any) -> Seen:
    """Neither a callback nor a look-up tells."""
    return await ended(await ask(world, offer, do, *then, script={"then": "silent"}, **more))


async def reported_in_time(world: World, offer: Offer) -> Seen:
    held: dict[str, Any] = {"script": {"then": "held"}, "evidence_within": 120}
    asked = await ask(world, offer, DROPPED.taken, offer.other.step, on_unknown="resend", **held)
    await is_unknown(asked)
    await report(world, asked, offer)
    return await ended(asked)


@each_offer
async def test_without_look_ups_evidence_is_enough(told: Told, offer: Offer) -> None:
    seen = await told["reported", offer]

    assert seen.proved == [[*UNKNOWN, "proved"]]
    assert seen.copies == [offer.copy]
    assert seen.provider_ids == seen.ids


@each_offer
async def test_next_goes_on_and_never_sends_a_step_twice(told: Told, offer: Offer) -> None:
    seen = await told["next", offer]

    assert seen.copies == [offer.copy, offer.other.copy]
    assert seen.states[0] == UNKNOWN
    assert seen.provider_ids == [None, seen.ids[1]]
    assert seen.outcome == "reached"


@each_offer
async def test_next_does_not_repeat_the_last_step_for_it_may_have_arrived(
    told: Told, offer: Offer
) -> None:
    seen = await told["last", offer]

    assert seen.copies == [offer.copy]
    assert seen.states == [UNKNOWN]
    assert seen.outcome == "exhausted"


@each_offer
async def test_resend_repeats_it_once_at_the_price_of_a_second_copy(
    told: Told, offer: Offer
) -> None:
    seen = await told["resend", offer]

    assert seen.copies == [offer.copy, offer.copy]
    assert seen.provider_ids == [None, seen.ids[1]]


@each_offer
async def test_resend_sends_what_was_not_taken(told: Told, offer: Offer) -> None:
    seen = await told["not taken", offer]

    assert seen.copies == [offer.copy]
    assert seen.provider_ids == [None, *seen.ids]


@each_offer
async def test_stop_sends_nothing_more(told: Told, offer: Offer) -> None:
    seen = await told["stop", offer]

    assert seen.copies == [offer.copy]
    assert seen.states == [UNKNOWN]
    assert seen.outcome == "exhausted"
