"""What an integration with a provider consists of; `provider.py` in each folder has one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from failover.channels import Channel
from providers.base import CallbackReader, Sender
from providers.settings import ProviderSettings, PublicSettings

Described = Mapping[str, Any]

_TEXT = {"type": "string"}
_TAKEN: Mapping[int, Described] = {200: {"description": "taken"}}


@dataclass(frozen=True)
class Route:
    """A path of `webhooks/` that a provider calls, in OpenAPI's words."""

    name: str  #: the path is `/<prefix>/<name>`
    body: Described  #: schemas by media type; see `form` and `json_of`
    query: Mapping[str, str] = field(default_factory=dict)  #: what each parameter is
    limit: int = 64 * 1024  #: bytes, checked before the signature: checking costs time, too


@dataclass(frozen=True)
class Callbacks:
    """How a provider calls back, and how its reader is made of the settings."""

    prefix: str
    routes: tuple[Route, ...]
    reader: Callable[[Any, PublicSettings], CallbackReader]
    signature: tuple[str, ...] = ()  #: the headers it is in, but for Authorization
    bearer: bool = False  #: whether a token in Authorization is the signature
    forged: int = 403  #: what a forgery is answered with: the provider must not repeat it
    taken: Mapping[int, Described] = field(default_factory=lambda: _TAKEN)
    headers: Mapping[str, str] = field(default_factory=dict)  #: of every answer


@dataclass(frozen=True)
class Integration:
    """A provider, before anything is known of credentials."""

    name: str
    title: str
    settings: type[ProviderSettings]
    senders: Callable[[Any, PublicSettings], Mapping[Channel, Sender]]
    callbacks: Callbacks | None = None


def form(*fields: str) -> Described:
    return {"application/x-www-form-urlencoded": {"schema": object_of(*fields)}}


def json_of(schema: Described) -> Described:
    return {"application/json": {"schema": schema}}


def object_of(*fields: str, **more: Any) -> Described:
    """Of texts, and `more` with schemas of their own."""
    return {"type": "object", "properties": {**dict.fromkeys(fields, _TEXT), **more}}
