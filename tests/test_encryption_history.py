"""What Temporal keeps of encrypted messages, read as whoever holds its database would."""

import base64
import os
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RawValue
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

from failover.events import Failure, FailureClass
from failover.message import Message, parse_message
from providers.base import Accepted, Outbound, ProviderUnavailable, Refused, SendUnknown
from tests.conftest import time_skipping
from tests.fake_senders import FakeProvider, broken
from tests.plans import plan
from tests.running import Handle, Queue, last_is, serving, until
from workflows.encryption import Keys, data_converter

#: Everything about a person; the masks, too.
SECRETS = (
    *("+14155550123", "14155550123", "4155550123", "zebulon@example.com", "+1415•••0123"),
    *("Zebulon", "z•••@example.com", "parcel-words", "subject-words", "choice-words"),
    *("reply-words", "stop-words", "report-words", "refusal-words", "outage-words"),
    *("unknown-words", "bug-words", "invalid-words"),
)
PHONE, EMAIL = SECRETS[0], SECRETS[3]
ADDRESSES = {"phone": PHONE, "email": EMAIL}
#: What anyone can read who reads Temporal; docs/encryption.md lists it.
CLEAR = (
    *("message-order-", "order-1234", "cust-42", "MessageStatus", "responded", "reported"),
    *("opted_out", "send_whatsapp", "send_sms", "attempt-1", "failover", "InvalidMessage"),
    *("hashed-key", "acme", "exhausted", "cancel-words"),
)


def one_key(id: str = "2026") -> Keys:
    return Keys.parse(f"{id}:{base64.b64encode(os.urandom(32)).decode()}")


def asked(**overrides: Any) -> Message:
    return parse_message(private(**overrides))


def private(**overrides: Any) -> dict[str, Any]:
    return plan(
        recipient={"id": "cust-42", "name": "Zebulon", "addresses": ADDRESSES},
        content={
            "subject": "subject-words",
            "text": "parcel-words for Zebulon",
            "choices": [{"id": "yes", "label": "choice-words"}],
        },
        **overrides,
    )


def accept(_: Outbound) -> Accepted:
    return Accepted(provider_id="SM1", reply_keys=("hashed-key",))


def refuse(_: Outbound) -> Refused:
    detail = f"refusal-words to {PHONE}"
    return Refused(failure=Failure(kind=FailureClass.ADDRESS, code="1", detail=detail))


def outage(_: Outbound) -> Accepted:
    raise ProviderUnavailable(Failure(kind=FailureClass.PROVIDER, detail="outage-words"))


@workflow.defn(name="Message", sandboxed=False)
class Buggy:
    @workflow.run
    async def run(self, given: RawValue) -> None:
        raise ValueError(f"bug-words: {given.payload.data!r}")


async def replied(queue: Queue) -> Handle:
    handle = await queue.start(asked())
    await until(handle, last_is("accepted"))
    failure = {"class": "address", "detail": "report-words"}
    await handle.signal("reported", {"attempt": 1, "status": "failed", "failure": failure})
    await handle.signal("responded", {"channel": "sms", "text": "reply-words"})
    assert (await handle.result()).outcome == "responded"
    return handle


async def stopped(queue: Queue) -> Handle:
    handle = await queue.start(asked())
    await until(handle, last_is("accepted"))
    await handle.signal("opted_out", {"channel": "sms", "text": "stop-words"})
    assert (await handle.result()).outcome == "opted_out"
    return handle


async def cancelled(queue: Queue) -> Handle:
    handle = await queue.start(asked())
    await until(handle, last_is("accepted"))
    await handle.cancel(reason="cancel-words")
    with pytest.raises(WorkflowFailureError):
        await handle.result()
    return handle


async def failed(queue: Queue, acme: FakeProvider) -> Handle:
    """Refused, out of order, and of unknown outcome, one after the other."""
    acme.then("whatsapp", refuse)
    acme.then("sms", outage)
    acme.then("email", broken(SendUnknown(f"unknown-words to {EMAIL}")))
    steps = [
        {"channel": channel, "wait": 60, "send_within": "PT1S"}
        for channel in ("whatsapp", "sms", "email")
    ]
    handle = await queue.start(asked(steps=steps, on_unknown="next"))
    result = await handle.result()
    states = [attempt.state for attempt in result.attempts]
    assert states[:3] == ["refused", "unavailable", "unknown"]
    return handle


async def invalid(queue: Queue) -> Handle:
    given = private(steps=[{"channel": "fax invalid-words", "wait": 1}])
    started = await queue.client.start_workflow(
        "Message", given, id=f"message-{given['id']}", task_queue=queue.name
    )
    with pytest.raises(WorkflowFailureError):
        await started.result()
    return started


async def buggy(client: Client) -> Handle:
    """A fault of ours: the workflow task fails with the text in its words, again and again."""
    message = asked()
    async with Worker(client, task_queue="failover-buggy", workflows=[Buggy]):
        handle = await Queue(client, "failover-buggy", [], ()).start(message)
        async for event in handle.fetch_history_events(wait_new_event=True):
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                break
    await handle.terminate()
    return handle


async def stored(client: Client, handles: list[Handle]) -> bytes:
    """Histories and descriptions as they are on the wire, by a client that decodes nothing."""
    found = b""
    for handle in handles:
        run = client.get_workflow_handle(handle.id)
        async for one in run.fetch_history_events():
            found += one.SerializeToString()
        found += (await run.describe()).raw_description.SerializeToString()
    return found


def files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def seen(secrets: tuple[str, ...], where: bytes) -> list[str]:
    """Those to be found, as text or as JSON writes it."""
    shapes = {one: (one.encode(), one.encode("ascii", "backslashreplace")) for one in secrets}
    return [one for one, written in shapes.items() if any(shape in where for shape in written)]


@pytest.fixture(params=[True, False], ids=["with a key", "without"])
def keys(request: pytest.FixtureRequest) -> Keys:
    return one_key() if request.param else Keys()


async def test_what_is_kept_names_nobody_and_says_nothing(keys: Keys, tmp_path: Path) -> None:
    """Without keys all of it is found, so the looking works."""
    async with time_skipping(
        dev_server_database_filename=str(tmp_path / "temporal.db"),
        data_converter=data_converter(keys),
    ) as env:
        acme = FakeProvider()
        for channel in ("whatsapp", "sms", "email"):
            acme.then(channel, accept)
        async with serving(env.client, acme=acme) as queue:
            with env.with_time_skipping_disabled():
                handles = [await story(queue) for story in (replied, cancelled, invalid)]
                # Of an installation of its own, as nothing goes to this person after that.
                async with serving(env.client, acme=acme) as other:
                    handles += [await stopped(other)]
            handles += [await failed(queue, acme), await buggy(env.client)]
        plain = await env.connect_client(
            data_converter=pydantic_data_converter,
        )
        kept = await stored(plain, handles)
        on_disk = files(tmp_path)

    found = [] if keys else list(SECRETS)
    assert seen(SECRETS, kept) == found
    assert seen(SECRETS, on_disk) == found
    assert set(seen(CLEAR, kept)) == set(CLEAR)
