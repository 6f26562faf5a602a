"""Whatever comes: no fault, and no signal without a signature."""

import asyncio
from typing import Any

import httpx
from hypothesis import given
from hypothesis import strategies as st

from failover.events import Event
from tests.callbacks import FORM, twilio_callback
from tests.callbacks_sendgrid import sendgrid_events, sendgrid_mail
from tests.callbacks_vonage import vonage_callback
from tests.webhooks_app import (
    DELIVERED,
    INBOUND,
    MAIL,
    PATHS,
    PRESSED,
    RECEIPT,
    STATUS,
    raw,
    webhooks,
)

HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "content-type",
            "x-twilio-signature",
            "authorization",
            "x-twilio-email-event-webhook-signature",
            "x-twilio-email-event-webhook-timestamp",
        ]
    ),
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


SIGNED = {
    "/twilio/status": lambda body: twilio_callback("status?m=order-1.2", _pairs(body)),
    "/twilio/inbound": lambda body: twilio_callback("inbound", _pairs(body)),
    "/twilio/voice": lambda body: twilio_callback("voice?m=order-1.2&keys=2", _pairs(body)),
    "/sendgrid/events": lambda body: sendgrid_events([body, {**DELIVERED, **body}]),
    "/sendgrid/inbound": lambda body: sendgrid_mail({**MAIL, **dict(_pairs(body))}),
    "/vonage/status": lambda body: vonage_callback("status", {**RECEIPT, **body}),
    "/vonage/inbound": lambda body: vonage_callback("inbound", {**RECEIPT, **body}),
    "/vonage/voice": lambda body: vonage_callback("voice", body),
}
NAMES = sorted({*STATUS, *INBOUND, *PRESSED, *DELIVERED, *RECEIPT, "AnsweredBy", "ErrorCode"})
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)


def _pairs(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in body.items()]


@given(
    path=st.sampled_from(PATHS),
    body=st.dictionaries(st.sampled_from(NAMES), VALUES | st.lists(VALUES, max_size=2), max_size=6),
)
def test_whatever_is_signed_is_taken_or_called_malformed(path: str, body: dict[str, Any]) -> None:
    async def posted() -> httpx.Response:
        return await HOOKS.post(SIGNED[path](body))

    assert asyncio.run(posted()).status_code in (200, 400)
