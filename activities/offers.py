"""Which providers this installation offers, per channel, in order of preference."""

from collections.abc import Mapping, Sequence

from temporalio import activity

OFFERS = "offers"


class Offers:
    """Asked once when a message starts, so that its history keeps what was on offer."""

    def __init__(self, by_channel: Mapping[str, Sequence[str]]) -> None:
        self._by_channel = {channel: list(names) for channel, names in by_channel.items()}

    @activity.defn(name=OFFERS)
    async def offers(self) -> dict[str, list[str]]:
        return self._by_channel
