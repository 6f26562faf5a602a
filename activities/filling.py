"""Fills Liquid templates in, in a process of its own: `activities/apart.py` starts it and ends it.

Whoever writes a template is a service of ours; what goes into it may be anybody's. So a template
reads no files, and loops, values and what comes of them have limits. What gets past those
(`{% if (1..99999999999) contains 1.5 %}`) takes the time and the memory of this process alone.

It is run as a script without anything else of ours: it has to begin quickly.
"""

import functools
import json
import re
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

from liquid import BoundTemplate, Environment, FalsyStrictUndefined, StrictDefaultUndefined
from liquid import RenderContext as Context
from liquid.exceptions import LiquidError, ResourceLimitError, UndefinedError

#: Of one tag, and white space in it: Liquid's lexer takes the square of either.
_TAG, _SPACES = 2_000, 100
#: Of what a filter is given, so that `replace` and `join` cannot multiply it beyond reason.
_CHARACTERS, _ITEMS, _BITS = 5_000, 1_000, 15_000
#: Bytes that this process may have.
_MEMORY = 1 << 30

_GAP = re.compile(rf"\s{{{_SPACES + 1}}}")
_BEGINS = re.compile(r"\{[{%]")
_NAMED = re.compile(r"\{%-?\s*(?:#|\w)")
_VERBATIM = re.compile(r"\{%-?\s*(raw|doc)\s*-?%\}")
_ENDS = {name: re.compile(rf"\{{%-?\s*end{name}\s*-?%\}}") for name in ("raw", "doc")}


class NoText(LiquidError):
    """What has parts cannot be said as a whole."""


class _Unknown(StrictDefaultUndefined):
    """Also within a list it is nothing to show."""

    def __repr__(self) -> str:
        return str(self)


class _Absent(FalsyStrictUndefined):
    """A person without a name has an absent one: `default` and `if` take it, a text does not."""

    def __repr__(self) -> str:
        return str(self)


class _Parts(dict[str, object]):
    """An object, which would be shown as Python writes it."""

    def __init__(self, name: str, parts: Mapping[str, object]) -> None:
        super().__init__((key, _known(f"{name}.{key}", value)) for key, value in parts.items())
        self._name = name

    def __repr__(self) -> str:
        raise NoText(f"{self._name} is no text, but has parts", token=None)

    __str__ = __repr__


def _known(name: str, value: object) -> object:
    if isinstance(value, dict):
        return _Parts(name, value)
    if isinstance(value, list):
        return [_known(f"{name}[{place}]", one) for place, one in enumerate(value)]
    return value


class _Names(Context):
    """Says of a list that is too short whose it is."""

    def get(self, path: list[object], **more: Any) -> object:
        found = super().get(path, **more)
        if isinstance(found, _Unknown) and found.hint == "index out of range":
            root, *rest = path
            written = "".join(f".{s}" if isinstance(s, str) else f"[{s}]" for s in rest)
            return self.env.undefined(found.name, hint=f"{root}{written} is undefined", token=None)
        return found


class _Template(BoundTemplate):
    context_class = _Names


class _Limited(Environment):
    context_depth_limit = 20
    loop_iteration_limit = 1_000
    local_namespace_limit = 200_000
    output_stream_limit = 400_000
    template_class = _Template

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for reads_files in ("include", "render"):
            del self.tags[reads_files]
        self.filters = {name: _limited(made) for name, made in self.filters.items()}


def _limited(applied: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(applied)  # also what Liquid writes on a filter: that it takes a context
    def within(*given: Any, **named: Any) -> Any:
        for value in (*given, *named.values()):
            kind = type(value)  # an undefined value lets nobody ask for its class
            if issubclass(kind, str) and len(value) > _CHARACTERS:
                raise ResourceLimitError("a filter is given too long a text", token=None)
            if issubclass(kind, list | tuple | range) and len(value) > _ITEMS:
                raise ResourceLimitError("a filter is given too long a list", token=None)
            if issubclass(kind, int) and value.bit_length() > _BITS:
                raise ResourceLimitError("a filter is given too large a number", token=None)
        return applied(*given, **named)

    return within


_BY = {html: _Limited(undefined=_Unknown, autoescape=html) for html in (False, True)}


def filled(text: str, values: dict[str, dict[str, Any]], *, html: bool) -> dict[str, str]:
    """`{"said": …}`, or `{"fault": …}` in words that are none of the template's but names."""
    if fault := malformed(text):
        return {"fault": fault}
    person = {
        name: _Absent(f"recipient.{name}", token=None) if value is None else value
        for name, value in values["recipient"].items()
    }
    parts = values | {"recipient": person}
    known = {name: _Parts(name, them) for name, them in parts.items()}
    try:
        return {"said": str(_BY[html].from_string(text).render(**known))}
    except UndefinedError as error:
        return {"fault": f"{_named(error)} is unknown"}
    except NoText as error:
        return {"fault": str(error.args[0])[:200]}
    except ResourceLimitError:
        return {"fault": "the template takes too much: loops, lists or text"}
    except MemoryError:
        return {"fault": "the template takes too much: memory"}
    except Exception as error:  # not its text, which may quote the template
        return {"fault": f"cannot be rendered ({type(error).__name__})"}


def malformed(text: str) -> str | None:
    """What the lexer would go back and forth over, found in one pass."""
    at = 0
    while begins := _BEGINS.search(text, at):
        at = begins.start()
        if whole := _VERBATIM.match(text, at):
            if not (ends := _ENDS[whole[1]].search(text, whole.end())):
                return f"a {{% {whole[1]} %}} has no {{% end{whole[1]} %}}"
            at = ends.end()
            continue
        begin, end = begins[0], "}}" if begins[0] == "{{" else "%}"
        if begin == "{%" and not _NAMED.match(text, at, at + _TAG):
            return "a {% has no name after it"
        found = text.find(end, at + 2, at + _TAG)
        if found < 0:
            return f"a {begin} has no {end} within {_TAG} characters"
        if _GAP.search(text, at, found):
            return f"a {begin} has more than {_SPACES} spaces together"
        at = found + 2
    return None


def _named(error: UndefinedError) -> str:
    """The variable of "context.order is undefined", or of "'order' is undefined"."""
    return str(error.args[0]).removesuffix(" is undefined").strip("'")[:100]


def main(seconds: int) -> None:
    """One line of JSON in, and one out for each of its texts. The kernel ends what takes longer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the process that asks
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    _may_take(seconds)
    for line in sys.stdin:
        asked = json.loads(line)
        for text, html, whose in asked["texts"]:
            answer = filled(text, asked["values"][whose], html=html)
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
        _may_take(seconds)


def _may_take(seconds: int) -> None:
    """From now on, and up to a second more: the kernel counts whole ones, from the beginning."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main(int(sys.argv[1]))
