"""The verbs `inbound …`: what people wrote that belongs to nobody, as an operator sees to it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from activities.opt_outs import OptOuts
from failover.events import Reply
from failover.names import BACK_OFFICE, INBOUND_WORKFLOW, MESSAGE_WORKFLOW, workflow_id
from tests.plans import message
from tests.starter_world import Ran, World
from workers.back_office import back_office_worker

AT = datetime(2026, 11, 21, 21, 45, tzinfo=UTC)
Kept = WorkflowHandle[Any, Any]


@pytest.fixture(scope="module")
async def world(env: WorkflowEnvironment) -> AsyncIterator[World]:
    address = env.client.service_client.config.target_host
    async with back_office_worker(env.client, opt_outs=OptOuts("key")):
        yield World(env.client, address)


@pytest.fixture
async def kept(env: WorkflowEnvironment, world: World) -> AsyncIterator[Kept]:
    """A stranger's words, for whose message nobody looks any more."""
    id = f"SM{uuid4().hex}"
    reply = Reply(channel="sms", provider="twilio", provider_id=id, text="who is there?", at=AT)
    with env.with_time_skipping_disabled():
        handle = await env.client.start_workflow(
            INBOUND_WORKFLOW, reply, id=f"inbound-twilio-{id}", task_queue=BACK_OFFICE
        )
    await world.until("inbound", shows=id)
    yield handle
    if (await handle.describe()).close_time is None:
        await handle.terminate()


async def ended(client: Client) -> str:
    asked = message()
    handle = await client.start_workflow(
        MESSAGE_WORKFLOW, args=[asked], id=workflow_id(asked.id), task_queue="nobody"
    )
    await handle.terminate()
    return asked.id


async def test_it_is_listed_without_its_text_and_shown_with_it(world: World, kept: Kept) -> None:
    id = kept.id.removeprefix("inbound-")

    listed = await world.starter("inbound", "--limit", "1")
    told = await world.starter("inbound", "--json")
    shown = await world.starter("inbound", "show", kept.id)

    assert listed.out.splitlines()[0].split() == ["id", "channel", "provider", "since"]
    assert listed.out.splitlines()[1].split()[:3] == [id, "SMS", "twilio"]
    assert "1 shown; there may be more: --limit 5" in listed.err
    [known] = [line for line in json.loads(told.out) if line["id"] == id]
    assert (known["channel"], known["provider"]) == ("sms", "twilio")
    assert "who is there" not in listed.out + told.out
    assert shown.out.splitlines()[0] == f"{id}: unmatched"
    assert "SMS by twilio" in shown.out
    assert shown.out.endswith("who is there?\n")


async def test_an_operator_has_seen_to_it(world: World, kept: Kept) -> None:
    id = kept.id.removeprefix("inbound-")

    done = await world.starter("inbound", "done", id)
    assert await kept.result() == {"outcome": "done", "message_id": None}
    again = await world.starter("inbound", "done", id)

    assert done == Ran(0, f"{id}: done\n", "")
    assert again == Ran(1, "", f"{id}: has been seen to: done\n")


async def test_an_operator_knows_its_message(world: World, kept: Kept) -> None:
    id, asked = kept.id.removeprefix("inbound-"), await ended(world.client)

    nobody = await world.starter("inbound", "assign", id, "nobodys")
    given = await world.starter("inbound", "assign", id, asked)

    assert nobody.code == 1
    assert "nobodys: there is no such message" in nobody.err
    said = f"{id}: given to {asked}, which has ended: it is a late response\n"
    assert given == Ran(0, said, "")
    assert await kept.result() == {"outcome": "assigned", "message_id": asked}


async def test_what_is_not_there_is_not_there(world: World) -> None:
    for words in (("show", "x"), ("done", "x"), ("assign", "x", "y")):
        assert await world.starter("inbound", *words) == Ran(
            1, "", "x: there is no such reply in 'default'\n"
        )
