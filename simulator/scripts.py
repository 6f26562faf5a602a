"""Scripted misbehaviour: what shall go wrong, for whom and how many times."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from simulator.played import CHANNELS, PLAYED

#: Done while the provider answers the send ...
AtOnce = Literal[
    "refuse",
    "throttle",
    "error",
    "error_after_accept",
    "drop",
    "drop_after_accept",
    "hang",
    "hang_after_accept",
    "bad_body",
    "bad_body_not_taken",
]
#: ... and done to the callbacks of a message it took. Held ones wait for their release; a call
#: reports when it ends, and that is the person's doing.
Later = Literal["fail", "bounce", "silent", "late", "twice", "shuffled", "held"]
#: A free text fails, for whoever has not written within 24 hours.
Window = Literal["outside_window"]

_PHONE = re.compile(r"\+?[1-9]\d{6,14}")
_PREFIX = re.compile(r"(whatsapp|rcs|messenger|sms):", re.IGNORECASE)


def normal(address: str) -> str:
    """One spelling for an address: E.164 with +, email in lower case, no channel prefix."""
    address = _PREFIX.sub("", address.strip(), count=1)
    if "@" in address:
        return address.lower()
    if _PHONE.fullmatch(address):
        return "+" + address.lstrip("+")
    return address


class Script(BaseModel):
    """What to do with the sends that match; a condition left out matches everything."""

    model_config = ConfigDict(extra="forbid")

    do: AtOnce | Later | Window
    #: What happens to the callbacks of a send that was taken in spite of the answer to it.
    then: Later | None = None
    provider: str | None = None
    channel: str | None = None
    to: str | None = None
    #: How many sends it applies to; null is for ever.
    times: int | None = None
    #: How many look-ups miss what was taken: a provider may be late to list it.
    unlisted: int = 0

    code: str | None = None
    status: int | None = None
    detail: str | None = None
    retry_after: int = 1
    seconds: float = 30
    after: float | None = None
    classification: str = "Invalid Address"

    @model_validator(mode="after")
    def _needs_a_code(self) -> Self:
        coded = self.do == "refuse" or "fail" in (self.do, self.then)
        if coded and not self.code and self.provider != "sendgrid":
            raise ValueError(f'"{self.do}" needs the provider\'s "code"')
        return self

    @model_validator(mode="after")
    def _is_about_somebody(self) -> Self:
        """A word that is misspelt would match nothing, for ever."""
        if self.provider not in (None, *PLAYED):
            raise ValueError(f"no provider {self.provider}")
        if self.channel not in (None, *CHANNELS):
            raise ValueError(f"no channel {self.channel}")
        return self

    def matches(self, provider: str, channel: str, to: str) -> bool:
        return (
            self.provider in (None, provider)
            and self.channel in (None, channel)
            and (self.to is None or normal(self.to) == normal(to))
        )


class Scripts:
    """The scripts in force, oldest first; one applies to a send, then its count goes down."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = count(1)
        self._scripts: dict[int, Script] = {}
        #: By the address they are for, or None: a run may have ten thousand of them.
        self._about: defaultdict[str | None, dict[int, Script]] = defaultdict(dict)

    def add(self, script: Script) -> str:
        number = next(self._numbers)
        self._scripts[number] = script
        self._about[None if script.to is None else normal(script.to)][number] = script
        return str(number)

    def all(self) -> dict[str, Script]:
        return {str(number): script for number, script in self._scripts.items()}

    def clear(self) -> None:
        self._scripts.clear()
        self._about.clear()

    def take(
        self, provider: str, channel: str, to: str, applies: Callable[[Script], bool]
    ) -> Script | None:
        """The script for this send, if any; counts as one use."""
        about = self._about.get(None, {}) | self._about.get(normal(to), {})
        for _, script in sorted(about.items()):
            if script.times != 0 and script.matches(provider, channel, to) and applies(script):
                if script.times:
                    script.times -= 1
                return script.model_copy()
        return None
