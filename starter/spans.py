"""Spans and moments of time, as people write them and as people read them."""

import re
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(d|h|m|s)[a-z]*\s*", re.IGNORECASE)
_SPAN = TypeAdapter(timedelta)
_LONGEST = timedelta(days=36_600)


def parse_span(text: str) -> timedelta:
    """`30m`, `2h`, `1h30m`, `45 min`, `PT30M` or seconds. Raises ValueError."""
    written = text.strip()
    try:
        span = _in_units(written)
        if span is None:
            span = _SPAN.validate_python(written) if written[:1] in ("P", "p") else None
    except (ValidationError, OverflowError):
        span = None
    if span is None or not timedelta(0) <= span <= _LONGEST:
        raise ValueError(f"{text!r} is not a span of time; write 30m, 2h, 1h30m, PT30M or seconds")
    return span


def parse_moment(text: str, now: datetime) -> datetime:
    """A time (`2026-12-01T23:00Z`; local without an offset) or a span from now. ValueError."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment if moment.tzinfo else moment.astimezone()
    except (ValueError, OverflowError):
        pass
    try:
        return now + parse_span(text)
    except ValueError:
        wanted = "write 2026-12-01T23:00Z, 2026-12-01 18:00 (local) or a span from now, like 6h"
        raise ValueError(f"{text!r} is not a time; {wanted}") from None


def show_span(span: timedelta) -> str:
    """Two units are enough: `1d 3h`, `2h 05m`, `8m 12s`, `3s`, `under 1s`."""
    whole = int(max(span.total_seconds(), 0))
    if not whole:
        return "under 1s" if span else "0s"
    days, hours, minutes = whole // 86_400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return _pair(days, "d", hours, "h")
    if hours:
        return _pair(hours, "h", minutes, "m")
    return _pair(minutes, "m", whole % 60, "s") if minutes else f"{whole}s"


def show_moment(at: datetime) -> str:
    """Local time with seconds, and the date unless it is today."""
    local = at.astimezone()
    today = local.date() == datetime.now().astimezone().date()
    return f"{local:%H:%M:%S}" if today else f"{local:%Y-%m-%d %H:%M:%S}"


def _in_units(written: str) -> timedelta | None:
    if re.fullmatch(r"\d+(\.\d+)?", written):
        return timedelta(seconds=float(written))
    parts = _PART.findall(written)
    if not parts or _PART.sub("", written):
        return None
    return sum(
        (timedelta(**{_UNITS[unit.lower()]: float(count)}) for count, unit in parts), timedelta(0)
    )


def _pair(large: int, unit: str, small: int, smaller: str) -> str:
    return f"{large}{unit} {small:02d}{smaller}" if small else f"{large}{unit}"
