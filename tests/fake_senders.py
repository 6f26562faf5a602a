"""Senders that do what a test says, and remember what they were asked to send."""

import threading
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from failover.channels import Channel
from failover.events import Failure, FailureClass
from providers.base import Accepted, LookUpImpossible, Outbound, ProviderUnavailable, Refused

Act = Callable[[Outbound], Accepted | Refused]


class FakeProvider:
    """Takes everything, unless `then` was told otherwise; the last thing told is for ever."""

    def __init__(self) -> None:
        self.sent: list[Outbound] = []
        self.asked: list[Outbound] = []
        self.found: Accepted | None = None
        self.impossible = False
        self._acts: dict[Channel, list[Act]] = defaultdict(list)
        self._ids = count(1)
        self._lock = threading.Lock()

    def then(self, channel: str, *acts: Act) -> None:
        self._acts[Channel(channel)] = list(acts)

    def send(self, outbound: Outbound) -> Accepted | Refused:
        with self._lock:
            self.sent.append(outbound)
            acts = self._acts[outbound.channel]
            act = acts.pop(0) if len(acts) > 1 else (acts or [self.accept])[0]
        return act(outbound)

    def look_up(self, outbound: Outbound, since: datetime) -> Accepted | None:
        self.asked.append(outbound)
        if self.impossible:
            raise LookUpImpossible
        return self.found

    def accept(self, outbound: Outbound) -> Accepted:
        return Accepted(provider_id=f"id-{next(self._ids)}", reply_keys=(f"key-{outbound.to}",))

    def accept_after(self, gate: threading.Event) -> Act:
        """The request is under way until the gate opens."""

        def act(outbound: Outbound) -> Accepted:
            assert gate.wait(20)
            return self.accept(outbound)

        return act

    def channels(self) -> list[str]:
        return [outbound.channel.value for outbound in self.sent]


def refuse(kind: FailureClass, code: str = "1") -> Act:
    return lambda _: Refused(failure=Failure(kind=kind, code=code))


def unavailable(retry_after: timedelta | None = None) -> Act:
    def act(_: Outbound) -> Accepted:
        raise ProviderUnavailable(Failure(kind=FailureClass.PROVIDER, code="429"), retry_after)

    return act


def broken(error: Exception) -> Act:
    def act(_: Outbound) -> Accepted:
        raise error

    return act
