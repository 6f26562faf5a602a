"""The 24 hours of WhatsApp and Messenger for free text, for those who are scripted to have them."""

from collections.abc import Iterable
from datetime import timedelta

from simulator.records import Said, Sent, now
from simulator.scripts import Script, normal

_OPEN = timedelta(hours=24)
_CHANNELS = ("whatsapp", "messenger")
_CLOSED = {"twilio": "63016", "vonage": "1340"}


def held_to(script: Script | None, sent: Sent, said: Iterable[Said]) -> Script | None:
    """What happens to the send: free text fails where the person has not written of late."""
    if script is None or script.do != "outside_window":
        return script
    if sent.channel not in _CHANNELS or _goes_any_time(sent):
        return None
    if any(_opens(one, sent) for one in said):
        return None
    return Script(do="fail", code=_CLOSED[sent.provider], after=script.after)


def _goes_any_time(sent: Sent) -> bool:
    """A template, or what has one of Messenger's tags."""
    tagged: dict[str, str] = sent.raw.get("messenger") or {}
    return sent.approved or tagged.get("category") == "message_tag"


def _opens(said: Said, sent: Sent) -> bool:
    pair = (said.provider, said.channel, normal(said.person), normal(said.to))
    theirs = (sent.provider, sent.channel, normal(sent.to), normal(sent.sender))
    return pair == theirs and now() - said.at < _OPEN
