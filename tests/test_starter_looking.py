"""What an operator sees: `show`, `watch` and `list`, against a real server."""

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator
from itertools import count

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


async def test_a_message_under_way_is_shown(world: World, id: str) -> None:
    await world.sent(id, name="Dana")

    shown = await world.starter("show", id, TEMPORAL_UI_URL="http://ui:8233")

    assert f"{id}  open" in shown.out
    assert "to            Dana" in shown.out
    assert "1 SMS  send by twilio to +1415•••0100" in shown.out
    assert "now           wait for a reply on SMS: " in shown.out
    assert f"http://ui:8233/namespaces/default/workflows/message-{id}/" in shown.out
    assert "5550100" not in shown.out
    assert "\x1b" not in shown.out


async def test_a_program_gets_json(world: World, id: str) -> None:
    await world.sent(id)

    shown = json.loads((await world.starter("show", id, "--json")).out)

    assert shown["workflow_id"] == f"message-{id}"
    assert shown["status"] == "open"
    assert shown["waits"][0]["for"] == "wait for a reply on SMS"
    assert shown["search_attributes"]["MessageStatus"] == "open"
    assert shown["result"]["attempts"][0]["state"] == "accepted"


async def test_a_refused_message_shows_the_error(world: World, id: str) -> None:
    await world.sent(id, text="invalid")

    watched = await world.starter("watch", id)

    assert watched.code == 1
    assert "failed: invalid message: steps.0: no" in watched.out


async def test_a_message_that_its_worker_cannot_run_says_so(world: World, id: str) -> None:
    await world.sent(id, text="a bug")

    shown = await world.until("show", id, shows="fails")
    await world.client.get_workflow_handle(f"message-{id}").terminate("it is tried for ever")
    ended = await world.starter("show", id)

    assert "the worker fails to go on with it: no such thing" in shown.out
    assert f"{id}  terminated" in ended.out
    assert "fails" not in ended.out


async def test_a_send_that_is_tried_again_says_why(world: World, id: str) -> None:
    await world.sent(id, providers=["sms=down"])

    shown = await world.until("show", id, shows=", try ")

    assert "1: SMS by down to +1415•••0100, try " in shown.out
    assert "after: connection refused by down" in shown.out


async def test_watching_tells_each_thing_once_until_the_end(world: World, id: str) -> None:
    ran = await world.send(id, "--wait", "1s", "--email", "d@example.com", "--wait-for-end")

    assert (ran.code, ran.err) == (1, "")
    assert ran.out.count("1 SMS    send by twilio") == 1
    assert ran.out.count("2 email  send by twilio") == 1
    assert ran.out.count("end      exhausted: every step was tried") == 1


async def test_watching_ends_well_with_an_answer(world: World, id: str) -> None:
    await world.sent(id)
    watching = asyncio.create_task(world.starter("watch", id))
    await asyncio.sleep(1)

    await world.starter("respond", id, "Yes")

    assert (await watching).code == 0


async def test_a_terminal_keeps_the_story_and_no_footer(world: World, id: str) -> None:
    await world.sent(id)
    await world.starter("respond", id, "Yes")

    shown = await world.on_terminal("watch", id, columns=80)

    assert "\x1b[1;32mresponded" in shown
    assert "“Yes”" in shown
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert plain.split()[-2:] == ["end", "responded"]


async def test_ctrl_c_leaves_quietly(world: World, id: str) -> None:
    await world.sent(id)
    watching = await world.begin(("watch", id))
    assert watching.stdout

    while b"accepted" not in (line := await watching.stdout.readline()):
        assert line, "it ended by itself"
    watching.send_signal(signal.SIGINT)
    _, err = await watching.communicate()

    assert watching.returncode == 130
    assert b"Traceback" not in err


@pytest.mark.parametrize("person", ["cust-42", "o'brien", 'a"b', "end\\", "'='", "x'OR'1'='1"])
async def test_a_list_finds_exactly_the_person(world: World, id: str, person: str) -> None:
    await world.sent(id, recipient_id=person)
    await world.sent(f"{id}-other", recipient_id=f"{person}x")

    found = await world.until("list", "--recipient", person, "--json", shows=id)

    assert [message["id"] for message in json.loads(found.out)] == [id]


async def test_a_list_is_whole_lines_without_colour(world: World, id: str) -> None:
    long = f"{id}-{'of-a-very-long-name-' * 3}"
    await world.sent(long, conversation=id)
    await world.starter("cancel", long)

    found = await world.until("list", "--status", "cancelled", "--conversation", id, shows=long)
    narrow = await world.on_terminal("list", "--conversation", id, columns=80)
    others = await world.starter("list", "--status", "open", "--conversation", id)

    header, row = found.out.splitlines()
    assert header.split()[:5] == ["id", "status", "channel", "recipient", "conversation"]
    assert row.startswith(f"{long}  cancelled  sms      -          {id}")
    assert f"{long}\x1b[0m  \x1b[1;33mcancelled" in narrow
    assert others == Ran(0, "", "no message matches\n")


async def test_without_a_worker_temporals_own_record_is_told(id: str) -> None:
    held, ended, untouched = id, f"{id}-ended", f"{id}-untouched"
    async with dev_server() as world:
        async with world.worker():
            await world.sent(held)
            await world.sent(ended, wait="0s")
            await world.until("show", ended, shows="exhausted")
        await world.sent(untouched)
        shows = (world.starter("show", which) for which in (held, ended, untouched))
        first, second, third, cancelled = await asyncio.gather(
            *shows, world.starter("cancel", untouched)
        )

    assert "no worker answers on 'failover'; this is Temporal's own record:" in first.out
    assert "wait for a reply on SMS: " in first.out
    assert "end    exhausted: every step was tried" in second.out
    assert "nothing has happened yet" in third.out
    assert "asked to cancel; it has not come to its end yet" in cancelled.out
