"""The service: asks for messages until Temporal has acknowledged them, and cancels some."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from failover.message import parse_message
from failover.names import MESSAGE_WORKFLOW, workflow_id
from failover.start import start_options
from faults.plan import Person
from faults.record import Asked

RPC_TIMEOUT = timedelta(seconds=5)
_PAUSE = 0.3

T = TypeVar("T")


async def ask(
    client: Client, http: httpx.AsyncClient, person: Person, note: Callable[[Asked], None]
) -> None:
    """One message, from the scripts for its person to the end of what its service does."""
    for script in person.scripts:
        to = person.email if script["channel"] == "email" else person.phone
        answer = await http.post("/simulator/scripts", json={**script, "to": to})
        answer.raise_for_status()
    given = person.message(datetime.now(UTC))
    for _ in range(2 if person.twice else 1):
        await insist(lambda: _start(client, given))
    asked = Asked(id=person.id, acknowledged=datetime.now(UTC), message=given)
    note(asked)
    if person.cancel is not None:
        await asyncio.sleep(person.cancel)
        if await insist(lambda: _cancel(client, person.id)):
            note(asked.model_copy(update={"cancelled": datetime.now(UTC)}))


async def insist(call: Callable[[], Awaitable[T]]) -> T:
    """Until Temporal answers; it is killed and started again every now and then."""
    while True:
        try:
            return await call()
        except RPCError as error:
            if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.INVALID_ARGUMENT):
                raise
            await asyncio.sleep(_PAUSE)


async def _start(client: Client, given: dict[str, object]) -> None:
    message = parse_message(given)
    options = start_options(message)
    try:
        await client.start_workflow(MESSAGE_WORKFLOW, message, rpc_timeout=RPC_TIMEOUT, **options)
    except WorkflowAlreadyStartedError:
        return


async def _cancel(client: Client, id: str) -> bool:
    """False when the message had ended before."""
    try:
        await client.get_workflow_handle(workflow_id(id)).cancel(rpc_timeout=RPC_TIMEOUT)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True
