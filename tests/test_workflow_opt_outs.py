"""Stop means stop: on every channel of the address, in every message, until it is taken back."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistory,
)
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from activities.opt_outs import OptOuts, Said, known, remember, take_back
from failover.events import FailureClass
from failover.names import opt_out_id
from tests.fake_senders import FakeProvider, refuse
from tests.plans import PHONE, message
from tests.record_histories import OPT_OUT
from tests.running import Handle, Queue, last_is, seen, serving, states, until
from tests.world import eventually
from workflows.opt_out import OptOutWorkflow
from workflows.showing import REPLY_KEYS_KEPT

SMS = [{"channel": "sms", "wait": "PT1H"}]
SKIPPING = {"on_opt_out": "skip_channel"}
MANAGER = "+14155550177"
CHOICES = [{"id": "keep", "label": "Yes"}, {"id": "c", "label": "Cancel"}]


@pytest.fixture(autouse=True)
def in_real_time(env: WorkflowEnvironment) -> Iterator[None]:
    with env.with_time_skipping_disabled():
        yield


def opt_out(queue: Queue, address: str = PHONE) -> WorkflowHandle[Any, Any]:
    return queue.client.get_workflow_handle(opt_out_id(queue.opt_outs.key(address)))


async def remembered(queue: Queue, address: str = PHONE) -> bool:
    return await queue.opt_outs.known(queue.client, address)


async def becomes(queue: Queue, wanted: bool, address: str = PHONE) -> None:
    async def look() -> bool:
        return await remembered(queue, address)

    await eventually(look, lambda found: [True] if found == wanted else [])


async def said_so_often(queue: Queue, address: str = PHONE) -> int:
    """Times that this address's workflow was told of a stop."""
    history = await opt_out(queue, address).fetch_history()
    told = [event.workflow_execution_signaled_event_attributes for event in history.events]
    return sum(signal.signal_name == "said" for signal in told)


async def begun(queue: Queue, **plan: Any) -> Handle:
    handle = await queue.start(message(**{"steps": SMS, **plan}))
    await until(handle, last_is("accepted"))
    return handle


async def findable(client: Client, handle: Handle, key: str) -> None:
    async def look() -> list[str]:
        query = f'WorkflowId = "{handle.id}" AND ReplyKeys = "{key}"'
        return [run.id async for run in client.list_workflows(query)]

    await eventually(look, lambda found: found)


async def test_a_stop_ends_the_message_and_is_remembered_for_every_channel(client: Client) -> None:
    acme = FakeProvider()
    async with serving(client, acme=acme) as queue:
        handle = await begun(queue)
        await handle.signal("opted_out", {"channel": "sms", "text": "quit"})
        first = await handle.result()
        later = [
            await (await queue.start(message(steps=[{"channel": name, "wait": 60}]))).result()
            for name in ("whatsapp", "voice", "sms")
        ]
        mail = await begun(queue, steps=[{"channel": "email", "wait": 60}])
        await mail.cancel()

    assert first.outcome == "opted_out"
    assert [result.outcome for result in later] == ["opted_out"] * 3
    assert {result.attempts[0].failure.code for result in later if result.attempts[0].failure} == {
        "opted_out"
    }
    assert acme.channels() == ["sms", "email"]


async def test_it_is_taken_back_by_start_and_said_again(client: Client) -> None:
    acme = FakeProvider()
    async with serving(client, acme=acme) as queue:
        person = queue.opt_outs.key(PHONE)
        await take_back(client, person)
        await remember(client, person, Said(channel="sms"), queue=queue.opt_outs.queue)
        refused = await (await queue.start(message(steps=SMS))).result()
        await take_back(client, person)
        await becomes(queue, False)
        handle = await begun(queue)
        await handle.signal("opted_out", {"channel": "sms", "text": "STOP"})
        await handle.result()

        assert refused.outcome == "opted_out"
        assert await remembered(queue)
    assert acme.channels() == ["sms"]


async def test_what_one_message_hears_twice_is_remembered_twice(client: Client) -> None:
    """Taken back in between, and said again, by a word that the message decides about."""
    async with serving(client, acme=FakeProvider()) as queue:
        steps = [*SMS, {"channel": "email", "wait": "PT1H"}]
        handle = await begun(queue, steps=steps, **SKIPPING)
        await handle.signal("opted_out", {"channel": "sms", "text": "quit", "provider_id": "1"})
        await becomes(queue, True)
        await take_back(client, queue.opt_outs.key(PHONE))
        await becomes(queue, False)
        await handle.signal("opted_out", {"channel": "sms", "text": "quit", "provider_id": "2"})

        await becomes(queue, True)


@pytest.mark.parametrize("end", ["terminate", "cancel"])
async def test_an_operator_ends_it_from_the_web_ui(client: Client, end: str) -> None:
    acme = FakeProvider()
    async with serving(client, acme=acme) as queue:
        person = queue.opt_outs.key(PHONE)
        await remember(client, person, Said(channel="sms"), queue=queue.opt_outs.queue)
        await getattr(opt_out(queue), end)()
        await becomes(queue, False)
        handle = await begun(queue)
        await handle.cancel()

    assert acme.channels() == ["sms"]


async def test_the_persons_other_open_messages_end_and_that_is_the_end_of_it(
    client: Client,
) -> None:
    async with serving(client, acme=FakeProvider()) as queue:
        chat = await begun(queue, steps=[{"channel": "whatsapp", "wait": "PT1H"}])
        mail = await begun(queue, steps=[{"channel": "email", "wait": "PT1H"}])
        await findable(client, chat, queue.opt_outs.key(PHONE))
        handle = await begun(queue)
        await handle.signal("opted_out", {"channel": "sms", "text": "STOP"})
        outcomes = [(await each.result()).outcome for each in (handle, chat)]
        told = (await chat.result()).opt_outs
        await mail.cancel()

        assert await said_so_often(queue) == 1
    assert outcomes == ["opted_out", "opted_out"]
    assert [(one.channel, one.text) for one in told] == [("sms", None)]


async def test_what_was_not_found_at_once_is_looked_for_again(
    client: Client, env: WorkflowEnvironment
) -> None:
    queue = Queue(client, f"late-{uuid4().hex[:8]}", ["acme"], ("sms",))
    person = queue.opt_outs.key(PHONE)
    async with queue.workflow_worker(), queue.back_office_worker():
        queue.opt_outs = Unasked(queue.opt_outs.secret, queue.opt_outs.queue)
        async with queue.send_worker("acme", FakeProvider()):
            await remember(client, person, Said(channel="sms"), queue=queue.opt_outs.queue)
            await eventually(lambda: sweeps(queue), lambda times: [1] if times == 1 else [])
            handle = await begun(queue)
            await findable(client, handle, person)
            await env.fast_forward(opt_out(queue), timedelta(seconds=31))
            result = await handle.result()
            await env.fast_forward(opt_out(queue), timedelta(minutes=5))
            await eventually(lambda: sweeps(queue), lambda times: [1] if times == 3 else [])

            assert await known(client, person)
    assert result.outcome == "opted_out"


async def sweeps(queue: Queue) -> int:
    history = await opt_out(queue).fetch_history()
    ended = [e.HasField("activity_task_completed_event_attributes") for e in history.events]
    return sum(ended)


class Unasked(OptOuts):
    """As a send that was under way already when the person said stop."""

    async def known(self, client: Client, address: str) -> bool:
        return False


async def test_a_stop_word_that_was_offered_is_an_answer(client: Client) -> None:
    async with serving(client, acme=FakeProvider()) as queue:
        handle = await begun(queue, content={"text": "Keep it?", "choices": CHOICES})
        await handle.signal("opted_out", {"channel": "sms", "text": " cancel! "})
        result = await handle.result()

        assert not await remembered(queue)
    assert (result.outcome, result.responses[0].choice) == ("responded", "c")
    assert result.opt_outs == ()


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"text": "Stop."}, id="STOP itself"),
        pytest.param({"text": "cancel", "certain": True}, id="what the provider is certain of"),
        pytest.param({"text": "end"}, id="a stop word that was not offered"),
    ],
)
async def test_what_is_no_choice_whatever_was_offered(client: Client, told: dict[str, Any]) -> None:
    choices = [*CHOICES, {"id": "stop", "label": "Stop"}]
    async with serving(client, acme=FakeProvider()) as queue:
        handle = await begun(queue, content={"text": "Keep it?", "choices": choices})
        await handle.signal("opted_out", {"channel": "sms", **told})
        result = await handle.result()

        assert await remembered(queue)
    assert (result.outcome, result.responses) == ("opted_out", ())


async def test_without_a_channel_of_the_address_it_goes_on_by_email_and_with_others(
    client: Client,
) -> None:
    acme = FakeProvider()
    steps = [
        {"channel": "sms", "wait": "PT1H"},
        {"channel": "whatsapp", "wait": 1},
        {"channel": "email", "wait": 1},
        {"channel": "sms", "wait": 1, "to": MANAGER},
    ]
    async with serving(client, acme=acme) as queue:
        handle = await begun(queue, steps=steps, **SKIPPING)
        await handle.signal("opted_out", {"channel": "sms", "text": "STOP"})
        result = await handle.result()

        assert await remembered(queue)
        assert not await remembered(queue, MANAGER)
    assert [sent.to for sent in acme.sent] == [PHONE, "dana@example.com", MANAGER]
    assert states(result)[1] == "whatsapp skipped"
    assert result.outcome == "exhausted"


async def test_another_persons_stop_closes_that_persons_address_alone(client: Client) -> None:
    acme = FakeProvider()
    steps = [
        {"channel": "sms", "wait": 1},
        {"channel": "sms", "wait": "PT1H", "to": MANAGER},
        {"channel": "whatsapp", "wait": 1},
    ]
    async with serving(client, acme=acme) as queue:
        handle = await queue.start(message(steps=steps, **SKIPPING))
        await until(
            handle, lambda result: len(result.attempts) == 2 and last_is("accepted")(result)
        )
        await handle.signal("opted_out", {"channel": "sms", "text": "STOP"})
        await handle.result()

        assert await remembered(queue, MANAGER)
        assert not await remembered(queue)
    assert [sent.to for sent in acme.sent] == [PHONE, MANAGER, PHONE]


async def test_whose_stop_it_was_is_told_by_the_key_of_the_address(client: Client) -> None:
    acme = FakeProvider()
    steps = [{"channel": "sms", "wait": 1}, {"channel": "sms", "wait": "PT1H", "to": MANAGER}]
    async with serving(client, acme=acme) as queue:
        handle = await queue.start(message(steps=steps))
        await until(
            handle, lambda result: len(result.attempts) == 2 and last_is("accepted")(result)
        )
        person = queue.opt_outs.key(PHONE)
        await handle.signal("opted_out", {"channel": "sms", "text": "quit", "person": person})
        await handle.result()

        assert await remembered(queue)
        assert not await remembered(queue, MANAGER)


async def test_a_refusal_because_the_person_said_stop_is_remembered(client: Client) -> None:
    acme = FakeProvider()
    acme.then("sms", refuse(FailureClass.OPT_OUT, "21610"))
    async with serving(client, acme=acme) as queue:
        result = await (await queue.start(message(steps=SMS))).result()

        assert await remembered(queue)
        assert await said_so_often(queue) == 1
    assert result.outcome == "opted_out"


async def test_a_report_that_the_person_said_stop_is_remembered(client: Client) -> None:
    failure = {"class": "opt_out", "code": "63014"}
    async with serving(client, acme=FakeProvider()) as queue:
        handle = await begun(queue, steps=[{"channel": "whatsapp", "wait": "PT1H"}])
        await handle.signal("reported", {"attempt": 1, "status": "failed", "failure": failure})
        await handle.result()

        assert await remembered(queue)


async def test_what_is_known_already_is_not_remembered_again(client: Client) -> None:
    async with serving(client, acme=FakeProvider()) as queue:
        person = queue.opt_outs.key(PHONE)
        open_for_long = await begun(queue)
        told = {"channel": "sms", "text": "STOP", "certain": True}
        await remember(client, person, Said(channel="sms"), queue=queue.opt_outs.queue)
        await open_for_long.signal("opted_out", {**told, "person": person, "remembered": True})
        await open_for_long.result()
        await (await queue.start(message(steps=SMS))).result()

        assert await said_so_often(queue) == 1


async def test_a_stop_from_another_address_closes_the_one_that_was_written_to(
    client: Client,
) -> None:
    async with serving(client, acme=FakeProvider()) as queue:
        handle = await begun(queue)
        alias = queue.opt_outs.key("+14155550188")
        told = {"channel": "sms", "certain": True, "person": alias, "remembered": True}
        await handle.signal("opted_out", told)
        await handle.result()

        assert await remembered(queue)


async def test_a_message_does_not_end_before_it_is_remembered(client: Client) -> None:
    """Also one that is cancelled; nothing more is sent meanwhile."""
    acme = FakeProvider()
    queue = Queue(client, f"slow-{uuid4().hex[:8]}", ["acme"], ("sms", "email"))
    plan = {"steps": [*SMS, {"channel": "email", "wait": 60}]}
    async with queue.workflow_worker(), queue.send_worker("acme", acme):
        ending, cancelled = await begun(queue, **plan), await begun(queue, **plan)
        for handle in (ending, cancelled):
            await handle.signal("opted_out", {"channel": "sms", "text": "quit"})
            await until(handle, lambda result: result.outcome == "opted_out")
        await cancelled.cancel()
        still_open = [(await each.describe()).status for each in (ending, cancelled)]
        async with queue.back_office_worker():
            results = [await each.result() for each in (ending, cancelled)]

            assert await remembered(queue)
    assert still_open == [WorkflowExecutionStatus.RUNNING] * 2
    assert [result.outcome for result in results] == ["opted_out"] * 2
    assert acme.channels() == ["sms", "sms"]


async def test_a_message_cancelled_on_its_way_still_has_it_remembered(client: Client) -> None:
    queue = Queue(client, f"slow-{uuid4().hex[:8]}", ["acme"], ("sms", "email"))
    plan = {"steps": [*SMS, {"channel": "email", "wait": "PT1H"}], **SKIPPING}
    async with queue.workflow_worker(), queue.send_worker("acme", FakeProvider()):
        handle = await begun(queue, **plan)
        await handle.signal("opted_out", {"channel": "sms", "text": "quit"})
        await until(handle, lambda result: len(result.attempts) == 2)
        await handle.cancel()
        async with queue.back_office_worker():
            with pytest.raises(WorkflowFailureError):
                await handle.result()

            assert await remembered(queue)


class Failing(OptOuts):
    """Temporal does not answer the first question."""

    async def known(self, client: Client, address: str) -> bool:
        if activity.info().attempt == 1:
            raise RPCError("no", RPCStatusCode.UNAVAILABLE, b"")
        return await super().known(client, address)


async def test_a_send_that_cannot_ask_is_tried_again(client: Client) -> None:
    acme = FakeProvider()
    queue = Queue(client, f"deaf-{uuid4().hex[:8]}", ["acme"], ("sms",))
    queue.opt_outs = Failing(queue.name, queue.opt_outs.queue)
    async with queue.workflow_worker(), queue.send_worker("acme", acme):
        handle = await begun(queue)
        result = await seen(handle)
        await handle.cancel()

    assert states(result) == ["sms accepted"]
    assert acme.channels() == ["sms"]


@pytest.mark.parametrize(
    "given",
    [
        pytest.param([], id="nothing"),
        pytest.param([1, 2, 3], id="too much"),
        pytest.param([{"said": "no", "swept": "x"}], id="other fields"),
        pytest.param([b"\xff\x00"], id="bytes"),
    ],
)
async def test_whatever_it_was_given_it_runs(client: Client, given: list[Any]) -> None:
    async with serving(client, acme=FakeProvider()) as queue:
        handle = await client.start_workflow(
            "OptOut", args=given, id=opt_out(queue).id, task_queue=queue.opt_outs.queue
        )
        await handle.signal("said", args=given)
        await handle.signal("said", {"channel": ["x"], "at": "yesterday"})
        await eventually(lambda: sweeps(queue), lambda times: [1] if times else [])
        refused = await (await queue.start(message(steps=SMS))).result()
        await handle.signal("start", args=given)
        await handle.result()

    assert refused.outcome == "opted_out"


async def test_who_says_stop_for_ever_is_heard_for_ever(
    client: Client, env: WorkflowEnvironment
) -> None:
    queue = Queue(client, f"often-{uuid4().hex[:8]}", ["acme"], ("sms",))
    person, turn = queue.opt_outs.key(PHONE), asyncio.Semaphore(10)
    said = Said(channel="sms", provider="twilio")

    async def say() -> None:
        async with turn:
            await remember(client, person, said, queue=queue.opt_outs.queue)

    await asyncio.gather(*(say() for _ in range(4200)))
    first = (await opt_out(queue).describe()).run_id
    async with queue.back_office_worker():
        await env.fast_forward(opt_out(queue), timedelta(minutes=6))
        later = await eventually(
            lambda: opt_out(queue).describe(),
            lambda about: [about] if about.run_id != first else [],
        )
        memo = await later.memo()

        assert await known(client, person)
    assert memo == {"channel": "sms", "provider": "twilio"}


async def test_it_shows_when_and_where_and_neither_address_nor_text(client: Client) -> None:
    async with serving(client, acme=FakeProvider()) as queue:
        handle = await begun(queue)
        await handle.signal(
            "opted_out",
            {"channel": "sms", "text": "quit", "provider": "twilio", "provider_id": "S"},
        )
        await handle.result()
        await eventually(lambda: sweeps(queue), lambda times: [1] if times else [])
        about = await opt_out(queue).describe()
        history = await opt_out(queue).fetch_history()

    memo = await about.memo()
    stored = [about.raw_description.SerializeToString()]
    stored += [event.SerializeToString() for event in history.events]
    assert (memo["channel"], memo["provider"]) == ("sms", "twilio")
    assert await about.static_summary() == "said stop on sms"
    for hidden in (PHONE[1:], "quit"):
        assert hidden.encode() not in b"".join(stored)


async def test_one_that_was_recorded_replays() -> None:
    """They run for years, on the code of the day."""
    recorded = WorkflowHistory.from_json("opt-out-recorded", OPT_OUT.read_text())
    replayer = Replayer(workflows=[OptOutWorkflow], data_converter=pydantic_data_converter)
    changed = OPT_OUT.read_text().replace("tell_open_messages", "tell_nobody")

    await replayer.replay_workflow(recorded)
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(WorkflowHistory.from_json("opt-out-recorded", changed))


def test_every_key_of_a_message_has_room_in_its_search_attribute() -> None:
    keys = [f"{number:032}" for number in range(REPLY_KEYS_KEPT)]
    kept = [entry for key in keys for entry in (key, f"{key}@1763800000000")]

    assert len(json.dumps(kept).encode()) <= 2048
