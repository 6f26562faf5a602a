"""What the webhooks do of themselves when a person says stop or start."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.opt_outs import known
from failover.events import DeliveryReport, Reply
from failover.names import inbound_id, opt_out_id
from tests.fake_senders import FakeProvider
from tests.plans import PHONE, message
from tests.running import Queue, last_is, seen, serving, until
from webhooks.gateway import TemporalGateway

SMS = [{"channel": "sms", "wait": "PT1H"}]


@pytest.fixture
async def queue(client: Client) -> AsyncIterator[Queue]:
    async with serving(client, acme=FakeProvider()) as queue:
        yield queue


@pytest.fixture
async def person(queue: Queue) -> AsyncIterator[str]:
    """The queue of production has no worker here: what was said stands all the same."""
    person = queue.opt_outs.key(PHONE)
    yield person
    if await known(queue.client, person):
        await queue.client.get_workflow_handle(opt_out_id(person)).terminate()


def reply(person: str | None, **more: Any) -> Reply:
    given = {"channel": "sms", "provider": "twilio", "provider_id": f"SM-{person}", "text": "STOP"}
    return Reply.model_validate({**given, "person": person, **more})


async def deliver(client: Client, event: Reply | DeliveryReport) -> None:
    await TemporalGateway(client, event_timeout=60).deliver([event])


async def kept(client: Client, reply: Reply) -> bool:
    handle = client.get_workflow_handle(inbound_id(reply.provider, reply.provider_id))
    try:
        await handle.terminate()
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def test_a_certain_stop_is_remembered_whatever_it_belongs_to(
    client: Client, person: str
) -> None:
    said = reply(person, stop=True, certain=True)
    await deliver(client, said)

    assert await known(client, person)
    assert await kept(client, said)


async def test_a_message_is_told_that_it_is_remembered(
    client: Client, queue: Queue, person: str
) -> None:
    plan = message(steps=SMS)
    handle = await queue.start(plan)
    await until(handle, last_is("accepted"))
    await deliver(client, reply(person, stop=True, certain=True, reference=f"{plan.id}.1"))
    result = await handle.result()

    [told] = result.opt_outs
    assert (result.outcome, told.text, told.certain) == ("opted_out", "STOP", True)
    assert (told.person, told.remembered) == (person, True)


async def test_what_may_be_a_choice_is_left_to_the_message(
    client: Client, queue: Queue, person: str
) -> None:
    plan = message(steps=SMS, content={"text": "?", "choices": [{"id": "c", "label": "Cancel"}]})
    handle = await queue.start(plan)
    await until(handle, last_is("accepted"))
    await deliver(client, reply(person, text="cancel", stop=True, reference=f"{plan.id}.1"))
    result = await handle.result()

    assert (result.outcome, result.responses[0].choice) == ("responded", "c")
    assert not await known(client, person)


async def test_start_takes_it_back_and_answers_nothing(
    client: Client, queue: Queue, person: str
) -> None:
    plan = message(steps=SMS)
    handle = await queue.start(plan)
    await until(handle, last_is("accepted"))
    back = reply(person, text="START", start=True, reference=f"{plan.id}.1")
    await deliver(client, back)
    await handle.signal("opted_out", {"channel": "sms", "text": "quit"})
    result = await handle.result()
    await deliver(client, back)
    await client.get_workflow_handle(opt_out_id(person)).result()

    assert not await known(client, person)
    assert result.responses == ()
    assert not await kept(client, back)


async def test_a_report_after_the_end_that_the_person_said_stop_is_remembered(
    client: Client, queue: Queue, person: str
) -> None:
    plan = message(steps=SMS, until="accepted")
    await (await queue.start(plan)).result()
    failures = {"address": "30005", "opt_out": "63014"}
    found = []
    for kind, code in failures.items():
        failure = {"class": kind, "code": code}
        told = {"reference": f"{plan.id}.1", "status": "failed", "event_id": code}
        report = DeliveryReport.model_validate({**told, "person": person, "failure": failure})
        await deliver(client, report)
        found.append(await known(client, person))

    assert found == [False, True]


async def test_a_report_to_an_open_message_is_the_messages_affair(
    client: Client, queue: Queue, person: str
) -> None:
    plan = message(steps=SMS, on_opt_out="skip_channel")
    handle = await queue.start(plan)
    await until(handle, last_is("accepted"))
    told = {"reference": f"{plan.id}.1", "status": "delivered", "event_id": "d"}
    await deliver(client, DeliveryReport.model_validate({**told, "person": person}))
    await until(handle, last_is("delivered"))
    result = await seen(handle)
    await handle.cancel()

    assert result.opt_outs == ()
    assert not await known(client, person)
