"""Fills Liquid templates in, in a process of its own: `activities/apart.py` starts it and ends it.

Whoever writes a template is a service of ours; what goes into it may be anybody's. So a template
reads no files, and loops, values and what comes of them have limits. What gets past those
(`{% if (1..99999999999) contains 1.5 %}`) takes the time and the memory of this process alone.

It has next to nothing else of ours: it has to begin quickly.
"""

import json
import os
import re
import resource
import signal
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from liquid import FalsyStrictUndefined, StrictDefaultUndefined
from liquid.exceptions import LiquidError, ResourceLimitError, UndefinedError
from liquid.token import TOKEN_OUTPUT, TOKEN_TAG

from activities.limited import Limited
from activities.wellformed import Malformed, without_comments

#: Bytes that this process may have.
_MEMORY = 1 << 30

#: A variable as the template has it, with what is in brackets, also in brackets within them.
_KEY = r"\[(?:[^\[\]]|\[[^\]]*\])*\]"
_VARIABLE = re.compile(rf"(?:[\w-]+|{_KEY})(?:\.[\w-]+|{_KEY})*")

Path = tuple[str | int, ...]


class NoText(LiquidError):
    """What has parts cannot be said as a whole."""

    def __init__(self, path: Path) -> None:
        super().__init__("", token=None)
        self.path = path


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

    def __init__(self, path: Path, parts: Mapping[str, object]) -> None:
        super().__init__((key, _known((*path, key), value)) for key, value in parts.items())
        self._path = path

    def __repr__(self) -> str:
        raise NoText(self._path)

    __str__ = __repr__


def _known(path: Path, value: object) -> object:
    if isinstance(value, dict):
        return _Parts(path, value)
    if isinstance(value, list):
        return [_known((*path, place), one) for place, one in enumerate(value)]
    return value


_BY = {html: Limited(undefined=_Unknown, autoescape=html) for html in (False, True)}


def answers(asked: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """One for each of the texts. What they have in common is made once: a context can be large."""
    context = _Parts(("context",), asked["context"])
    people = [_person(one) for one in asked["people"]]
    for text, html, whose in asked["texts"]:
        yield filled(text, {"context": context, "recipient": people[whose]}, html=html)


def _person(given: Mapping[str, str | None]) -> _Parts:
    absent = {name: _Absent(f"recipient.{name}", token=None) for name in given}
    return _Parts(
        ("recipient",),
        {name: absent[name] if value is None else value for name, value in given.items()},
    )


def filled(text: str, known: Mapping[str, object], *, html: bool) -> dict[str, str]:
    """`{"said": …}`, or `{"fault": …}` in words that are none of the template's but names."""
    try:
        return {"said": str(_BY[html].from_string(without_comments(text)).render(**known))}
    except Malformed as error:
        return {"fault": str(error)}
    except UndefinedError as error:
        return {"fault": f"{_variable(error)[:100]} is unknown"}
    except NoText as error:
        return {"fault": f"{_written(error.path, text)[:100]} is no text, but has parts"}
    except ResourceLimitError:
        return {"fault": "the template takes too much: loops, lists or text"}
    except MemoryError:
        return {"fault": "the template takes too much: memory"}
    except Exception as error:  # not its text, which may quote the template
        return {"fault": f"cannot be rendered ({type(error).__name__})"}


def _variable(error: UndefinedError) -> str:
    """As the template has it: what Liquid says of `context.p[recipient.name]` has the name in it.

    Without a place in an expression it is one that we, or Liquid, named.
    """
    token = error.token
    if token is None or token.kind in (TOKEN_OUTPUT, TOKEN_TAG):
        return str(error.args[0]).removesuffix(" is undefined").strip("'")
    found = _VARIABLE.match(token.source, token.start_index)
    return found[0] if found else "a variable"


def _written(path: Path, text: str) -> str:
    """The names of the context that are also in the template; others may be values."""
    root, *rest = path
    return f"{root}{''.join(_part(one, text) for one in rest)}"


def _part(one: str | int, text: str) -> str:
    if isinstance(one, int):
        return f"[{one}]"
    return f".{one}" if one in text else "[…]"


def main(seconds: int) -> None:
    """One line of JSON in, and one out for each of its texts. The kernel ends what takes longer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the process that asks
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        _limit(resource.RLIMIT_AS, _MEMORY)
    _may_take(seconds)
    _ready()
    for line in sys.stdin:
        for answer in answers(json.loads(line)):
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
        _may_take(seconds)


def _ready() -> None:
    """From here on there are texts, which an error might quote: nobody hears of it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def _may_take(seconds: int) -> None:
    """From now on, and up to a second more: the kernel counts whole ones, from the beginning."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + 1 + seconds)


def _limit(what: int, wanted: int) -> None:
    """No more than the host lets us have: its own limit is not ours to change."""
    _, most = resource.getrlimit(what)
    resource.setrlimit(
        what, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most)
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
