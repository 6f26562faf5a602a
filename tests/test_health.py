"""When a provider is passed over, and when it is asked again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from activities.health import Health, PassedOver
from failover.channels import Channel
from failover.events import Failure, FailureClass
from providers.base import Accepted, ProviderUnavailable, Refused, SendUnknown
from tests.world import eventually

Send = Callable[[], Awaitable[Accepted | Refused]]


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


class Provider:
    """What a test has it answer, and how often it was asked."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.asked = 0
        self.health = Health("acme", list(Channel), clock=self.clock)

    async def tried(self, answer: Accepted | Refused | Exception, channel: str = "sms") -> str:
        """`asked` or `passed over`."""

        async def send() -> Accepted | Refused:
            self.asked += 1
            if isinstance(answer, Exception):
                raise answer
            return answer

        before = self.asked
        with suppress(ProviderUnavailable, SendUnknown, PassedOver):
            await self.health.ask(Channel(channel), send)
        return "asked" if self.asked > before else "passed over"

    async def times(self, many: int, answer: Accepted | Refused | Exception) -> list[str]:
        return [await self.tried(answer) for _ in range(many)]


@pytest.fixture
def acme() -> Provider:
    return Provider()


FINE = Accepted(provider_id="1")


def refused(kind: FailureClass) -> Refused:
    return Refused(failure=Failure(kind=kind, code="1"))


def unavailable(kind: FailureClass = FailureClass.PROVIDER) -> ProviderUnavailable:
    return ProviderUnavailable(Failure(kind=kind))


NO_ACCOUNT = refused(FailureClass.ACCOUNT)


async def test_an_account_error_opens_it_at_once(acme: Provider) -> None:
    await acme.times(50, FINE)

    assert await acme.tried(NO_ACCOUNT) == "asked"
    assert await acme.tried(FINE) == "passed over"
    assert acme.health.trouble(Channel.SMS) == "an account error"


@pytest.mark.parametrize(
    "answer", [unavailable(), SendUnknown("read timeout"), ZeroDivisionError("a fault of ours")]
)
async def test_a_burst_without_a_clear_answer_opens_it(acme: Provider, answer: Exception) -> None:
    async def burst() -> None:
        for _ in range(5):
            with pytest.raises(type(answer)):
                await acme.health.ask(Channel.SMS, fails)

    async def fails() -> Accepted:
        raise answer

    await burst()

    assert await acme.tried(FINE) == "passed over"
    assert acme.health.trouble(Channel.SMS) == "a burst of failures"


async def test_fewer_failures_than_a_burst_open_nothing(acme: Provider) -> None:
    await acme.times(4, unavailable())

    assert await acme.tried(FINE) == "asked"


async def test_failures_among_as_many_more_that_go_well_open_nothing(acme: Provider) -> None:
    await acme.times(11, FINE)

    assert await acme.times(10, SendUnknown("503")) == ["asked"] * 10


async def test_failures_of_more_than_a_minute_ago_do_not_count(acme: Provider) -> None:
    await acme.times(4, unavailable())
    acme.clock.now += 61
    await acme.times(1, unavailable())

    assert await acme.tried(FINE) == "asked"


@pytest.mark.parametrize("kind", sorted(set(FailureClass) - {FailureClass.ACCOUNT}))
async def test_a_refusal_for_another_reason_never_opens_it(
    acme: Provider, kind: FailureClass
) -> None:
    assert await acme.times(20, refused(kind)) == ["asked"] * 20


async def test_a_rate_limit_never_opens_it(acme: Provider) -> None:
    assert await acme.times(20, unavailable(FailureClass.CAP)) == ["asked"] * 20


async def test_another_channel_of_the_provider_goes_on(acme: Provider) -> None:
    await acme.times(5, unavailable())

    assert await acme.tried(FINE, "whatsapp") == "asked"


async def test_a_probe_that_goes_well_closes_it(acme: Provider) -> None:
    await acme.times(5, unavailable())
    acme.clock.now += 30

    assert await acme.times(3, FINE) == ["asked"] * 3


async def test_a_probe_that_fails_opens_it_for_twice_as_long(acme: Provider) -> None:
    await acme.times(5, unavailable())
    acme.clock.now += 30
    await acme.tried(SendUnknown("503"))

    acme.clock.now += 59
    assert await acme.tried(FINE) == "passed over"
    acme.clock.now += 1
    assert await acme.tried(FINE) == "asked"


async def test_it_is_asked_again_after_five_minutes_however_often_it_failed(acme: Provider) -> None:
    await acme.times(5, unavailable())
    for _ in range(10):
        acme.clock.now += 300
        assert await acme.tried(unavailable()) == "asked"


async def test_a_slow_answer_is_no_account_error(acme: Provider) -> None:
    async def slow() -> Accepted:
        acme.clock.now += 61
        return FINE

    await acme.health.ask(Channel.SMS, slow)

    assert acme.health.trouble(Channel.SMS) is None


async def test_one_probe_at_a_time(acme: Provider) -> None:
    await acme.times(5, unavailable())
    acme.clock.now += 30
    gate = asyncio.Event()

    async def held() -> Accepted:
        await gate.wait()
        return FINE

    probe = asyncio.create_task(acme.health.ask(Channel.SMS, held))
    await asyncio.sleep(0)
    meanwhile = await acme.tried(FINE)
    gate.set()
    await probe

    assert meanwhile == "passed over"
    assert await acme.tried(FINE) == "asked"


@pytest.mark.parametrize("answer", [unavailable(), SendUnknown("timeout")])
async def test_an_account_is_not_taken_for_mended_by_a_probe_without_an_answer(
    acme: Provider, answer: Exception
) -> None:
    await acme.tried(NO_ACCOUNT)
    acme.clock.now += 60

    assert await acme.tried(answer) == "asked"
    assert await acme.tried(FINE) == "passed over"


async def test_what_an_operator_drained_is_not_asked_even_as_a_last_resort(acme: Provider) -> None:
    acme.health.drained = frozenset({Channel.SMS})

    with pytest.raises(PassedOver, match="drained by an operator"):
        acme.health.check(Channel.SMS, cautious=False)
    acme.health.check(Channel.WHATSAPP)


async def test_without_caution_a_burst_is_no_reason(acme: Provider) -> None:
    await acme.times(5, unavailable())

    async def send() -> Accepted:
        return FINE

    acme.health.check(Channel.SMS, cautious=False)
    assert await acme.health.ask(Channel.SMS, send, cautious=False) == FINE
    with pytest.raises(PassedOver, match="a burst of failures"):
        acme.health.check(Channel.SMS)


async def test_what_is_sent_without_caution_counts_all_the_same(acme: Provider) -> None:
    async def send() -> Accepted:
        raise SendUnknown("503")

    for _ in range(5):
        with suppress(SendUnknown):
            await acme.health.ask(Channel.SMS, send, cautious=False)

    assert acme.health.trouble(Channel.SMS) == "a burst of failures"


async def test_with_no_judged_by_it_nothing_is_passed_over() -> None:
    health = Health("acme", [Channel.SMS], judged_by=0)

    async def refuses() -> Refused:
        return NO_ACCOUNT

    for _ in range(3):
        await health.ask(Channel.SMS, refuses)

    assert health.trouble(Channel.SMS) is None


async def test_without_another_send_it_is_ready_for_one_when_its_time_is_over() -> None:
    health = Health("acme", [Channel.SMS], open_for=timedelta(seconds=0.5))

    async def refuses() -> Refused:
        return NO_ACCOUNT

    async def trouble() -> str | None:
        return health.trouble(Channel.SMS)

    await health.ask(Channel.SMS, refuses)
    opened = await trouble()
    await eventually(trouble, lambda why: [True] if why is None else [])
    health.close()

    assert opened == "an account error"


async def test_the_log_names_provider_and_channel(
    acme: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    await acme.times(5, unavailable())
    acme.clock.now += 30
    await acme.tried(FINE)

    said = [record.getMessage() for record in caplog.records if record.name == "workers"]
    assert said == [
        "sms by acme is passed over: it has been failing",
        "sms by acme is tried out again with one send",
        "sms by acme works again",
    ]
