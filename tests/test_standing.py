"""What workers tell of their providers, and what operators drain: kept in one workflow."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from activities.health import Health
from failover.channels import Channel
from tests.conftest import STARTUP, temporal_executable
from tests.world import eventually
from workers.registration import register_search_attributes
from workers.standing import Keeper, standing_worker
from workflows.standing import (
    DRAIN,
    EVERY,
    GONE,
    PROVIDERS_ID,
    RESUME,
    SEEN,
    Drain,
    Standing,
    View,
)
from workflows.standing_client import read_standing, tell_standing


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    """A server of its own: there is one such workflow in a namespace."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_executable(),
        dev_server_startup_timeout=STARTUP,
        dev_server_extra_args=["--log-level", "error"],
        data_converter=pydantic_data_converter,
    ) as env:
        await register_search_attributes(env.client)
        async with standing_worker(env.client):
            yield env.client


@pytest.fixture(autouse=True)
async def _fresh(client: Client) -> None:
    with suppress(RPCError):
        await client.get_workflow_handle(PROVIDERS_ID).terminate()


async def known(client: Client, holds: Callable[[Standing], object]) -> Standing:
    """What is known, once this holds of it."""
    found: Standing = await eventually(
        lambda: read_standing(client), lambda now: [now] if holds(now) else []
    )
    return found


def keeper(client: Client, *healths: Health) -> Keeper:
    return Keeper(client, {h.provider: [Channel.SMS, Channel.VOICE] for h in healths}, healths)


def acme() -> Health:
    return Health("acme", [Channel.SMS, Channel.VOICE])


async def test_a_worker_tells_what_it_serves_and_that_it_leaves(client: Client) -> None:
    ours = keeper(client, acme())

    await ours.look()
    standing = await known(client, lambda now: now.workers)
    await ours.leave()
    await known(client, lambda now: not now.workers)

    (view,) = standing.workers.values()
    assert view.worker == client.identity
    assert view.serves == {"acme": ["sms", "voice"]}
    assert view.troubles == {}


async def test_a_worker_tells_again_only_when_something_has_changed(client: Client) -> None:
    health = acme()
    ours = keeper(client, health)
    await ours.look()
    await known(client, lambda now: now.workers)
    for _ in range(3):
        await ours.look()
    before = await signals(client)

    for _ in range(20):
        ours.deliveries.note("acme", "sms", None)
    ours.deliveries.order("sms", ["acme", "best"])
    await ours.look()
    standing = await known(client, lambda now: [v for v in now.workers.values() if v.shares])

    assert before == 1
    assert await signals(client) == 2
    assert [view.shares for view in standing.workers.values()] == [{"acme": {"sms": 0.9}}]


async def signals(client: Client) -> int:
    history = await client.get_workflow_handle(PROVIDERS_ID).fetch_history()
    return sum(e.HasField("workflow_execution_signaled_event_attributes") for e in history.events)


async def test_after_the_workflow_was_ended_a_worker_tells_anew(client: Client) -> None:
    ours = keeper(client, acme())
    await ours.look()
    await known(client, lambda now: now.workers)
    await client.get_workflow_handle(PROVIDERS_ID).terminate()

    await ours.look()

    await known(client, lambda now: now.workers)


async def test_a_drain_reaches_a_worker_and_so_does_its_end(client: Client) -> None:
    health = acme()
    ours = keeper(client, health)
    await ours.look()

    await tell_standing(client, DRAIN, Drain(provider="acme", channel="sms", why="slow"))
    await known(client, lambda now: now.drains)
    await ours.look()
    drained = health.drained
    await tell_standing(client, RESUME, Drain(provider="acme", channel="sms"))
    await known(client, lambda now: not now.drains)
    await ours.look()

    assert drained == {Channel.SMS}
    assert health.drained == frozenset()


async def test_a_drain_of_every_channel_is_one_of_each(client: Client) -> None:
    health, other = acme(), Health("best", [Channel.SMS])
    ours = keeper(client, health, other)

    await tell_standing(client, DRAIN, Drain(provider="acme", channel="sms"))
    await tell_standing(client, DRAIN, Drain(provider="acme"))
    standing = await known(client, lambda now: any(d.channel == EVERY for d in now.drains))
    await ours.look()

    assert [drain.channel for drain in standing.drains] == [EVERY]
    assert health.drained == {Channel.SMS, Channel.VOICE}
    assert other.drained == frozenset()


async def test_a_worker_that_starts_heeds_a_drain_of_before(client: Client) -> None:
    await tell_standing(client, DRAIN, Drain(provider="acme"))
    await known(client, lambda now: now.drains)
    health = acme()

    await keeper(client, health).look()

    assert health.trouble(Channel.SMS) == "drained by an operator"


async def test_who_is_passed_over_is_asked_last(client: Client) -> None:
    health, other = acme(), Health("best", [Channel.SMS])
    ours = keeper(client, health, other)

    health.drained = frozenset({Channel.SMS})

    assert ours.order("sms", ["acme", "best"]) == ["best", "acme"]
    assert ours.order("voice", ["acme", "best"]) == ["acme", "best"]


async def test_without_temporal_what_was_heard_last_goes_on(client: Client) -> None:
    health = acme()
    health.drained = frozenset({Channel.SMS})
    nowhere = await Client.connect("127.0.0.1:1", lazy=True)

    await keeper(nowhere, health).look()

    assert health.drained == {Channel.SMS}


async def test_it_goes_on_as_new_and_forgets_nothing(client: Client) -> None:
    await tell_standing(client, DRAIN, Drain(provider="acme", channel="sms", why="slow"))
    first = (await client.get_workflow_handle(PROVIDERS_ID).describe()).run_id
    view = View(worker="w", serves={"acme": ["sms"]})
    for _ in range(5):
        await asyncio.gather(*(tell_standing(client, SEEN, view) for _ in range(100)))

    handle = client.get_workflow_handle(PROVIDERS_ID)
    await eventually(handle.describe, lambda now: [now] if now.run_id != first else [])
    standing = await known(client, lambda now: now.drains)
    second = (await handle.fetch_history()).events[0].workflow_execution_started_event_attributes

    assert "standing" in second.memo.fields, "a worker that looks before the first task"
    assert [(d.provider, d.channel, d.why) for d in standing.drains] == [("acme", "sms", "slow")]
    assert list(standing.workers) == ["w"]
    await tell_standing(client, GONE, "w")
    await known(client, lambda now: not now.workers)


async def test_what_it_shows_in_the_web_ui_names_who_is_passed_over(client: Client) -> None:
    trouble = {"acme": {"sms": "passed over after an account error"}}
    await tell_standing(client, SEEN, View(worker="w", troubles=trouble))
    await tell_standing(client, DRAIN, Drain(provider="best", channel="voice"))
    await known(client, lambda now: now.drains)

    handle = client.get_workflow_handle(PROVIDERS_ID)
    metadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)

    assert metadata.current_details.splitlines() == [
        "- best is drained on voice",
        "- sms by acme: passed over after an account error (w)",
    ]


async def test_a_worker_that_has_not_told_for_hours_is_forgotten(env: WorkflowEnvironment) -> None:
    async with standing_worker(env.client):
        with env.with_time_skipping_disabled():
            await tell_standing(env.client, SEEN, View(worker="dead"))
            await known(env.client, lambda now: now.workers)
        handle = env.client.get_workflow_handle(PROVIDERS_ID)
        await env.fast_forward(handle, timedelta(hours=4))
        await tell_standing(env.client, SEEN, View(worker="alive"))
        standing = await known(env.client, lambda now: "alive" in now.workers)
        await handle.terminate()

    assert list(standing.workers) == ["alive"]
