"""The person, and where the person can be reached."""

import re
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, StringConstraints, field_validator

from failover.addresses import E164, EMAIL, OPAQUE, scrub
from failover.channels import PHONE_CHANNELS, Channel
from failover.fields import Asked, Id, Line, printable


class Recipient(Asked):
    """The person, by the caller's own id, and where the person can be reached."""

    addresses: dict[str, str] = Field(min_length=1, max_length=20)
    id: Id | None = None
    name: Line | None = None
    locale: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]+)*$")] = "en"
    time_zone: str | None = None

    @field_validator("addresses")
    @classmethod
    def _addresses_fit(cls, given: dict[str, str]) -> dict[str, str]:
        faults = [
            fault for name, address in given.items() if (fault := address_fault(name, address))
        ]
        if faults:
            raise ValueError("; ".join(faults))
        return given

    @field_validator("name")
    @classmethod
    def _name_is_one_line(cls, name: str | None) -> str | None:
        return name if name is None else printable(name)

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str | None) -> str | None:
        try:
            known = name is None or bool(ZoneInfo(name))
        except (KeyError, ValueError, OSError):
            known = False
        # What a host adds of its own is not on the next one.
        if not known or (name and re.match(r"(right|posix)/|localtime|posixrules|Factory", name)):
            raise ValueError("should be an IANA time zone, like Europe/Berlin")
        return name


def address_fault(name: str, address: str) -> str | None:
    if name not in {*Channel, "phone"}:
        return f"{scrub(name[:60])}: not a channel; known are {', '.join(Channel)} and phone"
    if name == "phone" or name in PHONE_CHANNELS:
        fits, like = E164, "a phone number in E.164 with +, like +14155550100"
    elif name in (Channel.EMAIL, Channel.AGENT):
        fits, like = EMAIL, "an email address, like dana@example.com"
    else:
        fits, like = OPAQUE, "an id without spaces"
    return None if fits.fullmatch(address) else f"{name}: should be {like}"
