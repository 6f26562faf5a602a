"""The two that are compared: how a message of each is started. They are answered alike."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle

from benchmarks.floor import QUEUE, Floor
from benchmarks.floor_send import Ask, AskedStep
from benchmarks.sizes import Name
from failover.channels import Channel
from failover.content import Content
from failover.message import Message
from failover.names import MESSAGE_WORKFLOW
from failover.recipient import Recipient
from failover.start import start_options
from failover.step import Step

Handle = WorkflowHandle[Any, Any]
Steps = Sequence[tuple[Channel, timedelta]]
ANSWER = {"channel": "sms", "text": "Yes, I am at home."}
#: Each channel has a sender by Twilio.
CHANNELS = (Channel.SMS, Channel.WHATSAPP)
_PHONE, _TEXT = "+14155550100", "Your order comes today between 6 and 8 pm. Are you at home?"


@dataclass(frozen=True)
class Side:
    name: Name
    #: Of the stack: the worker that is measured.
    worker: str
    start: Callable[[Client, str, Steps], Awaitable[Handle]]


async def _start_floor(client: Client, id: str, steps: Steps) -> Handle:
    asked = [AskedStep(channel=channel, wait=wait) for channel, wait in steps]
    ask = Ask(id=id, phone=_PHONE, text=_TEXT, steps=asked)
    return await client.start_workflow(Floor.run, ask, id=f"floor-{id}", task_queue=QUEUE)


async def _start_message(client: Client, id: str, steps: Steps) -> Handle:
    message = Message(
        id=id,
        conversation=f"order-{id}",
        recipient=Recipient(id=f"customer-{id}", addresses={"phone": _PHONE}),
        content=Content(text=_TEXT),
        steps=tuple(Step(channel=channel, wait=wait) for channel, wait in steps),
    )
    return await client.start_workflow(MESSAGE_WORKFLOW, message, **start_options(message))


SIDES: Mapping[Name, Side] = {
    "floor": Side("floor", "benchmarks.floor_worker", _start_floor),
    "product": Side("product", "worker", _start_message),
}
