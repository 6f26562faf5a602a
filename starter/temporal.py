"""Reach Temporal for one verb, and say in an operator's words why that fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionDescription
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError, RPCStatusCode

from failover.names import message_id, workflow_id
from providers.settings import ConfigurationError
from starter.errors import NotDone, one_line
from starter.screen import Screen
from workflows.client import connect
from workflows.encryption import CannotDecrypt

PATIENCE = timedelta(seconds=5)
#: How a call ends when nobody says what became of it.
SILENCE = frozenset(
    {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED}
)


def perform(verb: Callable[[Client, Screen], Awaitable[int]]) -> int:
    """Connect, do it, and return its exit code."""

    async def connected() -> int:
        async with temporal() as client:
            return await verb(client, Screen())

    return asyncio.run(connected())


@asynccontextmanager
async def temporal() -> AsyncIterator[Client]:
    """A client; Temporal's refusals inside come out as `NotDone`."""
    target = "Temporal"
    try:
        target = ClientConfig.load_client_connect_config().get("target_host", "localhost:7233")
        async with asyncio.timeout(PATIENCE.total_seconds()):
            client = await connect()
    except TimeoutError:
        raise NotDone(_unreachable(target)) from None
    except ConfigurationError as error:
        raise NotDone(str(error)) from None
    except Exception as error:
        raise NotDone(_no_connection(target, str(error))) from None
    try:
        yield client
    except RPCError as error:
        raise NotDone(in_words(error, target, client.namespace)) from None
    except CannotDecrypt as error:
        raise NotDone(str(error)) from None


async def describe(client: Client, id: str) -> WorkflowExecutionDescription:
    """What Temporal itself knows of this message. Raises `NotDone` when there is none."""
    try:
        handle = client.get_workflow_handle(workflow_id(id))
        return await handle.describe(rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND or _lacks_namespace(error):
            raise
        hint = "" if (bare := message_id(id)) == id else f"; try {bare}, without message-"
        raise NotDone(f"{id}: there is no such message in {client.namespace!r}{hint}") from None


def in_words(error: RPCError, target: str, namespace: str) -> str:
    """One line about a refusal: what it is, and which setting to look at."""
    said = one_line(error.message)
    match error.status:
        case silent if silent in SILENCE:
            return _unreachable(target)
        case RPCStatusCode.PERMISSION_DENIED | RPCStatusCode.UNAUTHENTICATED:
            return _no_permission(target, said)
        case RPCStatusCode.RESOURCE_EXHAUSTED:
            return f"Temporal at {target} is busy: {said}; try again in a moment"
        case RPCStatusCode.INVALID_ARGUMENT if "invalid search attribute" in said:
            lacking = said.rpartition(":")[2].strip()
            return (
                f"Temporal at {target} has no search attribute {lacking}; "
                "a worker registers it when it starts"
            )
    if _lacks_namespace(error):
        return f"Temporal at {target} has no namespace {namespace!r} (TEMPORAL_NAMESPACE)"
    return f"Temporal at {target} refused: {said}"


def _lacks_namespace(error: RPCError) -> bool:
    return error.status == RPCStatusCode.NOT_FOUND and error.message.startswith("Namespace ")


def _no_connection(target: str, said: str) -> str:
    if "PermissionDenied" in said or "Unauthenticated" in said:
        return _no_permission(target, "it refused to talk to us")
    if "call error after connection" in said:
        return f"{target} answers, but not as Temporal does (TEMPORAL_ADDRESS)"
    if "InvalidContentType" in said or "Certificate" in said or "HandshakeFailure" in said:
        return f"TLS with Temporal at {target} fails; look at TEMPORAL_TLS and TEMPORAL_API_KEY"
    if "Failed client connect" in said:
        return _unreachable(target)
    return f"Temporal's settings do not hold: {one_line(said)} (TEMPORAL_*)"


def _unreachable(target: str) -> str:
    return f"Temporal does not answer at {target}; is it running? (TEMPORAL_ADDRESS)"


def _no_permission(target: str, said: str) -> str:
    return (
        f"Temporal at {target} does not permit this: {said} (TEMPORAL_API_KEY, TEMPORAL_NAMESPACE)"
    )
