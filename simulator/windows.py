"""The 24 hours in which WhatsApp takes free text, for those who are scripted to have them."""

from collections.abc import Iterable
from datetime import timedelta

from simulator.records import Said, Sent, now
from simulator.scripts import Script, normal

_OPEN = timedelta(hours=24)
_CLOSED = {"twilio": "63016", "vonage": "1340"}


def held_to(script: Script | None, sent: Sent, said: Iterable[Said]) -> Script | None:
    """What happens to the send: free text fails where the person has not written of late."""
    if script is None or script.do != "outside_window":
        return script
    if sent.approved or sent.provider not in _CLOSED or any(_opens(one, sent) for one in said):
        return None
    return Script(do="fail", code=_CLOSED[sent.provider], after=script.after)


def _opens(said: Said, sent: Sent) -> bool:
    pair = (said.provider, said.channel, normal(said.person), normal(said.to))
    theirs = (sent.provider, sent.channel, normal(sent.to), normal(sent.sender))
    return pair == theirs and now() - said.at < _OPEN
