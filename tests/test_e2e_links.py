"""Links in the hands of machines: scanners, mail clients, and a look-up by text."""

import re

import httpx
import pytest

from tests.linked import CONTENT, EMAIL, ask, link
from tests.unknown import DROPPED
from tests.unknown import SMS as LOST_SMS
from tests.unknown import ask as ask_in_vain
from tests.world import World


@pytest.fixture(scope="module")
def world(everyday: World) -> World:
    return everyday


async def test_a_scanner_that_follows_every_link_answers_nothing(world: World) -> None:
    asked = await ask(world, EMAIL)
    mail = await asked.arrived("email")
    links = re.findall(r'href="([^"]+)"', mail["html"])
    async with httpx.AsyncClient(timeout=30) as scanner:
        for href in [*links, link(mail)]:
            answers = [await scanner.get(href), await scanner.head(href)]
            assert [answer.status_code for answer in answers] == [200, 200]

    seen = await asked.seen()
    assert len(links) == 3
    assert (seen.outcome, seen.responses, seen.opt_outs) == (None, (), ())
    await asked.handle.cancel()


async def test_one_click_unsubscribes_and_the_next_mail_is_not_sent(world: World) -> None:
    asked = await ask(world, EMAIL)
    mail = await asked.arrived("email")
    headers = {name.lower(): value for name, value in mail["raw"]["headers"].items()}
    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    async with httpx.AsyncClient(timeout=30) as mail_client:
        answer = await mail_client.post(
            headers["list-unsubscribe"].strip("<>"), data={"List-Unsubscribe": "One-Click"}
        )
    assert answer.status_code == 200
    assert (await asked.ended()).outcome == "opted_out"

    next_one = await world.ask(EMAIL, of=asked.of)

    result = await next_one.ended()
    assert result.outcome == "opted_out"
    failure = result.attempts[0].failure
    assert failure is not None
    assert failure.kind == "opt_out"
    assert len(await world.sent(asked.email)) == 1


async def test_a_text_with_a_link_is_found_when_its_answer_was_lost(world: World) -> None:
    asked = await ask_in_vain(
        world, LOST_SMS, DROPPED.taken, script={"then": "silent"}, content=CONTENT
    )

    result = await asked.ended()
    [sent] = await world.sent(asked.phone)
    assert "/answer/" in sent["text"]
    assert (result.outcome, result.attempts[0].provider_id) == ("reached", sent["id"])
