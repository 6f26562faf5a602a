"""The 24 hours of WhatsApp and Messenger for free text, for those who are scripted to have them."""

from collections.abc import Iterable
from datetime import timedelta

from simulator.records import Said, Sent, now
from simulator.scripts import Script, normal

_OPEN = timedelta(hours=24)
_CHANNELS = ("whatsapp", "messenger")
_CLOSED = {"twilio": "63016", "vonage": "1340"}


def applies(script: Script, sent: Sent, said: Iterable[Said]) -> bool:
    """Free text fails where the person has not written of late."""
    if script.do != "outside_window":
        return True
    if sent.channel not in _CHANNELS or _goes_any_time(sent):
        return False
    return not any(_opens(one, sent) for one in said)


def closed(script: Script, sent: Sent) -> Script:
    """What happens to the send."""
    if script.do != "outside_window":
        return script
    return Script(do="fail", code=_CLOSED[sent.provider], after=script.after)


def _goes_any_time(sent: Sent) -> bool:
    """A template, or what has one of Messenger's tags."""
    tagged: dict[str, str] = sent.raw.get("messenger") or {}
    return sent.approved or tagged.get("category") == "message_tag"


def _opens(said: Said, sent: Sent) -> bool:
    pair = (said.provider, said.channel, normal(said.person), normal(said.to))
    theirs = (sent.provider, sent.channel, normal(sent.to), normal(sent.sender))
    return pair == theirs and now() - said.at < _OPEN
