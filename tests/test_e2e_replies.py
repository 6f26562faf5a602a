"""Real processes, real HTTP: every reply finds its message, or is kept."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle

from failover.events import Reply
from failover.names import inbound_id
from starter.ports import Ports
from starter.stack import ROOT, Stack
from tests.unknown import DROPPED
from tests.world import UNBROKEN, Addresses, Asked, World, eventually, running

WAIT = 120
SMS = {"channel": "sms", "wait": WAIT, "providers": ["twilio"]}
VONAGE = {"channel": "sms", "wait": WAIT, "providers": ["vonage"]}
WHATSAPP = {"channel": "whatsapp", "wait": WAIT, "providers": ["twilio"]}
EMAIL = {"channel": "email", "wait": WAIT}
VOICE = {"channel": "voice", "wait": WAIT}


@pytest.fixture(scope="module")
def world(everyday: World) -> World:
    return everyday


@pytest.fixture(scope="module")
async def limited(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A server that answers one look-up a second."""
    flags = ("--dynamic-config-value", "frontend.namespaceRPS.visibility=1")
    folder, settings = tmp_path_factory.mktemp("limited"), {"SIMULATOR_DELAY": "0.1", **UNBROKEN}
    async with running(Stack(folder, Ports.any(), settings, server_flags=flags)) as world:
        yield world


async def answers(asked: Asked, seconds: float = 30) -> list[str | None]:
    return [response.text for response in (await asked.ended(seconds)).responses]


async def write(world: World, item: dict[str, Any], text: str, **more: Any) -> str:
    """The person answers. Returns the provider's id of it."""
    path = f"/simulator/messages/{item['id']}/reply"
    answer = (await world.http.post(path, json={"text": text, **more})).raise_for_status().json()
    assert answer["status"] == 200
    return str(answer["id"])


def kept(world: World, id: str, provider: str = "twilio") -> WorkflowHandle[Any, Any]:
    told = f"<{id}@handset.example>" if provider == "sendgrid" else id
    return world.client.get_workflow_handle(inbound_id(provider, told))


async def ended(world: World, *steps: dict[str, Any], **more: Any) -> tuple[Asked, dict[str, Any]]:
    """What came of a message that an operator has answered."""
    asked = await world.ask(*steps, **more)
    item = await asked.arrived(steps[0]["channel"])
    if item["channel"] == "voice":
        await world.http.post(f"/simulator/messages/{item['id']}/answer")
    await asked.handle.signal("responded", {"channel": "sms", "text": "by telephone"})
    await asked.ended()
    return asked, item


async def service(world: World) -> Any:
    """A workflow of a service's own, which hears of events; nobody runs it."""
    id = f"service-{uuid4().hex}"
    return await world.client.start_workflow("Orders", id=id, task_queue="orders")


async def heard(of: Any, kind: str) -> dict[str, Any]:
    """The data of the event that the service was told."""

    async def look() -> list[dict[str, Any]]:
        history = await of.fetch_history()
        told = [e.workflow_execution_signaled_event_attributes.input for e in history.events]
        found = [await of._client.data_converter.decode_wrapper(one, [dict]) for one in told]
        return [one[0]["data"] for one in found if one and one[0]["type"] == kind]

    data: dict[str, Any] = await eventually(look, lambda found: found, 30)
    return data


async def test_of_two_open_messages_to_one_number_the_last_to_write_is_answered(
    world: World,
) -> None:
    person = Addresses()
    first = await world.ask(SMS, of=person)
    await first.arrived("sms")
    last = await world.ask(SMS, of=person)
    item = await last.arrived("sms")

    await write(world, item, "yes")

    assert await answers(last) == ["yes"]
    assert (await first.seen()).responses == ()
    await first.handle.cancel()


async def test_a_quoted_reply_goes_to_the_older_message(world: World) -> None:
    person = Addresses()
    first = await world.ask(WHATSAPP, of=person)
    item = await first.arrived("whatsapp")
    last = await world.ask(WHATSAPP, of=person)
    await last.arrived("whatsapp")

    await write(world, item, "no", quote=True)

    assert await answers(first) == ["no"]
    assert (await last.seen()).responses == ()
    await last.handle.cancel()


async def test_a_reply_without_a_quote_goes_to_the_threads_latest_message(world: World) -> None:
    person, thread = Addresses(), f"order-{uuid4().hex}"
    about = {"conversation": thread, "recipient": {"id": "dana", "addresses": vars(person)}}
    first = await world.ask(SMS, of=person, **about)
    item = await first.arrived("sms")
    last = await world.ask(EMAIL, of=person, **about)
    await last.arrived("email")

    await write(world, item, "at nine, please")

    assert await answers(last) == ["at nine, please"]
    assert (await first.seen()).responses == ()
    await first.handle.cancel()


@pytest.mark.parametrize("step", [SMS, VONAGE, WHATSAPP], ids=["sms", "vonage", "whatsapp"])
async def test_a_reply_comes_before_it_is_known_that_anything_was_sent(
    world: World, step: dict[str, Any]
) -> None:
    """The answer to the send is lost: its keys are there once the provider is asked for it."""
    person, [provider] = Addresses(), step["providers"]
    script = {"do": DROPPED.taken, "then": "silent", "times": 1}
    await world.script(to=person.phone, channel=step["channel"], provider=provider, **script)
    asked = await world.ask(step, of=person, evidence_within=10)
    item = await asked.reached(step["channel"])

    id = await write(world, item, "yes")
    again = kept(world, id, provider)

    assert (await again.describe()).close_time is None
    assert await answers(asked, 60) == ["yes"]
    assert (await again.result())["outcome"] == "delivered"
    assert await asked.copies() == [f"{step['channel']} by {provider}"]


async def test_a_reply_to_a_message_that_has_ended_reaches_the_service(world: World) -> None:
    orders = await service(world)
    notify = {"workflow_id": orders.id, "signal": "heard"}
    asked, item = await ended(world, EMAIL, notify=notify, context={"order": 7})

    id = await write(world, item, "No, sorry")

    result = await kept(world, id, "sendgrid").result()
    told = await heard(orders, "message.late_response")
    assert (result["outcome"], result["message_id"]) == ("late", asked.handle.id[8:])
    assert (told["text"], told["context"]) == ("No, sorry", {"order": 7})
    assert [r.text for r in (await asked.ended()).responses] == ["by telephone"]
    await orders.terminate()


async def test_a_quoted_reply_to_a_message_that_has_ended_is_late(world: World) -> None:
    _, item = await ended(world, WHATSAPP)

    id = await write(world, item, "yes", quote=True)

    assert (await kept(world, id).result())["outcome"] == "late"


async def test_a_key_in_a_call_whose_message_has_ended_is_late(world: World) -> None:
    _, call = await ended(world, VOICE)

    path = f"/simulator/messages/{call['id']}/keys"
    (await world.http.post(path, json={"digits": "1"})).raise_for_status()

    id = inbound_id("twilio", f"{call['id']}:1")

    async def found() -> list[Any]:
        query = f'WorkflowId = "{id}" AND Channel = "voice" AND MessageStatus = "late"'
        return [run async for run in world.client.list_workflows(query)]

    assert await eventually(found, lambda runs: runs)


async def test_a_strangers_message_waits_for_an_operator_who_knows_whose_it_is(
    world: World,
) -> None:
    asked = await world.ask(SMS)
    await asked.arrived("sms")
    ours = world.stack.environment["TWILIO_FROM"]
    stranger = {"provider": "twilio", "channel": "sms", "from": Addresses().phone, "to": ours}
    said = await world.http.post("/simulator/inbound", json={**stranger, "text": "it is me, Dana"})
    id = said.json()["id"]

    shown = await operator(world, "show", f"twilio-{id}")
    given = await operator(world, "assign", f"twilio-{id}", asked.handle.id[8:])

    assert said.json()["status"] == 200
    assert shown.splitlines()[-1] == "it is me, Dana"
    assert given == f"twilio-{id}: given to {asked.handle.id[8:]}\n"
    assert await answers(asked) == ["it is me, Dana"]
    assert (await kept(world, id).result())["outcome"] == "assigned"
    assert "it is me" not in world.stack.log("webhooks").read_text()


async def operator(world: World, *words: str) -> str:
    """`python -m starter inbound …`."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starter", "inbound", *words),
        cwd=ROOT,
        env={**os.environ, "TEMPORAL_ADDRESS": world.stack.temporal},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_a_long_mail_is_kept_whole_and_its_beginning_is_the_answer(world: World) -> None:
    asked = await world.ask(EMAIL)
    item = await asked.arrived("email")
    long = "\n".join(f"line {number} of what I have to say" for number in range(5000))

    id = await write(world, item, long)

    [answered] = await answers(asked)
    assert answered
    assert len(answered) == 20_000
    assert answered.startswith("line 0 of what")
    assert "\n[cut: this is the beginning of " in answered
    assert str((await whole(world, kept(world, id, "sendgrid"))).text).startswith(long)


async def whole(world: World, handle: WorkflowHandle[Any, Any]) -> Reply:
    [first, *_] = (await handle.fetch_history()).events
    given = first.workflow_execution_started_event_attributes.input
    [reply] = await world.client.data_converter.decode_wrapper(given, [Reply])
    assert isinstance(reply, Reply)
    return reply


async def test_where_look_ups_are_limited_a_burst_of_replies_is_absorbed(limited: World) -> None:
    every = [await limited.ask(SMS) for _ in range(8)]
    items = [await asked.reached("sms") for asked in every]

    await asyncio.gather(*(write(limited, item, "yes") for item in items))

    assert [await answers(asked, 120) for asked in every] == [["yes"]] * 8
    assert "is kept as inbound-twilio-" in limited.stack.log("webhooks").read_text()
