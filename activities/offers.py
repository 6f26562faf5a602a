"""Which providers this installation offers, per channel, the one to ask first in front."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator
from temporalio import activity

from activities.zones import zones_of
from failover.conversation import RULES
from failover.notify import Targets

OFFERS = "offers"

#: Puts the providers of a channel into the order in which to ask them.
Order = Callable[[str, Sequence[str]], Sequence[str]]


class Offered(BaseModel):
    """The answer, kept in the message's history, with the rules that the message goes by.

    A message ends by the rules it began with: histories of before there were any are by the first.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    channels: Mapping[str, Sequence[str]]
    rules: int = 1
    #: By step, the time zones that its number may be in; none where the region is not known.
    zones: Mapping[int, Sequence[str]] = {}
    #: Where services may be told.
    targets: Targets = Targets()

    @model_validator(mode="before")
    @classmethod
    def _as_first_recorded(cls, given: Any) -> Any:
        """The channels alone."""
        recorded = isinstance(given, dict) and "channels" not in given
        return {"channels": given} if recorded else given


class Wanted(BaseModel):
    """What a message asks besides: the zones of the phone numbers of its steps."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    numbers: Mapping[int, Sequence[str]] = {}


class Offers:
    """Asked when a message starts, and again when it comes to a step with a choice."""

    def __init__(
        self,
        by_channel: Mapping[str, Sequence[str]],
        order: Order = lambda _, names: names,
        targets: Targets = Targets(),  # noqa: B008
    ) -> None:
        self._by_channel = by_channel
        self._order = order
        self._targets = targets

    @activity.defn(name=OFFERS)
    async def offers(self, wanted: Wanted | None = None) -> Offered:
        channels = {
            channel: list(self._order(channel, names))
            for channel, names in self._by_channel.items()
        }
        numbers = wanted.numbers if wanted else {}
        zones = {step: zones_of(given) for step, given in numbers.items()}
        return Offered(channels=channels, rules=RULES, zones=zones, targets=self._targets)
