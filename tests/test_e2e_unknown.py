"""Sends of unknown outcome where evidence or a look-up can tell: exactly one copy, and its id.

Real processes, SDKs and HTTP; every offer in every row of DESIGN.md 4, all under way at once.
"""

from collections.abc import AsyncIterator, Hashable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from providers.known import configured, offers
from providers.settings import PublicSettings, load
from starter.sandbox import credentials
from tests.unknown import (
    ALIKE,
    DROPPED,
    EVIDENCE,
    OFFERS,
    PATIENT,
    ROWS,
    Offer,
    Row,
    Step,
    ask,
    report,
)
from tests.unknown_seen import Seen, Story, Told, all_at_once, ended, is_unknown
from tests.world import World, whole_system

each_offer = pytest.mark.parametrize("offer", OFFERS, ids=str)
CASES = [*((offer, row) for offer in OFFERS for row in ROWS), *((o, DROPPED) for o in ALIKE)]
each_case = pytest.mark.parametrize(("offer", "row"), CASES, ids=str)

UNKNOWN = ["sending", "unknown"]


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with whole_system(tmp_path_factory.mktemp("world"), **PATIENT) as world:
        yield world


async def reported(world: World, offer: Offer, row: Row, **more: Any) -> Seen:
    """Taken; the callbacks come when it is unknown already, and long before any look-up."""
    held: dict[str, Any] = {"script": {"then": "held"}, "evidence_within": 120}
    asked = await ask(world, offer, row.taken, offer.other.step, **held, **more)
    await is_unknown(asked)
    await report(world, asked, offer)
    return await ended(asked)


async def listed(world: World, offer: Offer, row: Row, **more: Any) -> Seen:
    """Taken, and no callback ever comes."""
    silent = {"then": "silent"}
    return await ended(await ask(world, offer, row.taken, offer.other.step, script=silent, **more))


async def not_taken(world: World, offer: Offer, row: Row, *then: Step, **more: Any) -> Seen:
    """The provider was asked and does not have it."""
    return await ended(await ask(world, offer, row.not_taken, *then, **more))


@pytest.fixture(scope="module")
async def told(world: World) -> AsyncIterator[Told]:
    stories: dict[Hashable, Story] = {}
    for offer, row in CASES:
        stories["reported", offer, row] = partial(reported, world, offer, row)
        stories["listed", offer, row] = partial(listed, world, offer, row)
        stories["not taken", offer, row] = partial(not_taken, world, offer, row, offer.other.step)
    for offer in OFFERS:
        for story in (reported, listed):
            again = partial(story, world, offer, DROPPED, on_unknown="resend")
            stories[story.__name__, offer, "resend"] = again
        for wish in ("next", "resend"):
            lost = partial(not_taken, world, offer, DROPPED, on_unknown=wish)
            stories["last", offer, wish] = lost
        for wish in ("resend", "stop"):
            lost = partial(not_taken, world, offer, DROPPED, offer.other.step, on_unknown=wish)
            stories["first", offer, wish] = lost
    async with all_at_once(stories) as told:
        yield told


def test_every_channel_that_a_provider_offers_is_in_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in {**credentials(), "PUBLIC_BASE_URL": "http://127.0.0.1:8300"}.items():
        monkeypatch.setenv(name, value)

    offered = offers(configured(load(PublicSettings)))

    del (
        offered["agent"],
        offered["push"],
    )  # which is email, and told apart in tests/test_e2e_push.py
    every = {Offer(p, channel) for channel, named in offered.items() for p in named}
    assert every == {*OFFERS, *ALIKE}


def assert_adopted(seen: Seen, offer: Offer, states: list[str]) -> None:
    """The one copy is known by the provider's own id, and nothing else went out."""
    assert seen.proved == [states], f"{len(seen.look_ups)} look-ups, {seen.failed} failed"
    assert seen.copies == [offer.copy]
    assert seen.provider_ids == seen.ids
    assert seen.outcome == "reached"


def assert_second_alone(seen: Seen, offer: Offer) -> None:
    """Of the first attempt nothing is known, and the one copy is the second's."""
    assert seen.states[0] == UNKNOWN
    assert seen.copies == [offer.copy]
    assert seen.provider_ids == [None, *seen.ids]
    assert seen.outcome == "reached"


@each_case
async def test_a_callback_adopts_it_before_anybody_is_asked(
    told: Told, offer: Offer, row: Row
) -> None:
    seen = await told["reported", offer, row]

    assert_adopted(seen, offer, [*UNKNOWN, "proved"])
    assert seen.look_ups == []


@each_case
async def test_without_a_callback_a_look_up_finds_it(told: Told, offer: Offer, row: Row) -> None:
    seen = await told["listed", offer, row]

    assert_adopted(seen, offer, [*UNKNOWN, "accepted"])
    assert len(seen.look_ups) == 1


@pytest.mark.parametrize("story", ["reported", "listed"])
@each_offer
async def test_what_is_found_is_not_resent_even_where_that_is_asked_for(
    told: Told, offer: Offer, story: str
) -> None:
    seen = await told[story, offer, "resend"]

    assert seen.copies == [offer.copy]
    assert seen.provider_ids == seen.ids


@each_case
async def test_what_was_not_taken_is_asked_for_twice_and_then_the_next_step_has_its_turn(
    told: Told, offer: Offer, row: Row
) -> None:
    seen = await told["not taken", offer, row]

    assert_second_alone(seen, offer.other)
    apart = [asked - seen.unknown_at for asked in seen.look_ups]
    assert len(apart) == 2
    assert apart[0] >= timedelta(seconds=EVIDENCE)
    assert apart[1] >= timedelta(seconds=2 * EVIDENCE)


@pytest.mark.parametrize("on_unknown", ["next", "resend"])
@each_offer
async def test_what_was_not_taken_and_has_no_next_step_is_sent_again_once(
    told: Told, offer: Offer, on_unknown: str
) -> None:
    seen = await told["last", offer, on_unknown]

    assert_second_alone(seen, offer)


@each_offer
async def test_resend_repeats_what_was_not_taken_instead_of_the_next_step(
    told: Told, offer: Offer
) -> None:
    seen = await told["first", offer, "resend"]

    assert_second_alone(seen, offer)


@each_offer
async def test_stop_sends_nothing_more(told: Told, offer: Offer) -> None:
    seen = await told["first", offer, "stop"]

    assert seen.states == [UNKNOWN]
    assert seen.copies == []
    assert seen.outcome == "exhausted"
