"""What other people's code depends on: plain JSON in, plain JSON out, and nothing that blocks."""

from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.testing import WorkflowEnvironment

from failover.attempts import Result
from failover.names import workflow_id
from failover.start import start_options
from tests.fake_senders import FakeProvider
from tests.plans import PHONE, message, plan
from tests.running import Queue, last_is, seen, serving, states, until


async def failure_of(client: Client, queue: Queue, workflow: str, *args: Any) -> ApplicationError:
    handle = await client.start_workflow("Message", args=args, id=workflow, task_queue=queue.name)
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    assert isinstance(failed.value.cause, ApplicationError)
    return failed.value.cause


async def test_plain_json_starts_a_message_and_the_result_is_plain_json(
    env: WorkflowEnvironment,
) -> None:
    acme, asked = FakeProvider(), plan(until="accepted")

    async with serving(env.client, acme=acme) as queue:
        handle = await env.client.start_workflow(
            "Message", asked, id=workflow_id(asked["id"]), task_queue=queue.name
        )
        result = await handle.result()

    assert result["message_id"] == asked["id"]
    assert result["outcome"] == "reached"
    attempt = result["attempts"][0]
    assert attempt["reference"] == f"{asked['id']}.1"
    assert attempt["to"] == "+1415•••0100"
    assert PHONE not in str(result)
    assert {"number", "step", "channel", "provider", "state", "provider_id", "accepted_at"} <= set(
        attempt
    )


async def test_an_invalid_message_fails_at_once_and_names_every_field(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    wrong = plan(untill="replied", steps=[{"channel": "sms"}, {"channel": "fax", "wait": 1}])
    wrong["recipient"]["addresses"] = {"sms": "0815-secret", "email": "nobody"}

    async with serving(env.client, acme=acme) as queue:
        error = await failure_of(env.client, queue, workflow_id(wrong["id"]), wrong)

    assert error.type == "InvalidMessage"
    assert error.non_retryable
    for named in (
        "untill",
        "steps.0.wait",
        "steps.1.channel",
        "recipient.addresses",
        "sms",
        "email",
    ):
        assert named in error.message
    assert "0815" not in error.message
    assert "nobody" not in error.message
    assert acme.sent == []


@pytest.mark.parametrize(
    "given",
    [
        pytest.param((), id="nothing"),
        pytest.param((None,), id="null"),
        pytest.param((b"\xff\xfe",), id="bytes"),
        pytest.param(("hello",), id="a text"),
        pytest.param(([1, 2],), id="a list"),
        pytest.param(({},), id="an empty object"),
        pytest.param(({}, {}), id="two inputs"),
        pytest.param(
            ({"recipient": {"addresses": {f"x{n}": "" for n in range(60_000)}}},), id="huge"
        ),
    ],
)
async def test_what_is_no_message_at_all_fails_at_once(
    env: WorkflowEnvironment, given: tuple[Any, ...]
) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        error = await failure_of(env.client, queue, f"message-{queue.name}", *given)

    assert error.message.startswith("invalid message: ")


async def test_a_workflow_id_that_callbacks_could_not_find_is_refused(
    env: WorkflowEnvironment,
) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        error = await failure_of(env.client, queue, f"other-{queue.name}", plan())

    assert "the workflow should have the id message-order-" in error.message


async def test_a_provider_that_is_not_offered_is_refused_when_the_message_starts(
    env: WorkflowEnvironment,
) -> None:
    acme = FakeProvider()
    steps = [
        {"channel": "sms", "wait": 60},
        {"channel": "sms", "wait": 60, "providers": ["pigeon"]},
        {"channel": "push", "wait": 60},
    ]
    asked = plan(steps=steps)

    async with serving(env.client, acme=acme) as queue:
        error = await failure_of(env.client, queue, workflow_id(asked["id"]), asked)

    assert "steps.1.providers: sms by pigeon is not offered" in error.message
    assert "steps.2.channel: push is not offered" in error.message
    assert acme.sent == []


@pytest.mark.parametrize(
    ("signal", "payload"),
    [
        ("responded", ()),
        ("responded", ({"text": "no channel"},)),
        ("responded", ("yes", "no")),
        ("responded", (b"\x00\xff",)),
        ("reported", ({"attempt": "first", "status": "delivered"},)),
        ("reported", ({"attempt": 1, "status": "on its way"},)),
        ("reported", ({"attempt": 77, "status": "failed"},)),
        ("opted_out", ([],)),
        ("reported", ({"attempt": 1, "status": ["delivered"]},)),
        ("skipp", ()),
    ],
)
async def test_an_unreadable_signal_changes_nothing_and_blocks_nothing(
    env: WorkflowEnvironment, signal: str, payload: tuple[Any, ...]
) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        with env.with_time_skipping_disabled():
            handle = await queue.start(message())
        await until(handle, last_is("accepted"))
        await handle.signal(signal, args=payload)
        result = await seen(handle)
        assert states(result) == ["whatsapp accepted"]
        assert not result.responses
        assert not result.opt_outs
        await handle.signal("responded", {"channel": "sms", "text": "yes"})
        result = await handle.result()

    assert result.outcome == "responded"


async def test_the_same_id_twice_is_the_same_message(env: WorkflowEnvironment) -> None:
    acme, asked = FakeProvider(), message()

    async with serving(env.client, acme=acme) as queue:
        with env.with_time_skipping_disabled():
            first = await queue.start(asked)
            second = await queue.start(asked)
        await until(first, last_is("accepted"))
        await second.signal("responded", {"channel": "sms"})
        await first.result()
        with pytest.raises(WorkflowAlreadyStartedError):
            await queue.start(asked)

    assert first.result_run_id == second.result_run_id
    assert acme.channels() == ["whatsapp"]


async def test_the_start_options_are_what_temporal_calls_them(env: WorkflowEnvironment) -> None:
    from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

    options = start_options(message())

    assert options["id_reuse_policy"] == WorkflowIDReusePolicy.REJECT_DUPLICATE
    assert options["id_conflict_policy"] == WorkflowIDConflictPolicy.USE_EXISTING
    async with serving(env.client, acme=FakeProvider()) as queue:
        handle = await queue.start(message(until="accepted"))
        await handle.result()
    begun = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes
    assert begun.workflow_task_timeout.ToTimedelta() == options["task_timeout"]


async def test_the_query_answers_in_the_shape_of_the_result(env: WorkflowEnvironment) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        handle = await queue.start(message(until="accepted"))
        result = await handle.result()
        queried = await seen(handle)

    assert queried == Result.model_validate(result)
