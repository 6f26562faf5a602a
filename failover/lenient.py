"""What is read from outside, or years later: a field that cannot be read is left out."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)


def _words(most: int) -> Callable[[object], str | None]:
    """Text, at most so long; a number as text; nothing for what is neither."""

    def read(given: object) -> str | None:
        usable = isinstance(given, str | int | float) and not isinstance(given, bool)
        return str(given)[:most] or None if usable else None

    return read


def _moment(given: object) -> datetime | None:
    """The time, in UTC; nothing where it is none, or none of our time: it may be reckoned with."""
    try:
        at = _TIME.validate_python(given)
        at = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValidationError, OverflowError):
        return None
    return at if _OURS[0] <= at.year <= _OURS[1] else None


def _keys(given: object) -> list[str]:
    """A key of ours is short; a search attribute has no room for anything else."""
    listed = given if isinstance(given, list | tuple) else ()
    return [key for key in listed if isinstance(key, str) and 0 < len(key) <= 64][:10]


_TIME = TypeAdapter(datetime)
_OURS = (2000, 2200)
#: An optional field that cannot be read is left out: what a person said counts without it.
Text = Annotated[str | None, BeforeValidator(_words(20_000))]
Word = Annotated[str | None, BeforeValidator(_words(1_000))]
Moment = Annotated[AwareDatetime | None, BeforeValidator(_moment)]
Keys = Annotated[tuple[str, ...], BeforeValidator(_keys)]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class Recorded(BaseModel):
    """Read again years later by newer code, so an unknown field is ignored."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", populate_by_name=True, serialize_by_alias=True
    )
