"""Whose deliveries have been slow: for choosing the provider that is asked first.

After GOV.UK Notify (alphagov/notifications-api, `switch_current_sms_provider_on_slow_delivery`):
slow is a provider of whose recent messages 15 % took five minutes or more. It then is asked first
for a tenth of the messages less, at most once in ten minutes, and gets a tenth back in every hour
without. Where all are slow nothing changes: then it is not the provider.
"""

import random
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

SLOW = timedelta(minutes=5)
#: The share of recent deliveries that makes a provider slow.
TOO_MANY = 0.15
RECENT = timedelta(minutes=15)
#: Fewer prove nothing.
ENOUGH = 20
STEP = 0.1
#: The least time between one step down and the next, and before each step back.
DOWN, BACK = timedelta(minutes=10), timedelta(hours=1)
_KEPT = 1000


@dataclass
class _Record:
    """The latest deliveries, each with when it was noted (seconds) and whether it was slow."""

    deliveries: deque[tuple[float, bool]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    share: float = 1.0
    changed: float | None = None


class Deliveries:
    """What one worker has seen of deliveries, by provider and channel.

    `clock` gives seconds that only ever go up, `chance` a number from 0 up to 1.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._clock, self._chance = clock, chance
        self._records: dict[tuple[str, str], _Record] = defaultdict(_Record)
        self._lock = Lock()

    def note(self, provider: str, channel: str, took: timedelta | None) -> None:
        """A delivery; None for one that was waited for in vain."""
        slow = took is None or took >= SLOW
        with self._lock:
            self._records[provider, channel].deliveries.append((self._clock(), slow))

    def order(self, channel: str, names: Sequence[str]) -> list[str]:
        """The same providers; one that is slow is behind the others for a part of the messages."""
        if len(names) < 2:
            return list(names)
        with self._lock:
            self._tend(channel, names)
            late = [n for n in names if self._chance() >= self._records[n, channel].share]
        return [name for name in names if name not in late] + late

    def share(self, provider: str, channel: str) -> float:
        """For what part of the messages this provider keeps its place, up to 1."""
        with self._lock:
            return self._records[provider, channel].share

    def _tend(self, channel: str, names: Sequence[str]) -> None:
        now = self._clock()
        slow = [name for name in names if self._is_slow(self._records[name, channel], now)]
        for name in names:
            record = self._records[name, channel]
            since = now - record.changed if record.changed is not None else float("inf")
            if name in slow and len(slow) < len(names) and since >= DOWN.total_seconds():
                record.share, record.changed = max(0.0, round(record.share - STEP, 1)), now
            elif name not in slow and record.share < 1 and since >= BACK.total_seconds():
                record.share, record.changed = min(1.0, round(record.share + STEP, 1)), now

    @staticmethod
    def _is_slow(record: _Record, now: float) -> bool:
        recent = [slow for at, slow in record.deliveries if now - at < RECENT.total_seconds()]
        return len(recent) >= ENOUGH and sum(recent) >= TOO_MANY * len(recent)
