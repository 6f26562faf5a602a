"""What is done to the processes and between them, and when: all of it from the seed."""

from collections.abc import Iterator, Mapping
from random import Random
from typing import Literal

from pydantic import BaseModel, ConfigDict

from faults.sizes import Size

Victim = Literal[
    "worker", "worker-2", "workers", "webhooks", "webhooks-2", "both webhooks", "temporal"
]
Cutting = Literal["reset", "blackhole", "slow"]

#: Seconds after the last message was asked for in which things are still killed.
QUIET = 5.0
_WORKERS: tuple[Victim, ...] = ("worker", "worker-2")
#: Per hundred kills, those of the server apart.
_VICTIMS: Mapping[Victim, int] = {
    "worker": 28,
    "worker-2": 28,
    "workers": 14,
    "webhooks": 10,
    "webhooks-2": 10,
    "both webhooks": 10,
}
#: Seconds. A worker that is silent for 10 s is taken for dead (`activities.send.HEARTBEAT`).
_FROZEN = (12.0, 15.0)
_LASTS: Mapping[Cutting, tuple[float, float]] = {
    "reset": (2.0, 8.0),
    "blackhole": (8.0, 14.0),
    "slow": (6.0, 12.0),
}
#: Seconds that a slow link keeps everything, each way.
_SLOW = (0.5, 2.0)


class Planned(BaseModel):
    model_config = ConfigDict(frozen=True)


class Kill(Planned):
    victim: Victim
    at: float
    #: Seconds until it is started again.
    down: float


class Freeze(Planned):
    victim: Literal["worker", "worker-2"]
    at: float
    lasts: float


class Cut(Planned):
    """Of the link between `worker-2` and the server."""

    how: Cutting
    at: float
    lasts: float
    delay: float


class Outage(Planned):
    provider: str
    do: Literal["cut_off", "error"]
    at: float
    lasts: float


class Harms(Planned):
    kills: tuple[Kill, ...]
    freezes: tuple[Freeze, ...]
    cuts: tuple[Cut, ...]
    outages: tuple[Outage, ...]


def make_harms(seed: int, size: Size) -> Harms:
    asking = size.messages / size.rate
    length = asking + QUIET
    freezes = tuple(_freezes(Random(f"{seed} freezes"), size.freezes, length))
    cuts = tuple(_cuts(Random(f"{seed} cuts"), size.cuts, length))
    kills = [
        *_kills(Random(f"{seed} kills"), size.kills_every, length, freezes, cuts),
        *_server_kills(Random(f"{seed} server"), size.server_kills, length),
    ]
    return Harms(
        kills=tuple(sorted(kills, key=lambda kill: kill.at)),
        freezes=freezes,
        cuts=cuts,
        outages=_outages(Random(f"{seed} outages"), asking),
    )


def _kills(
    dice: Random,
    every: float,
    length: float,
    freezes: tuple[Freeze, ...],
    cuts: tuple[Cut, ...],
) -> Iterator[Kill]:
    """Who is frozen or cut off is not killed, but the other: it shall come back and go on."""
    at = every
    while at < length:
        spared = {f.victim for f in freezes if f.at - 2 <= at <= f.at + f.lasts + 2}
        spared |= {"worker-2" for c in cuts if c.at - 2 <= at <= c.at + c.lasts + 2}
        (victim,) = dice.choices(list(_VICTIMS), list(_VICTIMS.values()))
        if spared and victim.startswith("worker"):
            victim = next((one for one in _WORKERS if one not in spared), "webhooks")
        yield Kill(victim=victim, at=at, down=dice.uniform(0, 2))
        at += dice.uniform(0.7, 1.3) * every


def _server_kills(dice: Random, times: int, length: float) -> Iterator[Kill]:
    for number in range(times):
        moment = length * (number + dice.uniform(0.3, 0.9)) / times
        yield Kill(victim="temporal", at=moment, down=dice.uniform(0, 1.5))


def _freezes(dice: Random, times: int, length: float) -> Iterator[Freeze]:
    for number in range(times):
        moment = length * (number + dice.uniform(0.1, 0.5)) / times
        victim = dice.choice(("worker", "worker-2"))
        yield Freeze(victim=victim, at=moment, lasts=dice.uniform(*_FROZEN))


def _cuts(dice: Random, times: int, length: float) -> Iterator[Cut]:
    """Each way as often as the others."""
    hows: list[Cutting] = []
    for number in range(times):
        hows = hows or dice.sample(list(_LASTS), len(_LASTS))
        how, moment = hows.pop(), length * (number + dice.uniform(0.1, 0.6)) / times
        lasts, delay = dice.uniform(*_LASTS[how]), dice.uniform(*_SLOW)
        yield Cut(how=how, at=moment, lasts=lasts, delay=delay)


def _outages(dice: Random, length: float) -> tuple[Outage, ...]:
    """One a minute: a provider that cuts every connection, or answers 503 to everything."""
    return tuple(
        Outage(
            provider=dice.choice(("twilio", "vonage", "sendgrid")),
            do=dice.choice(("cut_off", "error")),
            at=minute * 60 + dice.uniform(5, 50),
            lasts=dice.uniform(2, 5),
        )
        for minute in range(int(length / 60) + 1)
    )
