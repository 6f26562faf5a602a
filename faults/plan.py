"""What is asked for, and what happens to it and to the processes: all of it from one seed."""

from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

from faults.harms import Harms, Planned, make_harms
from faults.mishaps import Script, mishap
from faults.sizes import Size

PROVIDERS = {
    "whatsapp": ("twilio", "vonage"),
    "sms": ("twilio", "vonage"),
    "email": ("sendgrid",),
    "voice": ("twilio",),
}
CHOICES = ({"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"})
#: A reply by the pair of addresses is found by search attributes, which lag: people are slower.
SLOWEST_INDEX = 1.5


class Answer(Planned):
    """What a person does so many seconds after something came on this channel."""

    channel: str
    after: float
    how: Literal["text", "press", "stop"]


class Person(Planned):
    """One message, the person it is for, and what goes wrong on the way."""

    id: str
    phone: str
    email: str
    #: Seconds after the beginning of the run; the following ones count from then.
    starts: float
    steps: tuple[dict[str, Any], ...]
    scripts: tuple[Script, ...] = ()
    answers: tuple[Answer, ...] = ()
    more: dict[str, Any]
    deadline: float | None = None
    cancel: float | None = None
    #: Whether the service asks for it twice, as after an answer that got lost.
    twice: bool = False

    def message(self, now: datetime) -> dict[str, Any]:
        due = None if self.deadline is None else now + timedelta(seconds=self.deadline)
        return {
            "id": self.id,
            "recipient": {
                "id": f"person-{self.id}",
                "addresses": {"phone": self.phone, "email": self.email},
            },
            "content": {"subject": "Delivery", "text": f"At home? {self.id}", "choices": CHOICES},
            "steps": self.steps,
            "deadline": due and due.isoformat(),
            "evidence_within": 2,
            **self.more,
        }


class Plan(Planned):
    seed: int
    people: tuple[Person, ...]
    harms: Harms


def make_plan(seed: int, size: Size) -> Plan:
    """The same seed and size make the same plan."""
    return Plan(
        seed=seed,
        people=tuple(_person(seed, number, size) for number in range(size.messages)),
        harms=make_harms(seed, size),
    )


def _person(seed: int, number: int, size: Size) -> Person:
    dice = Random(f"{seed} {number}")
    channels = dice.sample(list(PROVIDERS), dice.randint(2, 4))
    steps = tuple(_step(dice, channel, size.longest_wait) for channel in channels)
    return Person(
        id=f"fault-{seed}-{number:05}",
        phone=f"+1415{2_000_000 + number:07}",
        email=f"p{number}@example.com",
        starts=number / size.rate,
        steps=steps,
        scripts=_scripts(dice, steps),
        answers=_answers(dice, channels),
        more=_wishes(dice),
        deadline=dice.uniform(2, 12) if dice.random() < 0.12 else None,
        cancel=dice.uniform(0, 8) if dice.random() < 0.1 else None,
        twice=dice.random() < 0.1,
    )


def _step(dice: Random, channel: str, longest: float) -> dict[str, Any]:
    providers = list(PROVIDERS[channel])
    dice.shuffle(providers)
    wait = round(dice.uniform(2, longest), 1)
    return {"channel": channel, "wait": wait, "providers": providers, "send_within": 20}


def _scripts(dice: Random, steps: tuple[dict[str, Any], ...]) -> tuple[Script, ...]:
    found = [
        mishap(dice, provider, step["channel"]) for step in steps for provider in step["providers"]
    ]
    return tuple(script for script in found if script)


def _answers(dice: Random, channels: list[str]) -> tuple[Answer, ...]:
    """Nobody, one answer, or two on two channels at once."""
    (count,) = dice.choices((0, 1, 2), (25, 60, 15))
    return tuple(_answer(dice, channel) for channel in dice.sample(channels, count))


def _answer(dice: Random, channel: str) -> Answer:
    how: Literal["text", "press", "stop"] = "text"
    if channel in ("sms", "whatsapp") and dice.random() < 0.2:
        how = "stop"
    elif channel == "whatsapp" and dice.random() < 0.5:
        how = "press"
    return Answer(channel=channel, after=dice.uniform(SLOWEST_INDEX, 7), how=how)


def _wishes(dice: Random) -> dict[str, Any]:
    (until,) = dice.choices(("replied", "delivered"), (85, 15))
    (unknown,) = dice.choices(("next", "stop"), (85, 15))
    (opt_out,) = dice.choices(("stop", "skip_channel"), (70, 30))
    return {"until": until, "on_unknown": unknown, "on_opt_out": opt_out}
