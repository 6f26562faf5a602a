"""The hours in which a person may be written to, in the person's own time zone."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from failover.channels import Channel


class Day(StrEnum):
    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Hours(BaseModel):
    """From one time of day to another, on some days; `22:00` to `06:00` spans midnight."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    days: tuple[Day, ...] = Field(default=tuple(Day), min_length=1, fail_fast=True)
    opens: time = Field(alias="from")
    closes: time = Field(alias="to")
    #: Channels that may be used at any time: a mail waits until it is read.
    exempt: tuple[Channel, ...] = Field(default=(), alias="except", max_length=len(Channel))

    @model_validator(mode="after")
    def _spans_time(self) -> "Hours":
        if self.opens == self.closes:
            raise ValueError("from and to are the same time")
        if self.opens.tzinfo or self.closes.tzinfo:
            raise ValueError("from and to are local times, without an offset")
        return self


def opens_at(hours: Hours, zone: ZoneInfo, now: datetime) -> datetime:
    """`now` when it is within hours, else the moment they open next."""
    today = now.astimezone(zone).date()
    for ahead in range(-1, 9):
        day = today + timedelta(days=ahead)
        if list(Day)[day.weekday()] not in hours.days:
            continue
        ends = day + timedelta(days=1) if hours.closes < hours.opens else day
        # In UTC: Python never finds a time that the clocks skip equal to another zone's.
        if now < datetime.combine(ends, hours.closes, zone).astimezone(UTC):
            return max(now, datetime.combine(day, hours.opens, zone).astimezone(UTC))
    raise AssertionError("a week has every day")


def all_open_at(hours: Hours, zones: Sequence[ZoneInfo], now: datetime) -> datetime | None:
    """The first moment from `now` on that is within hours in all zones; None where none is."""
    at = now
    for _ in range(100):
        opens = max((opens_at(hours, zone, at) for zone in zones), default=at)
        if opens == at:
            return at
        if opens - now > timedelta(days=9):
            return None
        at = opens
    return None
