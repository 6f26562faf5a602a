"""Finds what is wrong with a plan before anything of it is sent, by the table of capabilities."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from activities.rendering import Rendered, rendered, with_said
from failover.capabilities import REPORTS
from failover.channels import PHONE_CHANNELS, Channel
from failover.content import Content
from failover.conversation import SERVICE
from failover.message import Message, Step
from failover.recipient import Recipient
from providers.capabilities import Carries, carries, providers_of

#: Faults told; the rest are counted, as an error has limits of its own.
_TOLD = 20


@dataclass(frozen=True)
class Found:
    #: Nothing may be sent. Each names its field, and no value.
    faults: tuple[str, ...] = ()
    #: The rest of the plan goes on without it.
    warnings: tuple[str, ...] = ()
    #: What it says where that was a template.
    said: tuple[Rendered, ...] = ()


#: What one provider of a step is known to be able to do; None where nothing is known.
Ways = Mapping[str, Carries | None]


@dataclass(frozen=True)
class _Planned:
    """A step with those who may send it."""

    number: int
    step: Step
    message: Message
    #: With its templates rendered.
    content: Content
    ways: Ways

    @property
    def who(self) -> str:
        return f"{self.step.channel} by {_any_of(self.ways)}"

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
    def goal_field(self) -> str:
        return f"steps.{self.number}.until" if self.step.until else "until"

    def takes_address(self, way: Carries | None) -> bool:
        address = self.message.address(self.step)
        return way is None or address is None or way.address.fits(address)

    def holds_text(self, way: Carries | None) -> bool:
        locale = self.message.person(self.step).locale
        # A template that could not be rendered is at fault already.
        return way is None or self.content.liquid or way.holds(self.content, locale)

    def reports_goal(self, way: Carries | None) -> bool:
        reports = way.reports if way else REPORTS[self.step.channel]
        return self.message.goal(self.step) in reports & REPORTS[self.step.channel]


def check(message: Message, offers: Mapping[str, Sequence[str]]) -> Found:
    """What an installation with these providers, per channel, can and cannot do of it."""
    said, unfilled = rendered(message)
    faults = list(unfilled)
    planned = list(_planned(message, with_said(message, said), offers, faults))
    # What an agent is told is no content of the message.
    written = [one for one in planned if one.step.channel != Channel.AGENT]
    reached = [one for one in written if message.address(one.step) is not None]
    warnings = [_nowhere(one) for one in written if message.address(one.step) is None]
    for one in reached:
        _look_at_the_text(one, _look_at_the_address(one, faults), faults, warnings)
    agents = any(step.channel == Channel.AGENT for step in message.steps)
    _look_at_the_goals(reached, warnings if agents else faults, warnings)
    return Found(tuple(dict.fromkeys(faults)), tuple(dict.fromkeys(warnings)), tuple(said))


def check_by_table(message: Message) -> Found:
    """What no provider could do, whichever an installation has."""
    offers = {channel.value: providers_of(channel) for channel in Channel}
    offers[Channel.AGENT.value] = [SERVICE]
    for step in message.steps:
        offers[step.channel] += step.providers or ()
    return check(message, {channel: list(dict.fromkeys(them)) for channel, them in offers.items()})


def _planned(
    message: Message, filled: Message, offers: Mapping[str, Sequence[str]], faults: list[str]
) -> Iterator[_Planned]:
    """The steps that have somebody to send them."""
    for number, step in enumerate(message.steps):
        if step.channel == Channel.AGENT and message.address(step) is None:
            continue  # the service is told, and no provider asked
        ways = {
            name: carries(step.channel, name) for name in _offered(number, step, offers, faults)
        }
        if ways:
            yield _Planned(number, step, message, filled.said(filled.steps[number]), ways)


def _offered(
    number: int, step: Step, offers: Mapping[str, Sequence[str]], faults: list[str]
) -> Sequence[str]:
    """Those who are asked to send a step; none where it cannot be sent as it is planned."""
    offered = offers.get(step.channel, ())
    missing = [name for name in step.providers or () if name not in offered]
    if missing:
        by = " and ".join(missing)
        faults.append(f"steps.{number}.providers: {step.channel} by {by} is not offered")
    elif not offered:
        faults.append(f"steps.{number}.channel: {step.channel} is not offered")
    return () if missing else step.providers or offered


def _nowhere(one: _Planned) -> str:
    return f"steps.{one.number}: there is no address for {one.step.channel}, so it is skipped"


def _look_at_the_address(one: _Planned, faults: list[str]) -> Ways:
    """Those who take the address: people of either kind of push are served by one plan."""
    fit = {name: way for name, way in one.ways.items() if one.takes_address(way)}
    if not fit:
        wanted = [f"{name} takes {way.address.what}" for name, way in one.ways.items() if way]
        faults.append(f"{one.address_field}: {', '.join(wanted)}")
    return fit


def _look_at_the_text(one: _Planned, ways: Ways, faults: list[str], warnings: list[str]) -> None:
    """A provider that refuses a text ends the step, so it is told also where another takes it."""
    over = {name: way for name, way in ways.items() if way and not one.holds_text(way)}
    if not over:
        return
    most = [f"{way.text.most} {way.text.unit} by {name}" for name, way in over.items()]
    where = one.message.place(one.number, "text")
    said = f"{where}: {one.step.channel} has at most {', '.join(most)}"
    (faults if len(over) == len(ways) else warnings).append(said)


def _look_at_the_goals(plan: Sequence[_Planned], hopeless: list[str], warnings: list[str]) -> None:
    """One step that can reach its goal is enough; without any, nobody would ever know."""
    never = [one for one in plan if not any(map(one.reports_goal, one.ways.values()))]
    told = hopeless if plan and len(never) == len(plan) else warnings
    for one in never:
        goal = one.message.goal(one.step)
        skipped = ", so it is skipped" if told is warnings and _is_skipped(one) else ""
        told.append(f"{one.goal_field}: {one.who} never reports {goal}{skipped}")


def _is_skipped(one: _Planned) -> bool:
    """By the policy, which knows channels only; else the step is tried, and ends with its wait."""
    return one.message.goal(one.step) not in REPORTS[one.step.channel]


def _any_of(names: Iterable[str]) -> str:
    return " or ".join(names)


def in_one(faults: Sequence[str]) -> str:
    more = [f"and {len(faults) - _TOLD} more"] if len(faults) > _TOLD else []
    return "; ".join([*faults[:_TOLD], *more])


def no_zone(steps: Iterable[int]) -> str:
    """Nobody can say when the hours of such a step are."""
    named = ", ".join(f"steps.{number}" for number in steps)
    return f"hours: the number of {named} is in no known time zone"
