"""What the floor is given, and its one activity: the same request by the same sender as ours."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel
from temporalio import activity

from failover.channels import Channel
from failover.content import Content
from providers.base import Accepted, Outbound, Sender


class AskedStep(BaseModel):
    channel: Channel
    wait: timedelta


class Ask(BaseModel):
    id: str
    phone: str
    text: str
    steps: list[AskedStep]


class Answer(BaseModel):
    channel: str
    text: str


class Ended(BaseModel):
    sent: list[str]
    answer: Answer | None


class Sending(BaseModel):
    reference: str
    channel: Channel
    to: str
    text: str


class Sends:
    def __init__(self, senders: Mapping[Channel, Sender]) -> None:
        self._senders = senders

    @activity.defn
    def send(self, sending: Sending) -> str:
        outbound = Outbound(
            reference=sending.reference,
            channel=sending.channel,
            provider="twilio",
            to=sending.to,
            content=Content(text=sending.text),
            valid_for=timedelta(hours=1),
        )
        match self._senders[sending.channel].send(outbound):
            case Accepted(provider_id=str(sid)):
                return sid
            case other:
                raise AssertionError(f"the stand-in took it not: {other}")
