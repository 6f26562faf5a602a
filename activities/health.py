"""Whether a provider is worth asking now, per channel, as this worker has seen it.

The breaker itself is a library's (interlock). Ours is what opens it: never the person's address
or phone, which say nothing about the provider.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from interlock import CircuitBreaker, CircuitOpenError, Clock, Config, State, WindowType

from failover.channels import Channel
from failover.events import FailureClass
from providers.base import Accepted, ProviderUnavailable, Refused, SendUnknown

#: Seconds over which a burst is counted.
BURST = 60
#: After each probe that fails the breaker stays open twice as long, up to this many times.
MOST = 10
DRAINED = "drained by an operator"

Answer = Accepted | Refused

log = logging.getLogger("workers")


class PassedOver(Exception):
    """Not asked at all; says why in an operator's words."""


class Health:
    """One provider as this worker sees it: what has been failing, and what an operator drained.

    A breaker opens at once after an account error, and when of `judged_by` sends within a minute,
    or more, at least half got no clear answer. It lets one send through as a probe after
    `open_for`. Judged by 0 sends nothing is ever passed over but what is drained.
    """

    def __init__(
        self,
        provider: str,
        channels: Iterable[Channel],
        *,
        judged_by: int = 5,
        open_for: timedelta = timedelta(seconds=30),
        clock: Clock | None = None,
    ) -> None:
        self.provider = provider
        self.drained: frozenset[Channel] = frozenset()
        known = {channel: f"{channel} by {provider}" for channel in channels if judged_by}
        seconds = open_for.total_seconds()
        self._bursts = {
            channel: _breaker(name, _burst(judged_by, seconds), NoClearAnswer(), clock)
            for channel, name in known.items()
        }
        self._accounts = {
            channel: _breaker(name, _at_once(seconds), AccountError(), clock)
            for channel, name in known.items()
        }

    def check(self, channel: Channel, *, cautious: bool = True) -> None:
        """Raises `PassedOver` where it is known beforehand; without caution, only if drained."""
        why = self.trouble(channel)
        if why and (cautious or why == DRAINED):
            raise PassedOver(why)

    async def ask(
        self, channel: Channel, send: Callable[[], Awaitable[Answer]], *, cautious: bool = True
    ) -> Answer:
        """Send, and learn from what comes of it. Raises `PassedOver`, and what `send` raises.

        Without caution it is sent also while a breaker is open.
        """
        if channel not in self._bursts:
            return await send()
        burst, account = self._bursts[channel], self._accounts[channel]
        with suppress(CircuitOpenError):  # raised before anything is sent
            return await burst.call_async(lambda: account.call_async(send))
        if cautious:
            raise PassedOver(self.trouble(channel) or "being tried out again")
        return await send()

    def trouble(self, channel: Channel) -> str | None:
        """Why sends on this channel are passed over; None when they are not, or one may try."""
        if channel in self.drained:
            return DRAINED
        return next((why for why, state in self._reasons(channel) if state == State.OPEN), None)

    def condition(self, channel: Channel) -> str | None:
        """As an operator reads it; None when all is well, or it is only drained."""
        for why, state in self._reasons(channel):
            if state == State.OPEN:
                return f"passed over after {why}"
            if state == State.HALF_OPEN:
                return f"tried out with the next send after {why}"
        return None

    def _reasons(self, channel: Channel) -> list[tuple[str, State]]:
        if channel not in self._bursts:
            return []
        account, burst = self._accounts[channel].state, self._bursts[channel].state
        return [("an account error", account), ("a burst of failures", burst)]

    def close(self) -> None:
        """Stop the breakers' timers."""
        for breaker in (*self._bursts.values(), *self._accounts.values()):
            breaker.close()


class AccountError:
    """Says of one send whether it shows that our account there is of no use."""

    def is_failure(self, *, result: object, exception: Exception | None) -> bool:
        return isinstance(result, Refused) and result.failure.kind == FailureClass.ACCOUNT


class NoClearAnswer:
    """Says of one send whether nobody was there, or nobody knows what became of it.

    A refusal is a clear answer, and so is a rate limit: patience helps there.
    """

    def is_failure(self, *, result: object, exception: Exception | None) -> bool:
        if isinstance(exception, ProviderUnavailable):
            return exception.failure.kind != FailureClass.CAP
        return exception is not None and not isinstance(exception, CircuitOpenError)


class _Log:
    def on_state_change(self, *, name: str, old: State, new: State) -> None:
        said = {
            State.OPEN: "is passed over: it has been failing",
            State.HALF_OPEN: "is tried out again with one send",
            State.CLOSED: "works again",
        }
        log.warning("%s %s", name, said.get(new, new))

    def on_call(self, *, name: str, outcome: object, duration: float) -> None:
        pass

    def on_rejected(self, *, name: str) -> None:
        pass

    def on_reset(self, *, name: str) -> None:
        pass


def _breaker(
    name: str, config: Config, fails: AccountError | NoClearAnswer, clock: Clock | None
) -> CircuitBreaker:
    # A probe that met no account error in an answer has not shown that the account works.
    no_answer = (ProviderUnavailable, SendUnknown) if isinstance(fails, AccountError) else ()
    return CircuitBreaker(
        name=name,
        config=config,
        clock=clock,
        classifier=fails,
        listener=_Log(),
        unreachable_exceptions=(CircuitOpenError, *no_answer),
    )


def _burst(judged_by: int, seconds: float) -> Config:
    return replace(
        _opened(seconds),
        window_type=WindowType.TIME_BASED,
        window_size=BURST,
        minimum_number_of_calls=judged_by,
        failure_rate_threshold=0.5,
    )


def _at_once(seconds: float) -> Config:
    """The last send alone decides, and an account is not mended in half a minute."""
    return replace(_opened(2 * seconds), window_size=1, minimum_number_of_calls=1)


def _opened(seconds: float) -> Config:
    return Config(
        permitted_calls_in_half_open=1,
        wait_duration_in_open=seconds,
        wait_duration_backoff_multiplier=2,
        wait_duration_in_open_max=MOST * seconds,
        # A slow answer is one: a worker that was frozen has waited long for all of its sends.
        slow_call_duration_threshold=float("inf"),
        # Without a timer it would stay open for good where others are asked first.
        auto_transition=True,
    )
