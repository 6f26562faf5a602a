"""What the fields of a message are made of."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


def at_most(most: int) -> BeforeValidator:
    """Before the items are looked at: half a million faults take longer than Temporal gives."""

    def check(given: object) -> object:
        if isinstance(given, list | tuple) and len(given) > most:
            raise ValueError(f"should have at most {most} items, not {len(given)}")
        return given

    return BeforeValidator(check)


def no_longer_than_a_year(wait: timedelta) -> timedelta:
    if not timedelta(0) <= wait <= timedelta(days=366):
        raise ValueError("should be between nothing and a year")
    return wait


def printable(text: str) -> str:
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise ValueError("should have no control characters")
    return text


Span = Annotated[timedelta, Field(description="ISO 8601 (PT30M) or seconds")]
Id = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", min_length=1, max_length=200)]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Asked(BaseModel):
    """People type these, so a misspelt field is refused instead of ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)
