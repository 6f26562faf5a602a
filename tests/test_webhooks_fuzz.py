"""Whatever comes: no fault, and no signal without a signature."""

import asyncio
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from failover.events import Event
from providers.known import callbacks
from tests.callbacks import FORM
from tests.webhooks_app import PATHS, ROUTES, SIGNING, raw, webhooks

_SIGNATURES = {name.lower() for way in callbacks().values() for name in way.signature}
HEADERS = st.dictionaries(
    st.sampled_from(["content-type", "authorization", *sorted(_SIGNATURES)]),
    st.sampled_from([FORM, "application/json", "multipart/form-data; boundary=x", "Bearer a.b.c"])
    | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60),
    max_size=5,
)
HOOKS = webhooks()
QUERY = st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=40)


@given(
    path=st.sampled_from(PATHS),
    query=QUERY,
    headers=HEADERS,
    body=st.binary(max_size=400) | st.sampled_from([b"[]", b"{}", b"[{}]", b"[" * 50_000]),
)
def test_no_stranger_gets_a_fault_or_a_signal(
    path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    status, events = asyncio.run(_strange(path, query, headers, body))

    told_to_repeat = path.startswith("/vonage") and status == 503
    assert status in (401, 403, 413) or told_to_repeat
    assert events == []


async def _strange(
    path: str, query: str, headers: dict[str, str], body: bytes
) -> tuple[int, list[Event]]:
    HOOKS.gateway.events.clear()
    status = await raw(HOOKS, f"{path}?{query}", headers, [body])
    return status, HOOKS.gateway.events


def _fields(schema: Any) -> set[str]:
    """Of an object or of a list of them, as a route is described."""
    return set(schema.get("properties") or schema.get("items", {}).get("properties", ()))


NAMES = sorted(
    {
        name
        for path in PATHS
        for media in ROUTES[path].body.values()
        for name in _fields(media["schema"])
    }
)
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)


@given(
    path=st.sampled_from(PATHS),
    body=st.dictionaries(st.sampled_from(NAMES), VALUES | st.lists(VALUES, max_size=2), max_size=6),
)
def test_whatever_is_signed_is_taken_or_called_malformed(path: str, body: dict[str, Any]) -> None:
    async def posted() -> httpx.Response:
        return await HOOKS.post(SIGNING[path.split("/")[1]].saying(path, body))

    assert asyncio.run(posted()).status_code in (200, 400)
