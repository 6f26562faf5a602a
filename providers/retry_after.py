"""How long a provider asks to be left alone."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST = timedelta(hours=1)


def retry_after(given: str | None) -> timedelta | None:
    """The header Retry-After, in seconds or as a date (RFC 9110), at most an hour."""
    asked = (given or "").strip()
    try:
        if asked.isascii() and asked.isdigit():
            wait = timedelta(seconds=min(int(asked[:10]), 3600))
        else:
            wait = parsedate_to_datetime(asked) - datetime.now(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), _LONGEST)
