"""Texts that are Liquid templates, filled in with what is known of the person."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from activities.apart import Asked, Filled, Several
from failover.addresses import scrub
from failover.channels import Channel
from failover.content import Content
from failover.faults import faults
from failover.message import Message
from failover.recipient import Recipient
from failover.step import Step

#: Bytes of all that one message says: the answer is an event of its history.
_MOST = 500_000
#: What a person answers is matched against the choices: they are as the message has them.
_FIELDS = ("html", "media", "subject", "template", "text")
#: Messages whose templates are filled in at the same time.
AT_ONCE = min(4, os.cpu_count() or 1)
_PROCESSES = Several(AT_ONCE)

Place = tuple[str | int, ...]


class Rendered(BaseModel):
    """What these steps say, once rendered."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    steps: Sequence[int]
    content: Content


def rendered(message: Message) -> tuple[Sequence[Rendered], Sequence[str]]:
    """What the steps with templates say, and what is wrong with them, by the field at fault."""
    fillings, done, wrong = _fillings(message), [], []
    texts = [
        (text, place[0] == "html", whose)
        for whose, one in enumerate(fillings)
        for place, text in one.texts
    ]
    people = [one.person for one in fillings]
    asked = Asked(context=message.context or {}, people=people, texts=texts)
    answers = iter(_PROCESSES.filled(asked) if texts else ())
    for one in fillings:
        if content := one.content(answers):
            done.append(Rendered(steps=one.steps, content=content))
        for place, what in sorted(one.faults):
            name, dot, deeper = place.partition(".")
            wrong.append(f"{message.place(one.steps[0], name)}{dot}{deeper}: {what}")
    if sum(len(one.model_dump_json().encode()) for one in done) > _MOST:
        wrong.append(f"content: all texts together take more than {_MOST} bytes once rendered")
    return done, list(dict.fromkeys(wrong))


def has_templates(message: Message) -> bool:
    return any(_is_template(message, step) for step in message.steps)


def try_out() -> None:
    """Fills one in, so that an installation that cannot is told at once (`ChildProcessError`)."""
    _PROCESSES.filled(Asked(context={}, people=[{}], texts=[("{{ 1 }}", False, 0)]))


def with_said(message: Message, said: Sequence[Rendered]) -> Message:
    """The message with what was rendered instead of its templates."""
    by_step = {number: one.content for one in said for number in one.steps}
    steps = (
        step.model_copy(update={"content": by_step.get(number, step.content)})
        for number, step in enumerate(message.steps)
    )
    return message.model_copy(update={"steps": tuple(steps)}) if said else message


@dataclass
class _Filling:
    """One content for one person; steps that say the same to the same share it.

    What cannot be is told by its field, all of it at once.
    """

    asked: Content
    person: Mapping[str, str | None]
    steps: list[int]
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def texts(self) -> Iterator[tuple[Place, str]]:
        given = self.asked.model_dump(mode="json", include=set(_FIELDS))
        return _texts(given, ())

    def content(self, answers: Iterator[Filled]) -> Content | None:
        """With the answers to its texts, which come first."""
        # What it says in other languages and on other channels is not for these steps.
        given = self.asked.model_dump(mode="json", exclude={"by_channel", "locales"})
        unanswered = dict(self.texts)
        for (place, _), answer in zip(self.texts, answers, strict=False):
            del unanswered[place]
            _put(given, place, answer.said)
            if answer.fault:
                self.faults.append((".".join(map(str, place)), scrub(answer.fault)))
        self._look_at_the_labels()
        return None if self.faults or unanswered else self._valid(given | {"liquid": False})

    def _look_at_the_labels(self) -> None:
        for number, choice in enumerate(self.asked.choices):
            if "{{" in choice.label or "{%" in choice.label:
                what = "is said as it is, also where the texts are templates"
                self.faults.append((f"choices.{number}.label", what))

    def _valid(self, given: dict[str, Any]) -> Content | None:
        try:
            return Content.model_validate(given)
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0])
            self.faults.append((name, f"once rendered, {faults(error)}"))
            return None


def _fillings(message: Message) -> list[_Filling]:
    found: list[_Filling] = []
    for number, step in enumerate(message.steps):
        if not _is_template(message, step):
            continue
        said, person = message.said(step), _known_of(message.person(step))
        same = (one for one in found if one.asked == said and one.person == person)
        if one := next(same, None):
            one.steps.append(number)
        else:
            found.append(_Filling(said, person, [number]))
    return found


def _is_template(message: Message, step: Step) -> bool:
    told_by_us = step.channel == Channel.AGENT and step.content is None
    return message.said(step).liquid and not told_by_us


def _known_of(person: Recipient) -> dict[str, str | None]:
    """No address: what is said is kept in the result, which has none."""
    return person.model_dump(mode="json", include={"id", "name", "locale", "time_zone"})


def _texts(given: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Every text in it, however deep."""
    if isinstance(given, str):
        yield place, given
    elif isinstance(given, list):
        for number, one in enumerate(given):
            yield from _texts(one, (*place, number))
    elif isinstance(given, dict):
        for name, one in given.items():
            yield from _texts(one, (*place, name))


def _put(given: Any, place: Place, said: str | None) -> None:
    *way, last = place
    for part in way:
        given = given[part]
    given[last] = said
