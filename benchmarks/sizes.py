"""How large a benchmark is."""

from dataclasses import dataclass
from typing import Literal

Name = Literal["floor", "product"]

_BOTH: tuple[Name, ...] = ("floor", "product")
#: Whatever drifts while it runs weighs on both alike.
_THERE_AND_BACK: tuple[Name, ...] = ("floor", "product", "product", "floor")


@dataclass(frozen=True)
class Size:
    rounds: tuple[Name, ...]
    #: In one round: one attempt, an answer, the end.
    messages: int
    #: With two attempts: the first wait runs out, the answer comes to the second.
    failed_over: int
    #: How many wait at once when the worker's memory is measured.
    waiting: tuple[int, ...]
    warm_up: int
    #: Seconds for the whole run.
    limit: float


SIZES = {
    "smoke": Size(_BOTH, messages=8, failed_over=4, waiting=(20,), warm_up=2, limit=300),
    "default": Size(
        _THERE_AND_BACK, messages=250, failed_over=60, waiting=(1_000,), warm_up=20, limit=1_200
    ),
    "full": Size(
        _THERE_AND_BACK * 3,
        messages=500,
        failed_over=300,
        waiting=(1_000, 10_000),
        warm_up=20,
        limit=10_800,
    ),
}
