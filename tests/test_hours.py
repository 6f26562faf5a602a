"""When a person may be written to, in the person's own time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from failover.hours import Hours, all_open_at, opens_at

OFFICE = {"days": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00"}
NIGHT = {"from": "22:00", "to": "06:00"}
FRIDAY_NIGHT = {**NIGHT, "days": ["fri"]}


@pytest.mark.parametrize(
    ("hours", "zone", "now", "opens"),
    [
        pytest.param(OFFICE, "UTC", "2026-11-23T10:00Z", "2026-11-23T10:00Z", id="open"),
        pytest.param(OFFICE, "UTC", "2026-11-23T09:00Z", "2026-11-23T09:00Z", id="just open"),
        pytest.param(OFFICE, "UTC", "2026-11-23T08:00Z", "2026-11-23T09:00Z", id="later today"),
        pytest.param(OFFICE, "UTC", "2026-11-23T17:00Z", "2026-11-24T09:00Z", id="just closed"),
        pytest.param(OFFICE, "UTC", "2026-11-20T18:00Z", "2026-11-23T09:00Z", id="a weekend"),
        pytest.param(
            OFFICE, "Asia/Tokyo", "2026-11-22T23:30Z", "2026-11-23T00:00Z", id="another day there"
        ),
        pytest.param(NIGHT, "UTC", "2026-11-23T23:00Z", "2026-11-23T23:00Z", id="before midnight"),
        pytest.param(NIGHT, "UTC", "2026-11-23T05:00Z", "2026-11-23T05:00Z", id="after midnight"),
        pytest.param(NIGHT, "UTC", "2026-11-23T12:00Z", "2026-11-23T22:00Z", id="by day"),
        pytest.param(
            FRIDAY_NIGHT, "UTC", "2026-11-21T05:00Z", "2026-11-21T05:00Z", id="friday's night"
        ),
        pytest.param(
            FRIDAY_NIGHT, "UTC", "2026-11-22T05:00Z", "2026-11-27T22:00Z", id="not saturday's"
        ),
        pytest.param(
            OFFICE, "America/New_York", "2026-03-09T12:30Z", "2026-03-09T13:00Z", id="summer time"
        ),
        pytest.param(
            OFFICE, "America/New_York", "2026-03-06T12:30Z", "2026-03-06T14:00Z", id="winter time"
        ),
        pytest.param(
            {"from": "02:15", "to": "02:45"},
            "Europe/Berlin",
            "2026-03-29T00:00Z",
            "2026-03-29T01:15Z",
            id="hours that the clocks skip",
        ),
    ],
)
def test_opens_at(hours: dict[str, object], zone: str, now: str, opens: str) -> None:
    found = opens_at(Hours.model_validate(hours), ZoneInfo(zone), datetime.fromisoformat(now))

    assert found == datetime.fromisoformat(opens)


NEW_YORK, LOS_ANGELES = ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")
DAYTIME = Hours.model_validate({"from": "09:00", "to": "18:00"})


@pytest.mark.parametrize(
    ("zones", "now", "opens"),
    [
        ([NEW_YORK], "2026-11-21T14:00Z", "2026-11-21T14:00Z"),
        ([NEW_YORK, LOS_ANGELES], "2026-11-21T14:00Z", "2026-11-21T17:00Z"),
        ([LOS_ANGELES, NEW_YORK], "2026-11-21T23:30Z", "2026-11-22T17:00Z"),
        ([], "2026-11-21T03:00Z", "2026-11-21T03:00Z"),
    ],
)
def test_every_zone_has_to_be_in_hours(zones: list[ZoneInfo], now: str, opens: str) -> None:
    assert all_open_at(DAYTIME, zones, _utc(now)) == _utc(opens)


def test_zones_that_are_never_in_hours_together_have_no_such_time() -> None:
    nine_to_ten = Hours.model_validate({"from": "09:00", "to": "10:00"})

    assert all_open_at(nine_to_ten, [NEW_YORK, LOS_ANGELES], _utc("2026-11-21T14:00Z")) is None


def test_days_count_in_every_zone() -> None:
    mondays = Hours.model_validate({"days": ["mon"], "from": "00:00", "to": "23:59"})
    auckland = ZoneInfo("Pacific/Auckland")

    opens = all_open_at(mondays, [auckland, LOS_ANGELES], _utc("2026-11-21T14:00Z"))

    assert opens == _utc("2026-11-23T08:00Z")


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text)
