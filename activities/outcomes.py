"""What goes between a message and its sends: what is asked, and what comes of it."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from providers.base import Accepted, Outbound, Refused

#: A worker that is not heard of for so long is taken for dead.
HEARTBEAT = timedelta(seconds=10)
CONFIRM = "confirm_send"
UNAVAILABLE = "ProviderUnavailable"
UNKNOWN = "SendUnknown"


class SteppedBack(BaseModel):
    """Not sent: something reached the workflow after it had decided on this send."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["stepped_back"] = "stepped_back"


SendResult = Annotated[Accepted | Refused | SteppedBack, Field(discriminator="kind")]


class Doubt(BaseModel):
    """A send of unknown outcome, to be looked up at the provider."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    outbound: Outbound
    since: datetime


class LookUp(BaseModel):
    """What the provider knows of it. `possible` is False where it cannot be asked."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    found: Accepted | None = None
    possible: bool = True
