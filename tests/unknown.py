"""Sends of unknown outcome: who makes them, how they come about, and what was seen of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.world import Addresses, Asked, World, eventually

#: Seconds; a read timeout takes as long. Long enough for every other answer on a busy machine.
TIMEOUT = 6
PATIENT = {f"{provider}_TIMEOUT": str(TIMEOUT) for provider in ("TWILIO", "VONAGE", "SENDGRID")}
#: Seconds before each look-up.
EVIDENCE = 1
#: Longer than any test: nothing moves on because a person does not answer.
WAIT = 120


Step = dict[str, Any]


@dataclass(frozen=True)
class Offer:
    provider: str
    channel: str

    def __str__(self) -> str:
        return f"{self.provider} {self.channel}"

    @property
    def copy(self) -> str:
        return f"{self.channel} by {self.provider}"

    @property
    def step(self) -> Step:
        return {"channel": self.channel, "providers": [self.provider], "wait": WAIT}

    @property
    def other(self) -> "Offer":
        """The step after it: another channel by another provider."""
        return SMS if self.channel == "email" else EMAIL


SMS, EMAIL = Offer("twilio", "sms"), Offer("sendgrid", "email")
OFFERS = (
    SMS,
    Offer("twilio", "whatsapp"),
    Offer("twilio", "voice"),
    Offer("vonage", "sms"),
    Offer("vonage", "whatsapp"),
    Offer("vonage", "voice"),
    EMAIL,
)
#: These go by the same requests, look-ups and callbacks as the provider's other channels: what
#: differs is the address and what is said. They are held to one row.
ALIKE = (
    Offer("twilio", "mms"),
    Offer("twilio", "rcs"),
    Offer("twilio", "messenger"),
    Offer("vonage", "mms"),
    Offer("vonage", "viber"),
    Offer("vonage", "rcs"),
    Offer("vonage", "messenger"),
)
PROVIDERS = (SMS, Offer("vonage", "sms"), EMAIL)


@dataclass(frozen=True)
class Row:
    """One way to lose the answer: the simulator's script where it took the send, and where not."""

    name: str
    taken: str
    not_taken: str

    def __str__(self) -> str:
        return self.name


DROPPED = Row("connection dropped", "drop_after_accept", "drop")
ROWS = (
    Row("read timeout", "hang_after_accept", "hang"),
    DROPPED,
    Row("5xx", "error_after_accept", "error"),
    Row("2xx with a bad body", "bad_body", "bad_body_not_taken"),
)


async def set_look_ups(world: World, do: str | None) -> None:
    """Look-ups fail or hang for a whole provider, and here for all; None mends them."""
    for offer in PROVIDERS:
        await world.outage(offer.provider, do)


async def ask(
    world: World, offer: Offer, do: str, *then: Step, script: Mapping[str, Any] = {}, **more: Any
) -> Asked:
    """A message whose first send, and no other, goes wrong; accepted is all that it wants."""
    person = Addresses()
    to = person.on(offer.channel)
    await world.script(
        to=to, channel=offer.channel, provider=offer.provider, do=do, times=1, **script
    )
    given = {"until": "accepted", "evidence_within": EVIDENCE, **more}
    return await world.ask(offer.step, *then, of=person, **given)


async def report(world: World, asked: Asked, offer: Offer) -> None:
    """The provider's callbacks come now: held ones are released, and a call is taken and ended."""
    item = await asked.reached(offer.channel)
    acts = ("answer", "hangup") if offer.channel == "voice" else ("release",)
    for act in acts:
        path = f"/simulator/messages/{item['id']}/{act}"

        async def done(path: str = path) -> int:
            return (await world.http.post(path)).status_code

        await eventually(done, lambda status: [status] if status == 200 else [])
