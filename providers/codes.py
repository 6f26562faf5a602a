"""Every provider's error codes: whose fault each one is, as the TOML files beside them say.

A file has one section for each list that its provider publishes, and in it one line a code.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from failover.events import Failure, FailureClass

#: HTTP statuses about us, or about the moment, and not about what is sent.
_ABOUT_US = frozenset({401, 402, 403, 408, 429})


class AtOnce(StrEnum):
    """What a code means for the send in whose answer it comes."""

    REFUSED = "refused"  #: it will never be taken
    AGAIN = "again"  #: certainly not taken, and worth another try
    UNKNOWN = "unknown"  #: nobody knows whether it was taken


def _is_decided(kind: FailureClass) -> FailureClass:
    if kind == FailureClass.UNRECOGNIZED:
        raise ValueError("a code in a table is recognized")
    return kind


class Code(BaseModel):
    """One line of a table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Annotated[FailureClass, AfterValidator(_is_decided)] = Field(alias="class")
    means: str = Field(min_length=1)
    #: None leaves it to the HTTP status of the answer.
    at_once: AtOnce | None = None

    def failure(self, code: str | None, said: str | None = None) -> Failure:
        """`said` is the provider's own word for it, where there is one."""
        return Failure(kind=self.kind, code=code, detail=said or self.means)


class Table(BaseModel):
    """One list of one provider's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    source: str
    #: How its codes come to us.
    comes: str
    codes: Mapping[str, Code] = Field(min_length=1)


def by_status(unheard: Failure, status: int, statuses: Mapping[str, Code]) -> Failure:
    """A code in no table, in an answer with this HTTP status, which may say whose fault it is."""
    known = statuses.get(str(status)) if status in _ABOUT_US else None
    return unheard.model_copy(update={"kind": known.kind}) if known else unheard


@cache
def tables(package: str, file: str = "codes.toml") -> Mapping[str, Table]:
    """The lists of the file in this package, by the names of their sections; read once."""
    said = tomllib.loads((files(package) / file).read_text("utf-8"))
    return MappingProxyType({name: Table.model_validate(given) for name, given in said.items()})


def codes(package: str, section: str, file: str = "codes.toml") -> Mapping[str, Code]:
    return tables(package, file)[section].codes
