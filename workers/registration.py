"""Registers the search attributes that are missing: without them no message can go on."""

from collections.abc import Mapping
from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError

from failover.names import SearchAttribute

_KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
_LIST = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST
_ALL: Mapping[str, IndexedValueType.ValueType] = {
    name.value: _LIST if name == SearchAttribute.REPLY_KEYS else _KEYWORD
    for name in SearchAttribute
}
_PATIENCE = timedelta(seconds=10)


class NotRegistered(Exception):
    """Says which search attributes are missing and how an administrator adds them."""


async def register_search_attributes(client: Client) -> list[str]:
    """Add what is missing and return its names. Raises `NotRegistered` where we may not."""
    missing = await _missing(client)
    if missing:
        wanted = {name: _ALL[name] for name in missing}
        asked = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wanted)
        try:
            await client.operator_service.add_search_attributes(asked, timeout=_PATIENCE)
        except RPCError as error:
            # Another worker may have been first.
            if await _missing(client):
                raise NotRegistered(_advice(client.namespace, missing)) from error
    return missing


async def _missing(client: Client) -> list[str]:
    asked = ListSearchAttributesRequest(namespace=client.namespace)
    try:
        known = await client.operator_service.list_search_attributes(asked, timeout=_PATIENCE)
    except RPCError as error:
        raise NotRegistered(_advice(client.namespace, list(_ALL))) from error
    wrong = [n for n in _ALL if n in known.custom_attributes and not _fits(known, n)]
    if wrong:
        raise NotRegistered(f"search attributes of another type exist: {', '.join(wrong)}")
    return [name for name in _ALL if name not in known.custom_attributes]


def _fits(known: object, name: str) -> bool:
    types: Mapping[str, int] = known.custom_attributes  # type: ignore[attr-defined]
    return types[name] == _ALL[name]


def _advice(namespace: str, missing: list[str]) -> str:
    kinds = {_LIST: "KeywordList", _KEYWORD: "Keyword"}
    pairs = " ".join(f"--name {name} --type {kinds[_ALL[name]]}" for name in missing)
    return (
        "search attributes are missing and could not be added; an administrator adds them with: "
        f"temporal operator search-attribute create --namespace {namespace} {pairs}"
    )
