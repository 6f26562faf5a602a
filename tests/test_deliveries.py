"""Who is asked first when deliveries have been slow."""

from datetime import timedelta

import pytest

from activities.deliveries import Deliveries

FAST, SLOW = timedelta(seconds=4), timedelta(minutes=5)
MINUTE, HOUR = 60.0, 3600.0


class World:
    def __init__(self) -> None:
        self.now, self.chances = 0.0, [0.99]
        self.deliveries = Deliveries(lambda: self.now, self._chance)

    def _chance(self) -> float:
        return self.chances[0]

    def note(self, provider: str, *, fast: int = 0, slow: int = 0, vain: int = 0) -> None:
        for took, many in ((FAST, fast), (SLOW, slow), (None, vain)):
            for _ in range(many):
                self.deliveries.note(provider, "sms", took)

    def order(self) -> list[str]:
        return self.deliveries.order("sms", ["acme", "best"])

    def share(self, provider: str = "acme") -> float:
        self.order()
        return self.deliveries.share(provider, "sms")


@pytest.fixture
def world() -> World:
    return World()


def test_without_deliveries_the_order_is_as_it_was(world: World) -> None:
    assert world.order() == ["acme", "best"]


def test_a_slow_provider_is_asked_first_for_a_tenth_less(world: World) -> None:
    world.note("acme", fast=85, slow=15)
    world.note("best", fast=100)

    assert world.share() == 0.9
    world.chances = [0.89]
    assert world.order() == ["acme", "best"]
    world.chances = [0.9]
    assert world.order() == ["best", "acme"]


@pytest.mark.parametrize(
    ("fast", "slow", "vain", "share"),
    [
        pytest.param(86, 14, 0, 1.0, id="less than 15 % is not slow"),
        pytest.param(85, 0, 15, 0.9, id="waited for in vain is slow"),
        pytest.param(0, 19, 0, 1.0, id="too few prove nothing"),
        pytest.param(0, 20, 0, 0.9, id="twenty do"),
    ],
)
def test_what_is_slow(world: World, fast: int, slow: int, vain: int, share: float) -> None:
    world.note("acme", fast=fast, slow=slow, vain=vain)

    assert world.share() == share


def test_when_everyone_is_slow_it_is_not_the_provider(world: World) -> None:
    world.note("acme", slow=50)
    world.note("best", slow=50)

    assert (world.share("acme"), world.share("best")) == (1.0, 1.0)


def test_a_tenth_at_most_in_ten_minutes(world: World) -> None:
    shares = []
    for _ in range(4):
        world.note("acme", slow=50)
        shares.append(world.share())
        world.now += 5 * MINUTE

    assert shares == [0.9, 0.9, 0.8, 0.8]


def test_it_never_gets_less_than_nothing(world: World) -> None:
    for _ in range(15):
        world.note("acme", slow=50)
        world.now += 10 * MINUTE
        world.order()

    assert world.share() == 0.0


def test_a_tenth_comes_back_in_every_hour_without(world: World) -> None:
    world.note("acme", slow=50)
    world.order()
    world.now += 10 * MINUTE
    world.note("acme", slow=50)
    assert world.share() == 0.8

    world.now += HOUR - 1
    assert world.share() == 0.8
    world.now += 1
    assert world.share() == 0.9
    world.now += HOUR
    assert world.share() == 1.0
    world.now += HOUR
    assert world.share() == 1.0


def test_deliveries_of_a_quarter_of_an_hour_ago_are_not_recent(world: World) -> None:
    world.note("acme", slow=50)
    world.now += 15 * MINUTE

    assert world.share() == 1.0


def test_channels_are_apart(world: World) -> None:
    world.note("acme", slow=50)

    assert world.deliveries.order("whatsapp", ["acme", "best"]) == ["acme", "best"]


def test_a_provider_alone_is_asked_whatever_it_did(world: World) -> None:
    world.note("acme", slow=500)

    assert world.deliveries.order("sms", ["acme"]) == ["acme"]
