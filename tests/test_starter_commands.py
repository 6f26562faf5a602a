"""What an operator does: `send`, `respond`, `skip` and `cancel`, against a real server."""

import json
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio

from tests.starter_world import Ran, World, dev_server

_IDS = count(1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with dev_server() as world, world.worker():
        yield world


@pytest.fixture
def id() -> str:
    return f"order-{next(_IDS)}"


async def test_a_message_is_started(world: World, id: str) -> None:
    sent = await world.send(id, "--name", "Dana")

    assert sent == Ran(0, f"{id}: started\n  follow it   python -m starter watch {id}\n", "")


async def test_the_same_message_is_not_sent_twice(world: World, id: str) -> None:
    await world.sent(id)

    again = await world.send(id)

    said = f"{id}: the same message is already on its way (nothing was sent twice)\n"
    assert again == Ran(0, said, "")


async def test_other_content_under_the_same_id_is_not_taken(world: World, id: str) -> None:
    await world.sent(id)

    other = await world.send(id, text="Be home at 8?")

    assert (other.code, other.out) == (1, "")
    assert "what you asked for now was NOT taken (it differs in content)" in other.err


async def test_an_answer_ends_it(world: World, id: str) -> None:
    await world.sent(id, choices=["yes=Yes", "no=No"])

    answered = await world.starter("respond", id, "I will be", "--choice", "YES")
    shown = await world.until("show", id, shows="end")
    late = await world.starter("respond", id, "again")
    again = await world.send(id, "--choice", "yes=Yes", "--choice", "no=No")

    assert answered == Ran(0, f"{id}: answered on SMS: “I will be”, choice yes\n", "")
    assert "← SMS  “I will be”, chose yes, entered by an operator" in shown.out
    assert late == Ran(1, "", f"{id}: has already ended: responded; no answer was recorded\n")
    said = f"{id}: the same message has already ended: responded (nothing was sent twice)\n"
    assert again == Ran(0, said, "")


async def test_a_choice_that_was_not_offered_is_refused(world: World, id: str) -> None:
    await world.sent(id, choices=["yes=Yes", "no=No"])

    wrong = await world.starter("respond", id, "--choice", "perhaps")

    said = f"{id}: 'perhaps' is not a choice of this message; offered: yes, no\n"
    assert wrong == Ran(2, "", said)


async def test_skip_goes_to_the_next_step(world: World, id: str) -> None:
    await world.sent(id, addresses=[("sms", "+14155550100"), ("email", "d@example.com")])

    await world.until("show", id, shows="accepted")
    skipped = await world.starter("skip", id)
    shown = await world.until("show", id, "--json", shows="email")

    assert skipped == Ran(0, f"{id}: told to go to the next step\n", "")
    attempts = json.loads(shown.out)["result"]["attempts"]
    assert [attempt["channel"] for attempt in attempts] == ["sms", "email"]


async def test_a_cancelled_message_stays_cancelled(world: World, id: str) -> None:
    await world.sent(id)

    cancelled = await world.starter("cancel", id, "--reason", "the customer rang")
    again = await world.starter("cancel", id)
    shown = await world.starter("show", id)
    resent = await world.send(id)

    assert cancelled == Ran(0, f"{id}: cancelled; nothing more is sent\n", "")
    assert again == Ran(1, "", f"{id}: has already ended: cancelled; there is nothing to cancel\n")
    assert "end    cancelled: the customer rang" in shown.out
    assert resent.code == 1
    assert "has already ended: cancelled; to send it anew, use another id" in resent.err


async def test_a_message_is_read_from_standard_input(world: World, id: str) -> None:
    step = {"channel": "sms", "wait": "PT5M"}
    recipient = {"addresses": {"sms": "+14155550100"}}
    raw = {"id": id, "recipient": recipient, "content": {"text": "Hi"}, "steps": [step]}

    sent = await world.starter("send", "-", stdin=json.dumps(raw))

    assert sent.code == 0
    assert f"{id}: started" in sent.out


async def test_a_bad_file_starts_nothing(world: World, id: str, tmp_path: Path) -> None:
    (tmp_path / "order.json").write_text(json.dumps({"id": id, "steps": []}))

    sent = await world.starter("send", str(tmp_path / "order.json"))
    shown = await world.starter("show", id)

    assert (sent.code, sent.out, sent.err.count("\n")) == (2, "", 1)
    assert shown == Ran(1, "", f"{id}: there is no such message in 'default'\n")


@pytest.mark.parametrize("verb", ["show", "watch", "skip", "cancel"])
async def test_an_unknown_id_is_one_line(world: World, verb: str) -> None:
    said = "message-nobody: there is no such message in 'default'; try nobody, without message-\n"

    assert await world.starter(verb, "message-nobody") == Ran(1, "", said)


async def test_a_namespace_that_is_not_there_is_named(world: World, id: str) -> None:
    ran = await world.starter("skip", id, TEMPORAL_NAMESPACE="nowhere")

    said = f"Temporal at {world.address} has no namespace 'nowhere' (TEMPORAL_NAMESPACE)\n"
    assert ran == Ran(1, "", said)
