"""The calls under way."""

from simulator.call import LiveCall
from simulator.outbox import Outbox
from simulator.records import Sent
from simulator.settings import Settings
from simulator.state import State
from simulator.twilio.call import TwilioCall
from simulator.vonage.call import VonageCall

_CALLS: dict[str, type[LiveCall]] = {"twilio": TwilioCall, "vonage": VonageCall}


class Switchboard:
    def __init__(self, settings: Settings, state: State, outbox: Outbox) -> None:
        self._settings, self._state, self._outbox = settings, state, outbox
        self.calls: dict[str, LiveCall] = {}

    def ring(self, sent: Sent) -> None:
        call = _CALLS[sent.provider](sent, self._settings, self._state, self._outbox)
        self.calls[sent.id] = call
        task = self._outbox.start(call.run())
        task.add_done_callback(lambda _: self.calls.pop(sent.id, None))
