"""Which providers this installation offers, per channel, the one to ask first in front."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from temporalio import activity

from activities.checking import check
from activities.planned import Installed
from activities.rendering import AT_ONCE, Rendered, has_templates
from activities.zones import zones_of
from failover.conversation import RULES
from failover.message import Message
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
    #: What is wrong with the message here, if it was asked about one; no field's value is in it.
    faults: Sequence[str] = ()
    #: The texts that were templates: a replay takes these, and renders nothing again.
    said: Sequence[Rendered] = Field(default=(), exclude_if=lambda said: not said)

    @model_validator(mode="before")
    @classmethod
    def _as_first_recorded(cls, given: Any) -> Any:
        """The channels alone."""
        recorded = isinstance(given, dict) and "channels" not in given
        return {"channels": given} if recorded else given


class Wanted(BaseModel):
    """What a message asks besides: the zones of the phone numbers of its steps.

    One that begins asks as well whether it can be sent as it is planned.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    numbers: Mapping[int, Sequence[str]] = {}
    message: Message | None = None


class Offers:
    """Asked when a message starts, and again when it comes to a step with a choice."""

    def __init__(self, by: Installed, order: Order = lambda _, names: names) -> None:
        self._by, self._order = by, order
        self._templates = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="templates")

    @activity.defn(name=OFFERS)
    async def offers(self, wanted: Wanted | None = None) -> Offered:
        channels = {
            channel: list(self._order(channel, names)) for channel, names in self._by.offers.items()
        }
        numbers = wanted.numbers if wanted else {}
        zones = {step: zones_of(given) for step, given in numbers.items()}
        said, faults = await self._looked_at(wanted.message) if wanted else ((), ())
        return Offered(
            channels=channels,
            rules=RULES,
            zones=zones,
            targets=self._by.targets,
            faults=faults,
            said=said,
        )

    async def _looked_at(self, message: Message | None) -> tuple[Sequence[Rendered], Sequence[str]]:
        """What it says, and what is wrong with it."""
        if message is None:
            return (), ()
        # Templates can take seconds: nothing but other templates has to wait for them.
        threads = self._templates if has_templates(message) else None
        looking = asyncio.get_running_loop().run_in_executor(threads, check, message, self._by)
        found = await looking
        return found.said, found.faults
