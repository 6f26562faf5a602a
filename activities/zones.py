"""In which time zones a phone number may be: by libphonenumber's table of number ranges."""

from collections.abc import Iterable
from zoneinfo import available_timezones

import phonenumbers
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

from failover.message import Message


def numbers_of(message: Message) -> dict[int, list[str]]:
    """By step, the numbers that say when its hours are, where nobody says the zone."""
    return {
        number: message.phones(step)
        for number, step in enumerate(message.steps)
        if message.in_hours(step) and not message.person(step).time_zone
    }


def zones_of(numbers: Iterable[str]) -> list[str]:
    """All that any of them may be in; none where one of them says nothing."""
    found: set[str] = set()
    for number in numbers:
        zones = _zones(number)
        if not zones:
            return []
        found |= zones
    return sorted(found)


def _zones(number: str) -> set[str]:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return set()
    zones = set(time_zones_for_number(parsed)) - {UNKNOWN_TIMEZONE}
    return zones if zones <= available_timezones() else set()
