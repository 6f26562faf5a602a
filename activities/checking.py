"""Finds what is wrong with a plan before anything of it is sent, by the table of capabilities."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from activities.planned import Installed, Planned, planned
from activities.rendering import Rendered, rendered, with_said
from activities.sayable import remarks, unsayable
from activities.zones import numbers_of, zones_of
from failover.capabilities import REPORTS
from failover.channels import Channel, Goal
from failover.conversation import SERVICE
from failover.message import Message
from providers.capabilities import providers_of, table

#: Faults told; the rest are counted, as an error has limits of its own.
_TOLD = 20
_IN_TEXT = ", and goes instead of the template within 24 hours of an answer"


@dataclass(frozen=True)
class Found:
    #: Nothing may be sent. Each names its field, and no value.
    faults: tuple[str, ...] = ()
    #: The rest of the plan goes on without it.
    warnings: tuple[str, ...] = ()
    #: What it says where that was a template.
    said: tuple[Rendered, ...] = ()


def check(message: Message, by: Installed) -> Found:
    """What this installation can and cannot do of it."""
    said, unfilled = rendered(message)
    faults, warnings = list(unfilled), list[str]()
    plan = list(planned(message, with_said(message, said), by, faults))
    # What an agent is told is no content of the message.
    written = [one for one in plan if one.step.channel != Channel.AGENT]
    reached = [one for one in written if message.address(one.step) is not None]
    warnings += [_nowhere(one) for one in written if message.address(one.step) is None]
    agents = any(step.channel == Channel.AGENT for step in message.steps)
    if not agents and not any(map(message.address, message.steps)):
        faults.append("recipient.addresses: there is none for any step")
    for one in reached:
        _look_at_the_address(one, faults)
        _look_at_the_text(one, faults, warnings)
        _look_at_the_words(one, faults, warnings)
    warnings += _unfit_in_text(reached)
    _look_at_the_goals(reached, warnings if agents else faults, warnings)
    warnings += _unheard_answers(reached)
    faults += _unserved(message, by)
    return Found(tuple(dict.fromkeys(faults)), tuple(dict.fromkeys(warnings)), tuple(said))


def check_by_table(message: Message) -> Found:
    """What no provider could do, whichever an installation has."""
    offers = {channel.value: _most_told_first(channel) for channel in Channel}
    offers[Channel.AGENT.value] = [SERVICE]
    for step in message.steps:
        offers[step.channel] += step.providers or ()
    once = {channel: list(dict.fromkeys(names)) for channel, names in offers.items()}
    return check(message, Installed(once))


def _most_told_first(channel: Channel) -> list[str]:
    """Who is asked first is not known: of a goal it may be the one that reports it."""
    names = providers_of(channel)
    return sorted(names, key=lambda name: -len(table()[channel, name].reports))


def _nowhere(one: Planned) -> str:
    return f"steps.{one.number}: there is no address for {one.step.channel}, so it is skipped"


def _look_at_the_address(one: Planned, faults: list[str]) -> None:
    if not one.fit:
        wanted = [f"{name} takes {way.address.what}" for name, way in one.ways.items() if way]
        faults.append(f"{one.address_field}: {', '.join(wanted)}")


def _look_at_the_text(one: Planned, faults: list[str], warnings: list[str]) -> None:
    """A provider that refuses a text ends the step, so it is told also where another takes it."""
    if over := _too_long_for(one, one.fit):
        (faults if len(over) == len(one.fit) else warnings).append(_too_long(one, over))


def _too_long_for(one: Planned, names: Iterable[str]) -> list[str]:
    return [name for name in names if (way := one.ways[name]) and not one.holds_text(way)]


def _too_long(one: Planned, over: Iterable[str]) -> str:
    texts = [(name, way.text) for name in over if (way := one.ways[name])]
    most = [f"{text.most} {text.unit} by {name}" for name, text in texts]
    with_more = ", with captions and links" if one.content.media or one.content.confirm_link else ""
    return f"{one.place('text')}: {one.step.channel} has at most {', '.join(most)}{with_more}"


def _look_at_the_words(one: Planned, faults: list[str], warnings: list[str]) -> None:
    """As with a text that is too long, it is told also where another provider could send it."""
    if one.content.liquid:  # it could not be rendered, and is at fault already
        return
    wrong = {name: list(unsayable(one.outbound(name))) for name in one.fit}
    able = [name for name, found in wrong.items() if not found]
    only = f", so it can go by {' and '.join(able)} only" if able else ""
    told = warnings if able else faults
    told += [f"{one.place(f)}: {what}{only}" for found in wrong.values() for f, what in found]
    noted = (fault for name in one.fit for fault in remarks(one.outbound(name)))
    warnings += [f"{one.place(field)}: {what}" for field, what in noted]


def _unfit_in_text(plan: Sequence[Planned]) -> Iterator[str]:
    """Of a template's text that a later step may have to say: an answer opens 24 hours for it."""
    for number, one in enumerate(plan):
        names = _may_go_in_text(one, plan[:number])
        bare = one.in_text
        if over := _too_long_for(bare, names):
            yield f"{_too_long(bare, over)}{_IN_TEXT}"
        wrong = (fault for name in names for fault in unsayable(bare.outbound(name)))
        yield from (f"{bare.place(field)}: {what}{_IN_TEXT}" for field, what in wrong)


def _may_go_in_text(one: Planned, before: Iterable[Planned]) -> list[str]:
    """Those who send its template, and may have heard an answer from the same address before."""
    if one.step.channel != Channel.WHATSAPP:
        return []
    address = one.message.address(one.step)
    asked = [p for p in before if p.step.channel == one.step.channel]
    heard = {name for p in asked if p.message.address(p.step) == address for name in p.fit}
    able = ((name, way) for name, way in one.fit.items() if way and name in heard)
    return [name for name, way in able if way.sends_template(one.content)]


def _look_at_the_goals(plan: Sequence[Planned], hopeless: list[str], warnings: list[str]) -> None:
    """One step that can reach its goal is enough; without any, nobody would ever know."""
    never = [one for one in plan if one.asked_first in one.silent]
    told = hopeless if plan and len(never) == len(plan) else warnings
    for one in plan:
        if one in never:
            told.append(_never(one) + _skipped(one) * (told is warnings))
        elif one.silent:
            warnings.append(_never(one))


def _never(one: Planned) -> str:
    """The one that is asked first has to report it: the others have their turn in trouble only."""
    said = f"{one.goal_field}: {one.step.channel} by {' or '.join(one.silent)} never reports"
    lacks = "; ".join(filter(None, one.silent.values()))
    others = [name for name in one.fit if name not in one.silent]
    asked = others and one.asked_first in one.silent
    before = f", and is asked before {' and '.join(others)}" if asked else ""
    return f"{said} {one.goal}{f': {lacks}' if lacks else ''}{before}"


def _skipped(one: Planned) -> str:
    """By the policy, which knows channels only; else the step is tried, and ends with its wait."""
    return ", so it is skipped" if one.goal not in REPORTS[one.step.channel] else ""


def _unheard_answers(plan: Iterable[Planned]) -> Iterator[str]:
    """Told only: an answer may come on another way, as a signal of the service's own."""
    for one in plan:
        for name in one.fit if one.goal == Goal.REPLIED else ():
            why = one.lacks(name, Goal.REPLIED)
            if why and one.outbound(name).link is None:
                yield f"{one.goal_field}: no answer to {one.step.channel} by {name} is heard: {why}"


def _unserved(message: Message, by: Installed) -> Iterator[str]:
    """What of it this installation has no way to do, besides sending."""
    numbers = numbers_of(message)
    if unknown := [step for step, given in numbers.items() if not zones_of(given)]:
        yield no_zone(unknown)
    if fault := by.targets.fault(message.notify):
        yield f"notify: {fault}"


def in_one(faults: Sequence[str]) -> str:
    more = [f"and {len(faults) - _TOLD} more"] if len(faults) > _TOLD else []
    return "; ".join([*faults[:_TOLD], *more])


def no_zone(steps: Iterable[int]) -> str:
    """Nobody can say when the hours of such a step are."""
    named = ", ".join(f"steps.{number}" for number in steps)
    return f"hours: the number of {named} is in no known time zone"
