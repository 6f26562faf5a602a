"""Texts that are Liquid templates, filled in with what is known of the person.

Whoever writes a template is a service of ours; what goes into it may be anybody's. So a template
reads no files, and loops, values and what comes of them have limits.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from liquid import Environment, FalsyStrictUndefined, StrictDefaultUndefined
from liquid.exceptions import LiquidError, ResourceLimitError, UndefinedError
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from failover.addresses import scrub
from failover.channels import Channel
from failover.content import Content
from failover.message import Message, faults

#: Bytes of all that one message says: the answer is an event of its history.
_MOST = 500_000
#: Of what a filter is given, so that `replace` and `join` cannot multiply it beyond reason.
_CHARACTERS, _ITEMS = 5_000, 1_000
#: What a person answers is matched against the choices: they are as the message has them.
_FIELDS = {"text", "subject", "html", "media", "template"}


class Rendered(BaseModel):
    """What these steps say, once rendered."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    steps: Sequence[int]
    content: Content


@dataclass(frozen=True)
class _Asked:
    """A content and the person it is for; steps that say the same to the same share it."""

    content: Content
    name: str | None
    id: str | None
    locale: str
    context: Mapping[str, JsonValue]


class _Limited(Environment):
    context_depth_limit = 20
    loop_iteration_limit = 1_000
    local_namespace_limit = 200_000
    output_stream_limit = 400_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for reads_files in ("include", "render"):
            del self.tags[reads_files]
        self.filters = {name: _limited(made) for name, made in self.filters.items()}


def _limited(applied: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(applied)  # also copies what Liquid writes on a filter: that it takes a context
    def within(*given: Any, **named: Any) -> Any:
        for value in (*given, *named.values()):
            kind = type(value)  # an undefined value lets nobody ask for its class
            if issubclass(kind, str) and len(value) > _CHARACTERS:
                raise ResourceLimitError("a filter is given too long a text", token=None)
            if issubclass(kind, list | tuple | range) and len(value) > _ITEMS:
                raise ResourceLimitError("a filter is given too long a list", token=None)
        return applied(*given, **named)

    return within


_PLAIN = _Limited(undefined=StrictDefaultUndefined)
_HTML = _Limited(undefined=StrictDefaultUndefined, autoescape=True)


def rendered(message: Message) -> tuple[Sequence[Rendered], Sequence[str]]:
    """What the steps with templates say, and what is wrong with them, by the field at fault."""
    done, wrong = [], []
    for asked, steps in _asked(message):
        filling = _Filling(_values(asked))
        if content := filling.content(asked.content):
            done.append(Rendered(steps=steps, content=content))
        for place, what in filling.faults:
            name, dot, deeper = place.partition(".")
            wrong.append(f"{message.place(steps[0], name)}{dot}{deeper}: {what}")
    if sum(len(one.model_dump_json().encode()) for one in done) > _MOST:
        wrong.append(f"content: all texts together take more than {_MOST} bytes once rendered")
    return done, list(dict.fromkeys(wrong))


def with_said(message: Message, said: Sequence[Rendered]) -> Message:
    """The message with what was rendered instead of its templates."""
    by_step = {number: one.content for one in said for number in one.steps}
    steps = (
        step.model_copy(update={"content": by_step.get(number, step.content)})
        for number, step in enumerate(message.steps)
    )
    return message.model_copy(update={"steps": tuple(steps)}) if said else message


def _asked(message: Message) -> list[tuple[_Asked, list[int]]]:
    found: list[tuple[_Asked, list[int]]] = []
    for number, step in enumerate(message.steps):
        said, person = message.said(step), message.person(step)
        told_by_us = step.channel == Channel.AGENT and step.content is None
        if not said.liquid or told_by_us:
            continue
        asked = _Asked(said, person.name, person.id, person.locale, message.context or {})
        same = next((steps for known, steps in found if known == asked), None)
        if same is None:
            found.append((asked, [number]))
        else:
            same.append(number)
    return found


def _values(asked: _Asked) -> dict[str, object]:
    """A person without a name has an absent one: `default` and `if` take it, a text does not."""
    known = {"name": asked.name, "id": asked.id, "locale": asked.locale}
    person = {
        name: FalsyStrictUndefined(f"recipient.{name}", token=None) if value is None else value
        for name, value in known.items()
    }
    return {"recipient": person, "context": dict(asked.context)}


@dataclass
class _Filling:
    """Fills one content in. What cannot be is told by its field, all of it at once."""

    values: Mapping[str, object]
    faults: list[tuple[str, str]] = field(default_factory=list)

    def content(self, asked: Content) -> Content | None:
        given = asked.model_dump(mode="json")
        for name in given.keys() & _FIELDS:
            given[name] = self._filled(given[name], name, _HTML if name == "html" else _PLAIN)
        self.faults.sort()
        try:
            return None if self.faults else Content.model_validate(given | {"liquid": False})
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0])
            self.faults.append((name, f"once rendered, {faults(error)}"))
            return None

    def _filled(self, given: Any, place: str, by: Environment) -> Any:
        """Every text in it, however deep."""
        if isinstance(given, str):
            return self._text(given, place, by)
        if isinstance(given, list):
            return [self._filled(one, f"{place}.{n}", by) for n, one in enumerate(given)]
        if isinstance(given, dict):
            return {name: self._filled(one, f"{place}.{name}", by) for name, one in given.items()}
        return given

    def _text(self, given: str, place: str, by: Environment) -> str | None:
        try:
            return str(by.from_string(given).render(**self.values))
        except UndefinedError as error:
            what = f"{scrub(_named(error))} is unknown"
        except ResourceLimitError:
            what = "the template takes too much: loops, lists or text"
        except (LiquidError, ArithmeticError, TypeError, ValueError, RecursionError) as error:
            # Not its text, which may quote the template.
            what = f"cannot be rendered ({type(error).__name__})"
        self.faults.append((place, what))
        return None


def _named(error: UndefinedError) -> str:
    """The variable of "context.order is undefined", or of "'order' is undefined"."""
    return str(error.args[0]).removesuffix(" is undefined").strip("'")[:100]
