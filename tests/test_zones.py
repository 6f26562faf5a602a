"""The time zones of phone numbers: by number range, and of several numbers all of them."""

import pytest

from activities.offers import Offers, Wanted
from activities.planned import Installed
from activities.zones import zones_of

BERLIN, CALIFORNIA, AMERICA = "+4915112345678", "+14155550100", "+18005550100"


@pytest.mark.parametrize(
    ("numbers", "zones"),
    [
        ([BERLIN], ["Europe/Berlin"]),
        ([CALIFORNIA], ["America/Los_Angeles"]),
        ([BERLIN, CALIFORNIA], ["America/Los_Angeles", "Europe/Berlin"]),
        (["+99912345678"], []),
        ([BERLIN, "+99912345678"], []),
        (["nobody"], []),
        ([], []),
    ],
)
def test_the_zones_of_numbers(numbers: list[str], zones: list[str]) -> None:
    assert zones_of(numbers) == zones


def test_a_number_of_a_whole_continent_is_in_all_its_zones() -> None:
    assert {"America/New_York", "America/Los_Angeles"} <= set(zones_of([AMERICA]))


async def test_a_message_asks_for_the_zones_of_its_steps() -> None:
    offered = await Offers(Installed({})).offers(Wanted(numbers={0: [BERLIN], 2: ["nobody"]}))

    assert offered.zones == {0: ["Europe/Berlin"], 2: []}
