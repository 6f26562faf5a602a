"""What goes with a text: pictures, videos, sound and files, by their addresses."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import Field, HttpUrl, field_validator

from failover.fields import Asked, Line, printable

#: A backslash is a slash to some readers and not to others: they differ on the host it leads to.
#: Braces and quotes may be of a template.
_HTTPS = r"^https://[!-\[\]-~]+$"


class MediaKind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"


class Media(Asked):
    """The provider fetches it from its address; nothing here ever does."""

    url: Annotated[str, Field(max_length=2000, json_schema_extra={"pattern": _HTTPS})]
    kind: MediaKind
    #: What the file is called where it is kept.
    name: Line | None = Field(default=None, exclude_if=lambda name: name is None)
    caption: Line | None = Field(default=None, exclude_if=lambda caption: caption is None)

    @field_validator("url")
    @classmethod
    def _leads_to_a_host(cls, url: str) -> str:
        if not re.fullmatch(_HTTPS, url):
            raise ValueError(
                "should be an https URL without spaces or backslashes, what is not ASCII as %XX"
            )
        try:
            parts = HttpUrl(url)
            fits = bool(parts.host) and parts.username is None and parts.port != 0
        except ValueError:
            fits = False
        if not fits:
            raise ValueError("should be an https URL with a host, and without a password")
        return url

    @field_validator("name")
    @classmethod
    def _name_is_one_line(cls, name: str | None) -> str | None:
        return name if name is None else printable(name)
