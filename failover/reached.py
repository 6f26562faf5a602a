"""Where the person has been reached, and what was asked there.

Workflow code, like the policy. Attempts that are asides are not among those looked at.
"""

from collections.abc import Container, Sequence

from failover.attempts import Attempt, State
from failover.channels import Channel
from failover.choices import chosen, exact_choice
from failover.content import Choice, Content, OnOther
from failover.events import Answer, OptOut, Response
from failover.message import Message


def asked_on(tries: Sequence[Attempt], channel: str, person: str | None = None) -> list[int]:
    """The steps that asked there, the newest last; those that asked this person, where any did."""
    on_it = [made for made in _reached(tries) if made.channel == channel]
    own = [made for made in on_it if person and made.person == person]
    return [made.step for made in own or on_it]


def place(
    message: Message,
    tries: Sequence[Attempt],
    spoke: Answer | None,
    closed: Container[int],
) -> int | None:
    """The step by which to speak to whom an answer is for: best on the channel of `spoke`.

    None that is closed, and none to anybody else. A call is no place to say what somebody types,
    where there is another.
    """
    channel = spoke.channel if spoke else None
    to = message.steps[spoke.step].to if spoke and spoke.step is not None else None
    tries = [made for made in tries if message.steps[made.step].to == to]
    taken = [made for made in _reached(tries) if made.state != State.SENDING]
    usable = [made for made in taken if made.step not in closed]
    written = [made for made in usable if made.channel != Channel.VOICE]
    on_it = [made for made in written if made.channel == channel]
    return next((made[-1].step for made in (on_it, written, usable) if made), None)


def choice_of(message: Message, tries: Sequence[Attempt], response: Response) -> Choice | None:
    """Which of the answers offered it is, in the language of whom was asked."""
    steps = asked_on(tries, response.channel, response.person)
    person = message.person(message.steps[steps[-1]]) if steps else message.recipient
    lists = _lists(message, steps, response.channel)
    return next(filter(None, (chosen(response, one, person.locale) for one in lists)), None)


def offered(message: Message, tries: Sequence[Attempt], opt_out: OptOut) -> Choice | None:
    """The choice that is just this word; what is a stop in general may be an answer here."""
    steps = asked_on(tries, opt_out.channel, opt_out.person)
    lists = _lists(message, steps, opt_out.channel)
    return next(filter(None, (exact_choice(opt_out.text or "", one) for one in lists)), None)


def on_other(message: Message, steps: Sequence[int]) -> OnOther:
    return _said(message, steps[-1]).on_other if steps else message.content.on_other


def _reached(tries: Sequence[Attempt]) -> list[Attempt]:
    """What the person may have; an agent is somebody else."""
    return [a for a in tries if a.open and a.provider and a.channel != Channel.AGENT]


def _lists(message: Message, steps: Sequence[int], channel: str) -> list[tuple[Choice, ...]]:
    """What was offered there, the newest first, then what the message offers on others."""
    others = [step for step in message.steps if step.channel == channel]
    said = [_said(message, step) for step in reversed(steps)]
    said += [*map(message.said, others), message.content]
    return list(dict.fromkeys(content.choices for content in said))


def _said(message: Message, step: int) -> Content:
    return message.said(message.steps[step])
