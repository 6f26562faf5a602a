"""Caps against toll fraud: exact over all workers, by a sliding hour, and only where set."""

import asyncio
import base64
import logging
import os
import re
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import (
    VersioningBehavior,
    WorkerDeploymentVersion,
    WorkflowIDConflictPolicy,
)
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker, WorkerDeploymentConfig

from activities.caps import Caps, Counted, Limits, Take, country
from activities.send import Sends
from failover.attempts import Result
from failover.channels import Channel
from failover.events import FailureClass
from failover.names import sending_queue
from providers.settings import ConfigurationError, PublicSettings
from tests.fake_senders import FakeProvider, refuse, unavailable
from tests.plans import message
from tests.running import Handle, Queue
from tests.world import eventually
from workers.caps import cap_worker, caps
from workflows.cap import TAKES
from workflows.encryption import Keys, data_converter

SMS = [{"channel": "sms", "wait": "PT1H"}]


class Capped:
    """Workers with caps: a queue for messages, one for the counts, as many senders as wanted."""

    def __init__(self, queue: Queue, acme: FakeProvider, secret: str) -> None:
        self.queue, self.acme, self.secret = queue, acme, secret

    async def sent(self, *numbers: str) -> list[Result]:
        """What became of one message to each of these numbers, all sent at once."""
        handles = await asyncio.gather(*(self.start(number) for number in numbers))
        return await asyncio.gather(*(handle.result() for handle in handles))

    async def start(self, number: str, **more: Any) -> Handle:
        plan = {"steps": SMS, "until": "accepted", "recipient": {"addresses": {"phone": number}}}
        return await self.queue.start(message(**{**plan, **more}))

    def count(self, of: str) -> WorkflowHandle[Any, Any]:
        return self.queue.client.get_workflow_handle(f"cap-{self.secret}-{of}")

    def start_count(self, of: str) -> WithStartWorkflowOperation[Any, Any]:
        return WithStartWorkflowOperation(
            "Cap",
            Counted(),
            id=self.count(of).id,
            task_queue=f"{self.queue.name}-counts",
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )


@asynccontextmanager
async def capped(
    client: Client,
    *,
    secret: str | None = None,
    counting: bool = True,
    **limits: Any,
) -> AsyncIterator[Capped]:
    secret = secret or os.urandom(8).hex()
    name = f"caps-{secret}"
    queue, acme = Queue(client, name, ["acme"], ("sms", "email", "whatsapp")), FakeProvider()
    caps = Caps(Limits(**limits), secret, queue=f"{name}-counts", prefix=f"cap-{secret}")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(queue.workflow_worker())
        if counting:
            await stack.enter_async_context(cap_worker(client, queue=f"{name}-counts"))
        for connection in (client, await another(client)):
            sends = Sends(dict.fromkeys(Channel, acme), ThreadPoolExecutor(8), caps)
            send_queue = sending_queue(queue.provider("acme"))
            worker = Worker(connection, task_queue=send_queue, activities=sends.activities())
            await stack.enter_async_context(worker)
        yield Capped(queue, acme, secret)


async def another(client: Client) -> Client:
    """A worker of another process has a connection of its own."""
    target = client.service_client.config.target_host
    return await Client.connect(target, data_converter=client.data_converter)


@pytest.fixture(autouse=True)
def in_real_time(env: WorkflowEnvironment) -> Iterator[None]:
    """A count that waits for its hour to pass would else have it at once."""
    with env.with_time_skipping_disabled():
        yield


def numbers(count: int, prefix: str = "+1415555") -> list[str]:
    return [f"{prefix}{number:04}" for number in range(count)]


def refusals(results: list[Result]) -> list[str | None]:
    failures = [attempt.failure for result in results for attempt in result.attempts]
    return [failure.detail for failure in failures if failure]


async def test_of_fifty_sends_at_once_just_as_many_go_out_as_the_cap_allows(client: Client) -> None:
    async with capped(client, recipients=20) as caps:
        results = await caps.sent(*numbers(50))

    assert len({outbound.to for outbound in caps.acme.sent}) == len(caps.acme.sent) == 20
    assert refusals(results) == ["cap: 20 recipients an hour"] * 30
    assert sum(result.outcome == "reached" for result in results) == 20


async def test_a_recipient_counts_once_however_many_sends_there_are(client: Client) -> None:
    async with capped(client, recipients=2) as caps:
        for number in ("+14155550100", "+14155550100", "+14155550101", "+14155550100"):
            await caps.sent(number)
        [refused] = await caps.sent("+14155550102")

    assert len(caps.acme.sent) == 4
    assert refusals([refused]) == ["cap: 2 recipients an hour"]


async def test_sends_to_one_address_count_on_all_channels(client: Client) -> None:
    both = [*SMS, {"channel": "whatsapp", "wait": "PT1H"}, {"channel": "email", "wait": "PT1H"}]
    addresses = {"phone": "+14155550100", "email": "dana@example.com"}
    async with capped(client, sends_per_address=1) as caps:
        caps.acme.then("sms", refuse(FailureClass.ADDRESS))
        plan = {"steps": both, "recipient": {"addresses": addresses}}
        result = await (await caps.start("", **plan)).result()

    assert caps.acme.channels() == ["sms", "email"]
    assert refusals([result])[1:] == ["cap: 1 sends to one address an hour"]


async def test_each_country_has_its_own_count_and_may_have_its_own_cap(client: Client) -> None:
    async with capped(client, sends_per_country={"": 1, "US": 2, "CU": 0}) as caps:
        british = await caps.sent("+447400123456", "+447400123457")
        american = await caps.sent(*numbers(3))
        cuban = await caps.sent("+5351234567")

    assert refusals(british) == ["cap: 1 sends to GB an hour"]
    assert refusals(american) == ["cap: 2 sends to US an hour"]
    assert refusals(cuban) == ["cap: 0 sends to CU an hour"]
    assert len(caps.acme.sent) == 3


async def test_email_has_no_country(client: Client) -> None:
    steps = [{"channel": "email", "wait": "PT1H"}]
    plan = {"steps": steps, "recipient": {"addresses": {"email": "dana@example.com"}}}
    async with capped(client, sends_per_country={"": 0}) as caps:
        await (await caps.start("", **plan)).result()

    assert caps.acme.channels() == ["email"]


async def test_the_hour_slides(env: WorkflowEnvironment, client: Client) -> None:
    async with capped(client, recipients=2) as caps:
        await caps.sent("+14155550100")
        await env.fast_forward(caps.count("recipients"), timedelta(minutes=40))
        await caps.sent("+14155550101")
        [too_soon] = await caps.sent("+14155550102")
        await env.fast_forward(caps.count("recipients"), timedelta(minutes=21))
        [after_the_first] = await caps.sent("+14155550103")
        [too_many] = await caps.sent("+14155550104")

    assert [outbound.to[-1] for outbound in caps.acme.sent] == ["0", "1", "3"]
    assert after_the_first.outcome == "reached"
    assert refusals([too_soon, too_many]) == ["cap: 2 recipients an hour"] * 2


async def test_a_count_ends_after_an_hour_without_one_and_begins_anew(
    env: WorkflowEnvironment, client: Client
) -> None:
    async with capped(client, recipients=1) as caps:
        await caps.sent("+14155550100")
        first = await caps.count("recipients").describe()
        await env.fast_forward(caps.count("recipients"), timedelta(minutes=61))
        ended = await client.get_workflow_handle(first.id, run_id=first.run_id).describe()
        await caps.sent("+14155550101")
        second = await caps.count("recipients").describe()

    assert ended.status == WorkflowExecutionStatus.COMPLETED
    assert second.run_id != first.run_id
    assert len(caps.acme.sent) == 2


async def test_a_count_survives_the_workers_that_asked_for_it(client: Client) -> None:
    async with capped(client, recipients=1) as caps:
        await caps.sent("+14155550100")
    async with capped(client, recipients=1, secret=caps.secret) as again:
        [refused] = await again.sent("+14155550101")

    assert refusals([refused]) == ["cap: 1 recipients an hour"]


async def test_a_send_that_is_tried_again_counts_once(client: Client) -> None:
    async with capped(client, sends_per_address=1) as caps:
        caps.acme.then("sms", unavailable(timedelta(seconds=1)), caps.acme.accept)
        [result] = await caps.sent("+14155550100")

    assert result.outcome == "reached"
    assert len(caps.acme.sent) == 2


async def test_what_one_cap_refuses_does_not_count_for_another(client: Client) -> None:
    async with capped(client, sends_per_address=1, recipients=1) as caps:
        await caps.sent("+14155550100")
        await caps.sent("+14155550101")
        await caps.count("recipients").terminate()
        [later] = await caps.sent("+14155550101")

    assert later.outcome == "reached"


async def test_what_cannot_be_counted_is_not_sent_but_tried_again(client: Client) -> None:
    async with capped(client, recipients=1, counting=False) as caps:
        handle = await caps.start("+14155550100")
        await until_tried_again(handle)
        assert caps.acme.sent == []
        async with cap_worker(client, queue=f"{caps.queue.name}-counts"):
            result = await handle.result()

    assert result.outcome == "reached"
    assert len(caps.acme.sent) == 1


async def until_tried_again(handle: Handle) -> None:
    async with asyncio.timeout(60):
        while True:
            pending = (await handle.describe()).raw_description.pending_activities
            if pending and pending[0].attempt > 1:
                return
            await asyncio.sleep(0.05)


async def test_a_refusal_names_the_cap_and_no_address(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    async with capped(client, recipients=1) as caps:
        await caps.sent("+14155550100")
        await caps.sent("+14155550199")

    [warning] = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert "CAP_RECIPIENTS_PER_HOUR is reached: 1 recipients an hour" in warning.getMessage()
    assert "5550199" not in caplog.text


async def test_nothing_that_temporal_keeps_of_a_count_holds_an_address(client: Client) -> None:
    limits: dict[str, Any] = {"recipients": 9, "sends_per_address": 9, "sends_per_country": {"": 9}}
    async with capped(client, **limits) as caps:
        await caps.sent("+14155550100")
        query = f'TaskQueue = "{caps.queue.name}-counts"'
        kept = await eventually(
            lambda: histories(client, query), lambda found: [found][3 - len(found) :]
        )

    assert {id.split("-")[2] for id in kept} == {"address", "country", "recipients"}
    for id, history in kept.items():
        assert "4155550100" not in id + history


async def histories(client: Client, query: str) -> dict[str, str]:
    runs = [run async for run in client.list_workflows(query)]
    handles = {run.id: client.get_workflow_handle(run.id) for run in runs}
    return {id: (await handle.fetch_history()).to_json() for id, handle in handles.items()}


async def test_a_busy_count_continues_as_new_and_forgets_nothing(client: Client) -> None:
    async with capped(client, recipients=TAKES + 20) as caps:
        count = caps.count("recipients")
        first = await fill(caps, TAKES + 19)
        run = caps.queue.client.get_workflow_handle(count.id, run_id=first)
        history, ended = await run.fetch_history(), await run.describe()
        [last, refused] = [await caps.sent(number) for number in ("+14155550100", "+14155550101")]

    assert ended.status == WorkflowExecutionStatus.CONTINUED_AS_NEW
    assert len(history.events) < 6 * TAKES
    assert (last[0].outcome, refused[0].outcome) == ("reached", "exhausted")


async def fill(caps: Capped, count: int) -> str | None:
    """Counts so many recipients, as their sends would; the first run that counted them."""
    turn = asyncio.Semaphore(8)

    async def take(number: int) -> None:
        async with turn:
            asked = Take(key=f"filled {number}", most=count + 1)
            await caps.queue.client.execute_update_with_start_workflow(
                "take", asked, start_workflow_operation=caps.start_count("recipients")
            )

    await take(0)
    first = (await caps.count("recipients").describe()).run_id
    await asyncio.gather(*(take(number) for number in range(1, count)))
    return first


async def test_caps_hold_over_encrypted_counts(client: Client) -> None:
    secret = base64.b64encode(os.urandom(32)).decode()
    keys = data_converter(Keys.parse(f"one:{secret}"))
    encrypted = Client(**(client.config() | {"data_converter": keys}))

    async with capped(encrypted, recipients=1) as caps:
        results = await caps.sent("+14155550100", "+14155550101")
        history = (await caps.count("recipients").fetch_history()).to_json()

    assert refusals(results) == ["cap: 1 recipients an hour"]
    assert "taken" not in decoded(history)


def decoded(history: str) -> str:
    """With every value that is base64 as what it stands for."""
    found = re.findall(r'"(?:data|encoding)": "([A-Za-z0-9+/=]+)"', history)
    return "".join(base64.b64decode(value).decode(errors="replace") for value in found)


async def test_a_count_goes_over_to_a_new_version_while_messages_are_pinned(client: Client) -> None:
    name = f"caps-{os.urandom(4).hex()}"
    async with cap_worker(client, version(name, "1"), queue=name):
        await make_current(client, name, "1")
        await take(client, name, "first")
    async with cap_worker(await another(client), version(name, "2"), queue=name):
        await make_current(client, name, "2")
        await take(client, name, "first")
        with pytest.raises(WorkflowUpdateFailedError):
            await take(client, name, "second")


def version(name: str, build: str) -> WorkerDeploymentConfig:
    """As `workers/versioning.py` makes it for messages."""
    pinned = VersioningBehavior.PINNED
    return WorkerDeploymentConfig(WorkerDeploymentVersion(name, build), True, pinned)


async def make_current(client: Client, name: str, build: str) -> None:
    """Refused until its worker has asked for work."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace, deployment_name=name, build_id=build
    )
    async with asyncio.timeout(60):
        while True:
            try:
                await client.workflow_service.set_worker_deployment_current_version(request)
            except RPCError:
                await asyncio.sleep(0.1)
            else:
                return


async def take(client: Client, name: str, key: str) -> None:
    start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        "Cap",
        Counted(),
        id=name,
        task_queue=name,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    await client.execute_update_with_start_workflow(
        "take",
        Take(key=key, most=1),
        start_workflow_operation=start,
        rpc_timeout=timedelta(seconds=60),
    )


async def test_without_caps_a_send_asks_nobody(client: Client) -> None:
    async with capped(client) as caps:
        [result] = await caps.sent("+14155550100")

    assert result.outcome == "reached"
    with pytest.raises(RPCError):
        await caps.count("recipients").describe()


@pytest.mark.parametrize(
    ("number", "where"),
    [
        ("+447400123456", "GB"),
        ("+14155550100", "US"),
        ("+14165550100", "CA"),
        ("+881612345678", "001"),
        ("+15005550006", "US"),
        ("+99912345678", "ZZ"),
        ("nonsense", "ZZ"),
    ],
)
def test_a_number_has_a_country(number: str, where: str) -> None:
    assert country(number) == where


PUBLIC = PublicSettings.model_validate(
    {"public_base_url": "https://hooks.example.com", "address_key": "k" * 32}
)


def test_caps_are_off_unless_the_environment_sets_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert caps(PUBLIC) is None

    monkeypatch.setenv("CAP_SENDS_PER_COUNTRY_PER_HOUR", "100, US=5000,CU=0")
    assert caps(PUBLIC) is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CAP_RECIPIENTS_PER_HOUR", "0"),
        ("CAP_RECIPIENTS_PER_HOUR", "20001"),
        ("CAP_SENDS_PER_ADDRESS_PER_HOUR", "many"),
        ("CAP_SENDS_PER_COUNTRY_PER_HOUR", "US"),
        ("CAP_SENDS_PER_COUNTRY_PER_HOUR", "us=1"),
        ("CAP_SENDS_PER_COUNTRY_PER_HOUR", "100,,US=1"),
        ("CAP_SENDS_PER_COUNTRY_PER_HOUR", "99999"),
    ],
)
def test_a_cap_that_cannot_be_meant_is_named(
    name: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=f"^{name}: "):
        caps(PUBLIC)
