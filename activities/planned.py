"""The steps of a message with those who would send them, and what each of them can do with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from failover.capabilities import REPORTS
from failover.channels import PHONE_CHANNELS, Channel, Goal
from failover.content import Content
from failover.message import Message
from failover.names import reference
from failover.notify import Targets
from failover.recipient import Recipient
from failover.step import Step
from providers.base import Outbound
from providers.capabilities import Carries, carries
from providers.links import Links

#: Links as short as there can be, for where it is not known who is to make them.
SHORTEST = Links(secret="", base_url="http://x")

#: Why an installation does not hear of a goal, by channel and provider.
Unheard = Mapping[tuple[str, str], Mapping[Goal, str]]


@dataclass(frozen=True)
class Installed:
    """What an installation sends by, hears of, and tells services by."""

    #: Per channel the providers, the one to ask first in front.
    offers: Mapping[str, Sequence[str]]
    targets: Targets = field(default_factory=Targets)
    unheard: Unheard = field(default_factory=dict)
    links: Links = SHORTEST


#: What one provider of a step is known to be able to do; None where nothing is known.
Ways = Mapping[str, Carries | None]


@dataclass(frozen=True)
class Planned:
    """A step with those who may send it, in the order in which they are asked."""

    number: int
    step: Step
    message: Message
    #: With its templates rendered.
    content: Content
    ways: Ways
    by: Installed

    @property
    def address_field(self) -> str:
        if isinstance(self.step.to, str):
            return f"steps.{self.number}.to"
        to = isinstance(self.step.to, Recipient)
        where = f"steps.{self.number}.to.addresses" if to else "recipient.addresses"
        known = self.message.person(self.step).addresses
        by_phone = self.step.channel not in known and self.step.channel in PHONE_CHANNELS
        return f"{where}.{'phone' if by_phone else self.step.channel}"

    @property
    def goal(self) -> Goal:
        return self.message.goal(self.step)

    @property
    def goal_field(self) -> str:
        return f"steps.{self.number}.until" if self.step.until else "until"

    def place(self, field: str) -> str:
        """Where the message says this field of the content."""
        name, dot, deeper = field.partition(".")
        return f"{self.message.place(self.number, name)}{dot}{deeper}"

    def takes_address(self, way: Carries | None) -> bool:
        address = self.message.address(self.step)
        return way is None or address is None or way.address.fits(address)

    @property
    def fit(self) -> Ways:
        """Those who take the address: people of either kind of push are served by one plan."""
        return {name: way for name, way in self.ways.items() if self.takes_address(way)}

    def holds_text(self, way: Carries) -> bool:
        # A template that could not be rendered is at fault already.
        return self.content.liquid or way.holds(self.outbound(way.provider), self.by.links)

    @property
    def in_text(self) -> "Planned":
        """As it goes within the 24 hours of WhatsApp (`failover.windows`)."""
        return replace(self, content=self.content.model_copy(update={"template": None}))

    def outbound(self, provider: str) -> Outbound:
        """Its first send, with the links that belong to it; those after it are no shorter."""
        person, address = self.message.person(self.step), self.message.address(self.step)
        assert address
        send = Outbound(
            reference=reference(self.message.id, 1),
            channel=self.step.channel,
            provider=provider,
            to=address,
            content=self.content,
            valid_for=self.step.wait,
            name=person.name,
            locale=person.locale,
        )
        return self.by.links.put_into(send)

    @property
    def asked_first(self) -> str | None:
        return next(iter(self.fit), None)

    @property
    def silent(self) -> dict[str, str]:
        """The providers by whom nobody hears of the goal, with what this installation lacks.

        An answer has more ways to come than by the provider.
        """
        lacks = {name: self.lacks(name, self.goal) for name in self.fit}
        may = {
            name: way.reports if way else REPORTS[self.step.channel]
            for name, way in self.fit.items()
        }
        return {
            name: why
            for name, why in lacks.items()
            if self.goal not in may[name] or (why and self.goal != Goal.REPLIED)
        }

    def lacks(self, provider: str, goal: Goal) -> str:
        """Why this installation does not hear of it; nothing where it does."""
        return self.by.unheard.get((self.step.channel, provider), {}).get(goal, "")


def planned(
    message: Message, filled: Message, by: Installed, faults: list[str]
) -> Iterator[Planned]:
    """The steps that have somebody to send them."""
    for number, step in enumerate(message.steps):
        if step.channel == Channel.AGENT and message.address(step) is None:
            continue  # the service is told, and no provider asked
        names = _offered(number, step, by.offers, faults)
        ways = {name: carries(step.channel, name) for name in names}
        if ways:
            yield Planned(number, step, message, filled.said(filled.steps[number]), ways, by)


def _offered(
    number: int, step: Step, offers: Mapping[str, Sequence[str]], faults: list[str]
) -> Sequence[str]:
    """Those who are on offer to send a step, of those that it asks for."""
    offered = offers.get(step.channel, ())
    missing = [name for name in step.providers or () if name not in offered]
    if missing:
        by = " and ".join(missing)
        faults.append(f"steps.{number}.providers: {step.channel} by {by} is not offered")
    elif not offered:
        faults.append(f"steps.{number}.channel: {step.channel} is not offered")
    return [name for name in step.providers or offered if name in offered]
