"""What agents do from the command line: `claim`, `answer` and `close`, against a real server."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import pytest_asyncio

from failover.message import Message
from failover.start import start_options
from tests.fake_senders import FakeProvider
from tests.plans import message
from tests.running import Handle, Queue, last_is, serving, states, until
from tests.starter_world import Ran, World, dev_server

_IDS = count(1)


@dataclass
class Desk:
    """A server, workers with a provider of their own, and the command line."""

    world: World
    queue: Queue
    acme: FakeProvider

    async def asked(self, id: str, **more: Any) -> Handle:
        """The person has the question, and has not answered."""
        handle = await self.queue.start(message(id=id, **more))
        await until(handle, last_is("accepted"))
        return handle


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk() -> AsyncIterator[Desk]:
    acme = FakeProvider()
    async with dev_server() as world, serving(world.client, acme=acme) as queue:
        yield Desk(world, queue, acme)


@pytest.fixture
def id() -> str:
    return f"order-{next(_IDS)}"


async def test_who_claims_first_has_it_and_others_hear_by_whom(desk: Desk, id: str) -> None:
    handle = await desk.asked(id)

    first = await desk.world.starter("claim", id, "--agent", "Sam\x1b[2J")
    other = await desk.world.starter("claim", id, USER="kim")
    again = await desk.world.starter("claim", id, "--agent", "Sam\x1b[2J")
    await handle.cancel()

    said = f"{id}: claimed by Sam�[2J; no step is taken until it is answered or closed\n"
    assert first == again == Ran(0, said, "")
    assert (other.code, other.out) == (1, "")
    assert other.err.startswith(f"{id}: Sam�[2J has it since ")


async def test_who_acts_is_the_user_unless_said_otherwise(desk: Desk, id: str) -> None:
    handle = await desk.asked(id)

    await desk.world.starter("claim", id, USER="kim")
    result = await until(handle, lambda now: bool(now.agents))
    await handle.cancel()

    assert [act.agent for act in result.agents] == ["kim"]


async def test_an_answer_goes_to_the_person_and_ends_it(desk: Desk, id: str) -> None:
    handle = await desk.asked(id)

    told = await desk.world.starter("answer", id, "We come at 10.", "--choice", "YES", USER="sam")
    result = await handle.result()
    shown = await desk.world.starter("show", id)
    late = await desk.world.starter("claim", id)

    assert told == Ran(0, f"{id}: answered on WhatsApp; nothing else is sent\n", "")
    assert [one.content.text for one in desk.acme.sent if one.reference == f"{id}.2"] == [
        "We come at 10."
    ]
    assert (result.outcome, result.responses[-1].choice) == ("responded", "yes")
    assert "agent       answered by sam, chose yes: “We come at 10.”" in shown.out
    assert ", answer by an agent: “We come at 10.”" in shown.out
    assert late == Ran(1, "", f"{id}: has already ended: responded; there is nothing to claim\n")


async def test_an_agent_may_go_on_after_an_answer(desk: Desk, id: str) -> None:
    handle = await desk.asked(id)

    told = await desk.world.starter("answer", id, "At which door?", "--keep-open", USER="sam")
    result = await until(handle, lambda now: states(now)[1:] == ["whatsapp accepted"])
    closed = await desk.world.starter("close", id, "--note", "she rang", "--agent", "Kim")
    ended = await handle.result()

    assert told.out == f"{id}: answered on WhatsApp; the message stays open\n"
    assert result.outcome is None
    assert closed.out == f"{id}: closed by Kim; nothing more is sent (sam had claimed it)\n"
    assert (ended.outcome, ended.agents[-1].text) == ("responded", "she rang")
    assert [one.content.text for one in desk.acme.sent if one.reference.startswith(f"{id}.")][
        1:
    ] == ["At which door?"]


async def test_where_nothing_has_reached_the_person_nothing_can_be_answered(
    desk: Desk, id: str
) -> None:
    team = {"channel": "agent", "to": "team@clinic.example", "wait": 60}
    handle = await desk.asked(id, steps=[team])

    told = await desk.world.starter("answer", id, "We come at 10.")
    result = await until(handle, lambda _: True)
    await handle.cancel()

    assert (told.code, told.out) == (1, "")
    assert "nothing has reached the person yet, so there is no channel to answer on" in told.err
    assert result.agents == ()


@pytest.mark.parametrize("verb", [("answer", "Hi"), ("close",)])
async def test_a_choice_that_was_not_offered_is_refused(
    desk: Desk, id: str, verb: tuple[str, ...]
) -> None:
    handle = await desk.asked(id)

    wrong = await desk.world.starter(verb[0], id, *verb[1:], "--choice", "perhaps")
    result = await until(handle, lambda _: True)
    await handle.cancel()

    said = f"{id}: 'perhaps' is not a choice of this message; offered: yes, no\n"
    assert wrong == Ran(2, "", said)
    assert result.agents == ()


@pytest.mark.parametrize("args", [("answer", "x", "  "), ("claim", "x", "--agent", " ")])
async def test_what_cannot_be_meant_is_refused(desk: Desk, args: tuple[str, ...]) -> None:
    assert (await desk.world.starter(*args)).code == 2


@pytest.mark.parametrize("args", [("claim",), ("answer", "Hi"), ("close",)])
async def test_an_unknown_id_is_one_line(desk: Desk, args: tuple[str, ...]) -> None:
    ran = await desk.world.starter(args[0], "nobody", *args[1:])

    assert ran == Ran(1, "", "nobody: there is no such message in 'default'\n")


async def test_without_a_worker_it_is_told_and_kept(desk: Desk, id: str) -> None:
    asked: Message = message(id=id)
    options = {**start_options(asked), "task_queue": "nobody-serves-it"}
    handle = await desk.world.client.start_workflow("Message", asked, **options)

    claimed = await desk.world.starter("claim", id, USER="sam")
    shown = await desk.world.starter("show", id)
    await handle.terminate()

    assert claimed.out == f"{id}: told; no worker answers, so nobody can say yet who has it\n"
    assert "agent  claimed by sam" in shown.out
