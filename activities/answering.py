"""Gives a reply to a message, as the signal that it is."""

from datetime import UTC, datetime

from temporalio.client import Client

from activities.finding import RPC_TIMEOUT, asked
from failover.events import OptOut, Reply, Response
from failover.names import Signal

#: Characters of an answer that a message takes; the workflow of the reply itself keeps them all.
MOST_TEXT = 20_000
_CUT = "\n[cut: this is the beginning of {length:,} characters]"


async def answer(client: Client, workflow: str, reply: Reply) -> bool:
    """Whether the message has it: not where it has ended. Raises `TemporalOutOfReach`."""
    name, payload = signal(reply)
    handle = client.get_workflow_handle(workflow)
    try:
        await asked(lambda: handle.signal(name, payload, rpc_timeout=RPC_TIMEOUT))
    except LookupError:
        return False
    return True


def signal(reply: Reply) -> tuple[Signal, Response | OptOut]:
    model, name = (OptOut, Signal.OPTED_OUT) if reply.stop else (Response, Signal.RESPONDED)
    told = reply.model_dump(include={*model.model_fields} - {"at", "text"})
    if reply.stop:
        told["remembered"] = remembered_at_once(reply)
    return name, model(**told, text=shortened(reply.text), at=aware(reply.at))


def remembered_at_once(reply: Reply) -> bool:
    """Whether it is an opt-out whatever it belongs to, so that no message has to decide."""
    return reply.stop and reply.certain and reply.person is not None


def shortened(text: str | None, most: int = MOST_TEXT) -> str | None:
    if text is None or len(text) <= most:
        return text
    mark = _CUT.format(length=len(text))
    return text[: most - len(mark)] + mark


def aware(at: datetime | None) -> datetime:
    """When it happened, else when it came."""
    if at is None:
        return datetime.now(UTC)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
