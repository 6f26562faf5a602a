"""Sends of unknown outcome of which the news comes late: listed late, in mid-look-up, after all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta

import pytest

from activities.outcomes import CONFIRM
from tests.unknown import DROPPED, EVIDENCE, OFFERS, PATIENT, Offer, ask, report, set_look_ups
from tests.unknown_seen import STARTED, Seen, ended, pending
from tests.world import World, whole_system

UNKNOWN = ["sending", "unknown"]
#: Vonage's look-ups name neither the person nor the message, so that one counts for all that is
#: listed late; sms stands for whatsapp, with which it shares the code.
LISTED_LATE = tuple(offer for offer in OFFERS if str(offer) != "vonage whatsapp")
#: A call reports its end only.
REPORTED_TWICE = tuple(offer for offer in OFFERS if offer.channel != "voice")


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with whole_system(tmp_path_factory.mktemp("world"), **PATIENT) as world:
        yield world


async def each(offers: Sequence[Offer], story: Callable[[Offer], Awaitable[Seen]]) -> list[Seen]:
    """The same story of every offer at once."""
    return await asyncio.gather(*(story(offer) for offer in offers))


async def test_what_the_first_look_up_misses_the_second_finds(world: World) -> None:
    async def story(offer: Offer) -> Seen:
        late = {"then": "silent", "unlisted": 1}
        return await ended(await ask(world, offer, DROPPED.taken, offer.other.step, script=late))

    for offer, seen in zip(LISTED_LATE, await each(LISTED_LATE, story), strict=True):
        assert seen.states == [[*UNKNOWN, "accepted"]], offer
        assert seen.copies == [offer.copy]
        assert seen.provider_ids == seen.ids
        first, second = (asked - seen.unknown_at for asked in seen.look_ups)
        assert first >= timedelta(seconds=EVIDENCE)
        assert second >= timedelta(seconds=2 * EVIDENCE)


async def test_a_callback_in_mid_look_up_settles_it(world: World) -> None:
    async def story(offer: Offer) -> Seen:
        asked = await ask(world, offer, DROPPED.taken, offer.other.step, script={"then": "held"})
        await pending(asked, STARTED, of=CONFIRM)
        await report(world, asked, offer)
        return await ended(asked)

    await set_look_ups(world, "look_ups_hang")
    try:
        every = await each(OFFERS, story)
    finally:
        await set_look_ups(world, None)

    for offer, seen in zip(OFFERS, every, strict=True):
        assert seen.proved == [[*UNKNOWN, "proved"]], offer
        assert seen.copies == [offer.copy]
        assert seen.provider_ids == seen.ids
        assert len(seen.look_ups) == 1
        assert seen.failed == 1, "the look-up was waited for"


async def test_a_callback_after_the_next_step_went_out_ends_the_message(world: World) -> None:
    async def story(offer: Offer) -> Seen:
        third = Offer("vonage", "whatsapp" if offer.channel == "sms" else "sms")
        # Their own delivery is not what ends it.
        later = [{**step.step, "until": "replied"} for step in (offer.other, third)]
        held = {"then": "held"}
        asked = await ask(world, offer, DROPPED.taken, *later, script=held, until="delivered")
        await asked.arrived(offer.other.channel, seconds=60)
        await report(world, asked, offer)
        return await ended(asked)

    await set_look_ups(world, "look_ups_refused")
    try:
        every = await each(OFFERS, story)
    finally:
        await set_look_ups(world, None)

    for offer, seen in zip(OFFERS, every, strict=True):
        assert seen.proved[0] == [*UNKNOWN, "proved"], offer
        assert seen.copies == [offer.copy, offer.other.copy]
        assert seen.provider_ids == seen.ids
        assert seen.outcome == "reached"


async def test_only_two_denials_apart_make_next_repeat_the_last_step(world: World) -> None:
    """The one way to a second copy under `next`: a provider that twice denies what it has taken."""

    async def story(offer: Offer) -> Seen:
        later = {"then": "silent", "unlisted": 2}
        return await ended(await ask(world, offer, DROPPED.taken, script=later))

    for offer, seen in zip(LISTED_LATE, await each(LISTED_LATE, story), strict=True):
        assert seen.copies == [offer.copy] * 2
        assert len(seen.look_ups) == 2


async def test_the_first_callback_of_all_is_evidence(world: World) -> None:
    """Delivery may take longer than anybody waits for evidence, and may never be reported."""

    async def story(offer: Offer) -> Seen:
        code = {"twilio": "30008", "vonage": "1330"}.get(offer.provider, "blocked")
        how = "bounce" if offer.channel == "email" else "fail"
        much_later = {"then": how, "code": code, "after": 600}
        asked = await ask(
            world, offer, DROPPED.taken, offer.other.step, script=much_later, evidence_within=3
        )
        return await ended(asked)

    await set_look_ups(world, "look_ups_refused")
    try:
        every = await each(REPORTED_TWICE, story)
    finally:
        await set_look_ups(world, None)

    for offer, seen in zip(REPORTED_TWICE, every, strict=True):
        assert seen.copies == [offer.copy]
