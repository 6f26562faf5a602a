"""What the page of a link reads from a message's history, with a worker alive or not."""

from collections.abc import Iterator
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from activities.finding import TemporalOutOfReach
from failover.attempts import Outcome
from failover.events import FailureClass
from failover.message import Message
from tests.fake_senders import FakeProvider, refuse
from tests.plans import PHONE, message, plan
from tests.running import Handle, last_is, serving, until
from tests.test_encryption_workers import NEW, with_keys
from webhooks.pages.record import Asked, TemporalRecord

SMS = {"channel": "sms", "wait": "PT20M"}
EMAIL = {"channel": "email", "wait": "PT2H"}
BRANCH = {"id": "branch-1", "locale": "de", "addresses": {"email": "branch@example.com"}}
QUESTION = {"text": "Kann jemand hinfahren?", "choices": [{"id": "go", "label": "Ja"}]}


@pytest.fixture
def acme() -> FakeProvider:
    return FakeProvider()


@pytest.fixture(autouse=True)
def still(env: WorkflowEnvironment) -> Iterator[None]:
    with env.with_time_skipping_disabled():
        yield


async def look(client: Client, asked: Message, attempt: int = 1) -> Asked:
    found = await TemporalRecord(client).look(asked.id, attempt)
    assert found is not None
    return found


async def started(
    client: Client, acme: FakeProvider, asked: Message, state: str = "accepted"
) -> Handle:
    """Sent, with no worker left."""
    async with serving(client, acme=acme) as queue:
        handle = await queue.start(asked)
        await until(handle, last_is(state))
    return handle


async def test_a_question_is_what_was_sent(client: Client, acme: FakeProvider) -> None:
    acme.then("sms", refuse(FailureClass.ADDRESS))
    asked = message(steps=[SMS, {**EMAIL, "to": BRANCH, "content": QUESTION}])
    async with serving(client, acme=acme) as queue:
        await until(await queue.start(asked), lambda known: len(known.attempts) == 2)
        await until(client.get_workflow_handle(f"message-{asked.id}"), last_is("accepted"))

    first, second = await look(client, asked), await look(client, asked, 2)
    assert (first.content, first.channel, first.to) == (asked.content, "sms", PHONE)
    assert (second.content.text, second.locale) == (QUESTION["text"], "de")
    assert (second.channel, second.to) == ("email", "branch@example.com")
    assert first.among_others
    assert second.among_others
    assert [first.ended, second.ended] == [False, False]


async def test_a_person_alone_is_not_among_others(client: Client, acme: FakeProvider) -> None:
    asked = message(steps=[{**SMS, "to": "+14155550199"}])
    await started(client, acme, asked)

    assert not (await look(client, asked)).among_others


@pytest.mark.parametrize("said", [{"choice": "yes"}, {"choice": "no", "text": "No"}], ids=str)
async def test_an_answer_counts_before_any_worker_has_heard_it(
    client: Client, acme: FakeProvider, said: dict[str, str]
) -> None:
    asked = message(steps=[SMS])
    handle = await started(client, acme, asked)
    await handle.signal("responded", {"channel": "sms", **said})

    found = await look(client, asked)
    assert [(given.choice, given.counts) for given in found.answers] == [(said["choice"], True)]
    assert not found.ended


@pytest.mark.parametrize(
    "said",
    [
        {"channel": "sms", "text": "Who is it?"},
        {"channel": "sms", "choice": "maybe"},
        {"channel": "sms", "text": "?", "counts": True, "agent": "Kim"},
        {"no": "channel"},
        "nonsense",
        None,
    ],
    ids=str,
)
async def test_what_is_no_plain_answer_does_not_count_yet(
    client: Client, acme: FakeProvider, said: Any
) -> None:
    asked = message(steps=[SMS])
    handle = await started(client, acme, asked)
    await handle.signal("responded", said)

    found = await look(client, asked)
    assert not any(given.counts or given.agent for given in found.answers)


async def test_any_text_counts_where_no_choices_were_offered(
    client: Client, acme: FakeProvider
) -> None:
    asked = message(steps=[SMS], content={"text": "Where should it go?"})
    handle = await started(client, acme, asked)
    await handle.signal("responded", {"channel": "sms", "text": "To the neighbour"})

    assert [given.counts for given in (await look(client, asked)).answers] == [True]


async def test_after_the_end_it_has_what_the_message_made_of_it(
    client: Client, acme: FakeProvider
) -> None:
    asked = message(steps=[SMS])
    async with serving(client, acme=acme) as queue:
        handle = await queue.start(asked)
        await until(handle, last_is("accepted"))
        await handle.signal("responded", {"channel": "whatsapp", "text": "yes!"})
        await handle.result()

    found = await look(client, asked)
    assert (found.ended, found.outcome) == (True, Outcome.RESPONDED)
    assert [(given.choice, given.counts) for given in found.answers] == [("yes", True)]


async def test_a_cancelled_message_has_ended(client: Client, acme: FakeProvider) -> None:
    asked = message(steps=[SMS])
    handle = await started(client, acme, asked)
    await handle.terminate()

    found = await look(client, asked)
    assert (found.ended, found.outcome, list(found.answers)) == (True, None, [])


async def test_a_question_asked_again_is_the_question(client: Client, acme: FakeProvider) -> None:
    asked = message(steps=[SMS], content={**plan()["content"], "on_other": "ask_again"})
    async with serving(client, acme=acme) as queue:
        handle = await queue.start(asked)
        await until(handle, last_is("accepted"))
        await handle.signal("responded", {"channel": "sms", "text": "Who is it?"})
        await until(handle, lambda known: len(known.attempts) == 2)
        await until(handle, last_is("accepted"))

    assert acme.sent[1].content.text != asked.content.text
    again = await look(client, asked, 2)
    assert again.content == asked.content
    assert not any(given.counts for given in again.answers)


@pytest.mark.parametrize(("id", "attempt"), [("order-none", 1), (None, 9)], ids=["message", "send"])
async def test_what_is_not_known_is_none(
    client: Client, acme: FakeProvider, id: str | None, attempt: int
) -> None:
    asked = message(steps=[SMS])
    await started(client, acme, asked)

    assert await TemporalRecord(client).look(id or asked.id, attempt) is None


async def test_it_reads_what_is_encrypted(client: Client, acme: FakeProvider) -> None:
    mine, asked = with_keys(client, NEW), message(steps=[SMS])
    handle = await started(mine, acme, asked)
    await handle.signal("responded", {"channel": "sms", "choice": "yes"})

    found = await look(mine, asked)
    assert found.content == asked.content
    assert [given.choice for given in found.answers] == ["yes"]


async def test_temporal_out_of_reach_is_said_so() -> None:
    nobody = await Client.connect("127.0.0.1:9", lazy=True, data_converter=pydantic_data_converter)

    with pytest.raises(TemporalOutOfReach):
        await TemporalRecord(nobody, patience=0.5).look("order-1", 1)
