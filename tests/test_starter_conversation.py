"""`conversation`: all that was said, across messages and channels, against a real server."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import WorkflowExecutionCount

from failover.events import Reply
from failover.names import INBOUND_WORKFLOW, back_office
from tests.fake_senders import FakeProvider
from tests.plans import message
from tests.running import Handle, Queue, last_is, serving, until
from tests.starter_world import Ran, World, dev_server
from tests.world import eventually

_IDS = count(1)


@dataclass
class Desk:
    world: World
    queue: Queue

    async def asked(self, id: str, conversation: str, text: str, **more: Any) -> Handle:
        content = {"text": text, "choices": [{"id": "yes", "label": "Yes"}]}
        asked = message(**{"id": id, "conversation": conversation, "content": content, **more})
        handle = await self.queue.start(asked)
        await until(handle, last_is("accepted"))
        return handle

    async def came(self, id: str, of: str, text: str) -> None:
        """A reply that the webhooks have handed over, to this message."""
        reply = Reply(
            channel="sms", provider="twilio", provider_id=id, text=text, reference=f"{of}.1"
        )
        await self.world.client.start_workflow(
            INBOUND_WORKFLOW,
            reply,
            id=f"inbound-twilio-{id}",
            task_queue=back_office(self.queue.name),
        )

    async def shows(self, conversation: str, text: str) -> Ran:
        return await self.world.until("conversation", conversation, shows=text)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk() -> AsyncIterator[Desk]:
    async with dev_server() as world, serving(world.client, acme=FakeProvider()) as queue:
        yield Desk(world, queue)


@pytest.fixture
def id() -> str:
    return f"case-{next(_IDS)}"


async def test_all_messages_and_channels_are_one_story(desk: Desk, id: str) -> None:
    first = await desk.asked(f"{id}-a", id, "Home at 9?", steps=[{"channel": "sms", "wait": 60}])
    answer = {"channel": "sms", "text": "I will\x1b[2J\nbe", "choice": "yes"}
    await first.signal("responded", answer)
    await first.result()
    second = await desk.asked(f"{id}-b", id, "At which door?")
    await desk.came(f"SM-{id}", f"{id}-a", "and thank you")
    await second.signal("claimed", {"agent": "Sam"})
    await second.signal("answered", {"agent": "Sam", "text": "We ring.", "keep_open": True})
    await until(second, lambda now: len(now.attempts) == 2 and last_is("accepted")(now))

    shown = await desk.shows(id, "and thank you")
    told = json.loads((await desk.world.starter("conversation", id, "--json")).out)
    await second.cancel()

    lines = [line.partition("case-")[2].split(maxsplit=1) for line in shown.out.splitlines()]
    assert [(of.partition("-")[2], what) for of, what in lines] == [
        ("a", f"→ SMS       accepted by {desk.queue.provider('acme')}, “Home at 9?”"),
        ("a", "← SMS       “I will�[2J ⏎ be”, chose yes"),
        ("b", f"→ WhatsApp  accepted by {desk.queue.provider('acme')}, “At which door?”"),
        ("a", "← SMS       late by twilio, “and thank you”"),
        ("b", "· agent     claimed by Sam"),
        ("b", "· agent     answered by Sam"),
        ("b", f"→ WhatsApp  accepted by {desk.queue.provider('acme')}, “We ring.”"),
    ]
    assert [(one["by"], one["channel"], one["state"]) for one in told] == [
        ("us", "sms", "accepted"),
        ("person", "sms", None),
        ("us", "whatsapp", "accepted"),
        ("person", "sms", "late"),
        ("agent", "agent", "claimed"),
        ("agent", "agent", "answered"),
        ("us", "whatsapp", "accepted"),
    ]
    assert told[1]["text"] == answer["text"]
    assert {one["message_id"] for one in told} == {f"{id}-a", f"{id}-b"}


@pytest.mark.parametrize("mark", ["o'brien", 'a"b', "end\\", "' OR '1'='1", "'"])
async def test_only_what_belongs_to_it_is_told(desk: Desk, id: str, mark: str) -> None:
    conversation = f"{mark}{id}".replace(" ", "")
    mine = await desk.asked(id, conversation, "mine")
    other = await desk.asked(f"{id}-other", f"{conversation}x", "another's")

    await desk.shows(f"{conversation}x", "another's")
    shown = await desk.shows(conversation, "mine")
    listed = await desk.world.until(
        "list", "--conversation", conversation, "--json", shows=f'"{id}"'
    )
    for handle in (mine, other):
        await handle.cancel()

    assert "another's" not in shown.out
    assert [one["id"] for one in json.loads(listed.out)] == [id]


async def test_what_a_message_heard_is_told_once(desk: Desk, id: str) -> None:
    handle = await desk.asked(id, id, "Home at 9?")
    heard = {"channel": "sms", "provider": "twilio", "provider_id": f"SM-{id}", "text": "at ten"}
    await handle.signal("responded", heard)
    await handle.result()

    await desk.came(f"SM-{id}", id, "at ten")
    await eventually(lambda: desk.world.client.count_workflows(f"Conversation = '{id}'"), both)
    shown = await desk.world.starter("conversation", id)

    assert shown.out.count("“at ten”") == 1


def both(found: WorkflowExecutionCount) -> list[bool]:
    return [True] if found.count == 2 else []


async def test_a_conversation_that_is_not_there_is_one_line(desk: Desk) -> None:
    ran = await desk.world.starter("conversation", "nothing")

    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert ran.err.startswith("nothing: there is no such conversation in 'default'; ")


async def test_where_nobody_can_be_asked_temporals_own_record_is_told(id: str) -> None:
    async with dev_server() as world:
        async with serving(world.client, acme=FakeProvider()) as queue:
            desk = Desk(world, queue)
            handle = await desk.asked(id, id, "Home at 9?")
            ended = await desk.asked(f"{id}-b", id, "Or at 10?")
            await ended.signal("responded", {"channel": "sms", "text": "at ten"})
            await ended.result()
        await handle.signal("responded", {"channel": "sms", "text": "at nine"})
        await handle.signal("opted_out", {"channel": "sms", "text": "STOP"})
        await handle.signal("closed", {"agent": "Sam"})

        shown = await desk.shows(id, "at ten")

    said = [line.partition(id)[2].split(maxsplit=1)[-1] for line in shown.out.splitlines()]
    assert [line.rpartition("  ")[2] for line in said] == [
        f"by {queue.provider('acme')}, “Home at 9?”",
        f"accepted by {queue.provider('acme')}, “Or at 10?”",
        "“at ten”",
        "“at nine”",
        "said stop, “STOP”",
        "closed by Sam",
    ]
    assert f"{id}: no worker answers on 'failover'; this is Temporal's own record\n" in shown.err
