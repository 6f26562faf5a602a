"""Records a history of each way a message can go: `python -m tests.record_histories`.

They are replayed against the code of today by test_replay.py. Never record an existing one anew to
make that test pass: what it holds is what messages under way at our users will meet. Add new ones.
"""

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowFailureError, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from activities.opt_outs import Said, remember, take_back
from failover.conversation import RULES
from failover.events import FailureClass, Reply
from failover.names import INBOUND_WORKFLOW, inbound_id, message_id, opt_out_id
from providers.base import Accepted, SendUnknown
from tests import tales_of_answers
from tests.conftest import time_skipping
from tests.fake_senders import FakeProvider, broken, refuse, unavailable
from tests.plans import PHONE, message
from tests.running import Handle, Queue, last_is, serving, until

FOLDER = Path(__file__).parent / "histories"
#: Not of a message: it runs for years, on the code of the day.
OPT_OUT = FOLDER / "opt_out" / "said_and_taken_back.json"

Tale = Callable[[WorkflowEnvironment, Queue, FakeProvider], Awaitable[Handle]]


async def begun(env: WorkflowEnvironment, queue: Queue, **plan: object) -> Handle:
    with env.with_time_skipping_disabled():
        handle = await queue.start(message(**plan))
    await until(handle, last_is("accepted"))
    return handle


async def responded(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    handle = await begun(env, queue)
    await env.fast_forward(handle, timedelta(minutes=31))
    await until(handle, lambda result: len(result.attempts) == 2)
    await handle.signal("reported", {"attempt": 2, "status": "delivered", "event_id": "e1"})
    await handle.signal("responded", {"channel": "whatsapp", "text": "yes"})
    return handle


async def reached(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    handle = await begun(env, queue, until="delivered")
    await handle.signal("reported", {"attempt": 1, "status": "delivered"})
    return handle


async def exhausted(env: WorkflowEnvironment, queue: Queue, acme: FakeProvider) -> Handle:
    acme.then("whatsapp", refuse(FailureClass.ACCOUNT))
    acme.then("email", unavailable(timedelta(hours=1)))
    return await queue.start(message())


async def expired(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    soon = datetime.now(UTC) + timedelta(minutes=40)
    return await queue.start(message(deadline=soon.isoformat()))


async def opted_out(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    handle = await begun(env, queue)
    await handle.signal("opted_out", {"channel": "sms", "text": "STOP"})
    return handle


async def unknown_then_found(env: WorkflowEnvironment, queue: Queue, acme: FakeProvider) -> Handle:
    acme.then("whatsapp", broken(SendUnknown("dropped")))
    acme.found = Accepted(provider_id="WA1", reply_keys=("key",))
    return await queue.start(message())


async def unknown_to_the_end(env: WorkflowEnvironment, queue: Queue, acme: FakeProvider) -> Handle:
    acme.then("sms", broken(SendUnknown("dropped")))
    return await queue.start(message(steps=[{"channel": "sms", "wait": 60}]))


async def refused_then_skipped(
    env: WorkflowEnvironment, queue: Queue, acme: FakeProvider
) -> Handle:
    acme.then("whatsapp", refuse(FailureClass.ADDRESS))
    handle = await begun(env, queue, recipient={"addresses": {"phone": "+14155550100"}})
    await handle.signal("skip")
    return handle


async def cancelled(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    handle = await begun(env, queue)
    await handle.cancel()
    return handle


async def invalid(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    return await env.client.start_workflow(
        "Message", {"id": "nothing"}, id=f"message-{queue.name}", task_queue=queue.name
    )


async def skipped_later(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    handle = await begun(env, queue)
    await env.fast_forward(handle, timedelta(minutes=31))
    await until(handle, lambda result: len(result.attempts) == 2)
    await handle.signal("skip")
    await until(handle, lambda result: len(result.attempts) == 3)
    await env.fast_forward(handle, timedelta(hours=3))
    return handle


async def proved_while_unknown(
    env: WorkflowEnvironment, queue: Queue, acme: FakeProvider
) -> Handle:
    acme.then("whatsapp", broken(SendUnknown("dropped")))
    with env.with_time_skipping_disabled():
        handle = await queue.start(message())
    await until(handle, last_is("unknown"))
    await handle.signal("reported", {"attempt": 1, "status": "sent", "provider_id": "WA1"})
    await until(handle, last_is("sent"))
    await handle.signal("responded", {"channel": "whatsapp", "text": "no"})
    return handle


async def left_an_address(env: WorkflowEnvironment, queue: Queue, _: FakeProvider) -> Handle:
    """A stop that leaves email, remembered while the message goes on."""
    handle = await begun(env, queue, on_opt_out="skip_channel")
    await handle.signal("opted_out", {"channel": "sms", "text": "quit"})
    await until(handle, lambda result: result.attempts[-1].channel == "email")
    await handle.signal("responded", {"channel": "email", "text": "yes"})
    return handle


async def stop_word_that_was_offered(
    env: WorkflowEnvironment, queue: Queue, _: FakeProvider
) -> Handle:
    choices = [{"id": "keep", "label": "Keep it"}, {"id": "cancel", "label": "Cancel"}]
    handle = await begun(env, queue, content={"text": "Keep it?", "choices": choices})
    await handle.signal("opted_out", {"channel": "whatsapp", "text": "Cancel"})
    return handle


async def refused_since_the_person_said_stop(
    env: WorkflowEnvironment, queue: Queue, acme: FakeProvider
) -> Handle:
    acme.then("whatsapp", refuse(FailureClass.OPT_OUT, "63014"))
    return await queue.start(message())


async def said_and_taken_back(env: WorkflowEnvironment, queue: Queue) -> Handle:
    """An opt-out: looked for open messages three times, said again, and taken back."""
    person, said = queue.opt_outs.key(PHONE), Said(channel="sms", provider="twilio")
    handle = env.client.get_workflow_handle(opt_out_id(person))
    with env.with_time_skipping_disabled():
        await remember(env.client, person, said, queue=queue.opt_outs.queue)
    await env.fast_forward(handle, timedelta(minutes=6))
    await remember(env.client, person, said, queue=queue.opt_outs.queue)
    await take_back(env.client, person)
    return handle


async def kept_for_an_operator(env: WorkflowEnvironment, queue: Queue) -> Handle:
    """What a stranger wrote, looked up for ten minutes, and seen to."""
    handle = await inbound(env, queue, keys=("nobody's",))
    await env.fast_forward(handle, timedelta(minutes=11))
    await handle.signal("done")
    return handle


async def came_late(env: WorkflowEnvironment, queue: Queue) -> Handle:
    """An answer to a message that has ended."""
    asked = await queue.start(message(until="accepted"))
    await asked.result()
    return await inbound(env, queue, reference=f"{message_id(asked.id)}.1")


async def inbound(env: WorkflowEnvironment, queue: Queue, **more: Any) -> Handle:
    given = {"channel": "sms", "provider": "twilio", "provider_id": "SM1", "text": "Yes", **more}
    reply = Reply.model_validate({**given, "at": datetime.now(UTC)})
    with env.with_time_skipping_disabled():
        return await env.client.start_workflow(
            INBOUND_WORKFLOW,
            reply,
            id=inbound_id("twilio", queue.name),
            task_queue=queue.opt_outs.queue,
        )


#: Of what stands beside messages, each in a folder of its own.
BESIDE = {
    OPT_OUT: said_and_taken_back,
    FOLDER / "inbound" / "kept_for_an_operator.json": kept_for_an_operator,
    FOLDER / "inbound" / "came_late.json": came_late,
}

TALES: tuple[Tale, ...] = (
    left_an_address,
    stop_word_that_was_offered,
    refused_since_the_person_said_stop,
    skipped_later,
    proved_while_unknown,
    responded,
    reached,
    exhausted,
    expired,
    opted_out,
    unknown_then_found,
    unknown_to_the_end,
    refused_then_skipped,
    cancelled,
    invalid,
    *tales_of_answers.TALES,
)


async def record(env: WorkflowEnvironment, tale: Tale) -> None:
    acme = FakeProvider()
    async with serving(env.client, acme=acme) as queue:
        handle = await tale(env, queue, acme)
        with suppress(WorkflowFailureError):
            await handle.result()
        write(await handle.fetch_history(), path_of(tale))


async def record_beside(env: WorkflowEnvironment, path: Path) -> None:
    async with serving(env.client, acme=FakeProvider()) as queue:
        handle = await BESIDE[path](env, queue)
        await handle.result()
        write(await handle.fetch_history(), path)


def write(history: WorkflowHistory, path: Path) -> None:
    told = json.dumps(without_stack_traces(history.to_json_dict()), indent=1, ensure_ascii=False)
    text = re.sub(r"\d+@[\w.-]+", "recorder", told)  # a worker's process and host
    path.parent.mkdir(exist_ok=True)
    path.write_text(text + "\n")


def path_of(tale: Tale) -> Path:
    """One for each of the rules that messages have begun with; of the first the name is bare."""
    return FOLDER / f"{tale.__name__}.rules-{RULES}.json"


def without_stack_traces(part: Any) -> Any:
    """They hold the paths of the machine that recorded them."""
    if isinstance(part, list):
        return [without_stack_traces(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        name: without_stack_traces(value) for name, value in part.items() if name != "stackTrace"
    }


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    async with time_skipping(data_converter=pydantic_data_converter) as env:
        for tale in TALES:
            if not path_of(tale).exists():
                await record(env, tale)
        for path in BESIDE:
            if not path.exists():
                await record_beside(env, path)


if __name__ == "__main__":
    asyncio.run(main())
    # Temporal's client can crash the interpreter at a normal exit (sdk-python#300).
    os._exit(0)
