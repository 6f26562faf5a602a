"""The calls under way."""

from collections.abc import Callable

from simulator.call import Caller, LiveCall
from simulator.outbox import Outbox
from simulator.records import Sent
from simulator.settings import Settings
from simulator.state import State
from simulator.twilio.call import TwilioCaller
from simulator.vonage.call import VonageCaller

_CALLERS: dict[str, Callable[[Sent, Settings, Outbox], Caller]] = {
    "twilio": TwilioCaller,
    "vonage": VonageCaller,
}


class Switchboard:
    def __init__(self, settings: Settings, state: State, outbox: Outbox) -> None:
        self._settings, self._state, self._outbox = settings, state, outbox
        self.calls: dict[str, LiveCall] = {}

    def ring(self, sent: Sent) -> None:
        caller = _CALLERS[sent.provider](sent, self._settings, self._outbox)
        call = LiveCall(sent, caller, self._settings, self._state, self._outbox)
        self.calls[sent.id] = call
        task = self._outbox.start(call.run())
        task.add_done_callback(lambda _: self.calls.pop(sent.id, None))
