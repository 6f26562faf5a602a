"""Where an opt-out closes: at the address it came from, on every channel.

Workflow code, like the policy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from failover.attempts import Attempt
from failover.channels import PHONE_CHANNELS, Channel
from failover.events import OptOut
from failover.message import Message


@dataclass(frozen=True)
class Closing:
    """What one opt-out closes. Where no address is known it is its channel alone."""

    channel: str
    address: str | None
    #: Whether it is known beyond this message, for just this address.
    remembered: bool = False

    def covers(self, channel: str, address: str | None) -> bool:
        if self.address is None:
            return channel == self.channel
        return address is not None and address.casefold() == self.address.casefold()


def closing(message: Message, attempts: Sequence[Attempt], opt_out: OptOut) -> Closing:
    """The address that we wrote to, by its keyed hash; else the last one written to on its channel.

    A person may answer from another address than we wrote to, which nobody is asked to forget.
    """
    named = [a for a in attempts if opt_out.person and a.person == opt_out.person]
    on_channel = [a for a in attempts if a.provider and a.channel == opt_out.channel]
    for made, remembered in ((named, opt_out.remembered), (on_channel, False)):
        if made:
            address = message.address(message.steps[made[-1].step])
            return Closing(opt_out.channel, address, remembered)
    return Closing(opt_out.channel, _unwritten(message, opt_out.channel))


def concerns(message: Message, closing: Closing) -> bool:
    """Whether it is the recipient's: not of a team of agents, or of another person asked."""
    others = [step for step in message.steps if step.to is not None]
    address = closing.address
    if closing.channel == Channel.AGENT:
        return False
    if address is None:
        return True
    own = {known.casefold() for known in message.recipient.addresses.values()}
    theirs = {(message.address(step) or "").casefold() for step in others}
    return address.casefold() in own or address.casefold() not in theirs


def says_stop_itself(text: str) -> bool:
    """Whether it is the one word that is never a choice.

    >>> says_stop_itself(" Stop! "), says_stop_itself("Stop it")
    (True, False)
    """
    return "".join(filter(str.isalnum, text)).casefold() == "stop"


def _unwritten(message: Message, channel: str) -> str | None:
    """Where we would write to on this channel."""
    steps = (message.address(step) for step in message.steps if step.channel == channel)
    known = message.recipient.addresses
    phone = known.get("phone") if channel in PHONE_CHANNELS else None
    return next(steps, known.get(channel, phone))
