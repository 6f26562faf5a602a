"""One step of a message: a channel, and how long to wait there.

Workflow code: a rule here may become laxer but never stricter.
"""

from datetime import timedelta
from typing import Annotated

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from failover.channels import Channel, Goal
from failover.content import ChannelChanges, Content
from failover.faults import UNTOLD
from failover.fields import Asked, Id, Span, no_longer_than_a_year
from failover.recipient import Recipient, address_fault


def _kind_of_to(given: object) -> str:
    return "address" if isinstance(given, str) else "person"


To = Annotated[
    Annotated[str, Tag("address")] | Annotated[Recipient, Tag("person")],
    Discriminator(_kind_of_to),
]


def _kind_of_content(given: object) -> str:
    text = given.get("text") if isinstance(given, dict) else getattr(given, "text", None)
    return UNTOLD[text is None]


#: With a text it says all of it; without one it changes what it names.
StepContent = Annotated[
    Annotated[Content, Tag(UNTOLD[0])] | Annotated[ChannelChanges, Tag(UNTOLD[1])],
    Discriminator(_kind_of_content),
]


class Step(Asked):
    """One channel, the providers to try there in order, and how long to wait for the person."""

    channel: Channel
    wait: Span
    deliver_within: Span | None = None
    #: How long one provider may refuse connections or ask for patience before the next one's turn.
    send_within: Span = timedelta(minutes=1)
    providers: tuple[Id, ...] | None = Field(default=None, min_length=1, fail_fast=True)
    #: Another address, or another person: the branch, its manager, a team of agents.
    to: To | None = None
    #: How long an agent who has claimed the conversation may take over it.
    handle_within: Span = timedelta(days=1)
    until: Goal | None = None
    content: StepContent | None = None

    _bounded = field_validator("wait", "deliver_within", "send_within", "handle_within")(
        lambda wait: wait if wait is None else no_longer_than_a_year(wait)
    )

    @field_validator("providers")
    @classmethod
    def _providers_differ(cls, providers: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if providers and len(set(providers)) < len(providers):
            raise ValueError("a provider is named twice")
        return providers

    @model_validator(mode="after")
    def _to_fits_channel(self) -> "Step":
        if isinstance(self.to, str) and (fault := address_fault(self.channel, self.to)):
            raise ValueError(f"to: {fault}")
        return self
