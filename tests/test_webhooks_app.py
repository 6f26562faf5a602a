"""Every callback gets the status code that its provider's rules for repeats ask for."""

from collections.abc import AsyncIterator

import pytest

from failover.events import DeliveryReport, Reply
from providers.base import Callback
from tests.callbacks import BASE_URL, FORM, twilio_callback, twilio_signature
from tests.callbacks_sendgrid import sendgrid_events
from tests.callbacks_twilio import PRESSED, STATUS
from tests.callbacks_vonage import vonage_callback
from tests.webhooks_app import (
    PATHS,
    READERS,
    ROUTES,
    Broken,
    callbacks,
    forged,
    raw,
    unsigned,
    webhooks,
)


@pytest.mark.parametrize("path", PATHS)
async def test_a_signed_callback_is_delivered_and_answered_2xx(path: str) -> None:
    hooks = webhooks()
    response = await hooks.post(callbacks()[path])

    assert response.status_code == 200
    if not path.endswith("/inbound"):
        [event] = hooks.gateway.events
        assert isinstance(event, DeliveryReport | Reply)
        assert event.reference == "order-1.2"


@pytest.mark.parametrize("path", PATHS)
async def test_a_changed_body_is_forged_and_told_nothing(path: str) -> None:
    hooks, callback = webhooks(), callbacks()[path]
    changed = Callback(callback.url, callback.headers, callback.body + b"x")
    response = await hooks.post(changed)

    assert response.status_code == forged(path)
    assert response.content == b""
    assert hooks.gateway.events == []


@pytest.mark.parametrize(
    ("provider", "status"), [("twilio", 403), ("sendgrid", 403), ("vonage", 401)]
)
def test_a_forgery_is_told_what_its_provider_does_not_repeat_after(
    provider: str, status: int
) -> None:
    assert {forged(path) for path in PATHS if path.startswith(f"/{provider}/")} == {status}


@pytest.mark.parametrize("path", PATHS)
async def test_an_unsigned_callback_is_forged_but_vonage_sends_it_again_signed(path: str) -> None:
    response = await webhooks().post(unsigned(path))

    assert response.status_code == (503 if path.startswith("/vonage") else forged(path))
    assert response.content == b""


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_over_the_limit_is_too_large_before_it_is_checked(path: str) -> None:
    limit = ROUTES[path].limit
    hooks = webhooks()

    declared = await hooks.post(unsigned(path, b"a" * (limit + 1)))
    streamed = await hooks.http.post(path, content=_chunks(limit + 1))
    within = await hooks.post(unsigned(path, b"a" * limit))

    assert (declared.status_code, streamed.status_code) == (413, 413)
    assert within.status_code in (forged(path), 503)


async def _chunks(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, 16384):
        yield b"a" * min(16384, size - start)


@pytest.mark.parametrize("length", ["99999999999999999999", "-1", "1e9", "٣"])
async def test_an_odd_content_length_is_no_fault(length: str) -> None:
    status = await raw(webhooks(), "/twilio/status", {"content-length": length}, [b"a=1"])

    assert status in (403, 413)


@pytest.mark.parametrize("path", PATHS)
async def test_while_temporal_is_away_the_provider_is_asked_to_repeat(path: str) -> None:
    hooks = webhooks(away=True)
    response = await hooks.post(callbacks()[path])

    assert response.status_code == 503


async def test_signed_but_malformed_is_a_bad_request() -> None:
    hooks = webhooks()

    assert (await hooks.post(twilio_callback("status?m=no", STATUS))).status_code == 400
    assert (await hooks.post(sendgrid_events("no list"))).status_code == 400
    assert (await hooks.post(vonage_callback("status", b"no JSON"))).status_code == 400
    assert hooks.gateway.events == []


async def test_the_same_callback_again_is_answered_the_same() -> None:
    hooks = webhooks()
    again = [await hooks.post(callbacks()["/twilio/status"]) for _ in range(3)]

    assert [response.status_code for response in again] == [200, 200, 200]
    assert len({event.model_dump_json() for event in hooks.gateway.events}) == 1


async def test_a_provider_that_is_not_configured_has_no_routes() -> None:
    hooks = webhooks(readers={"twilio": READERS["twilio"]})
    answers = [await hooks.http.post(path) for path in PATHS if not path.startswith("/twilio")]

    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/twilio", "/twilio/status/"])
async def test_there_is_nothing_else(path: str) -> None:
    assert (await webhooks().http.post(path)).status_code == 404
    assert (await webhooks().http.get(path)).status_code == 404


async def test_forwarded_headers_change_nothing() -> None:
    hooks, callback = webhooks(), callbacks()["/twilio/status"]
    response = await hooks.post(
        callback, **{"Host": "evil.example", "X-Forwarded-Host": "x", "X-Forwarded-Proto": "http"}
    )

    assert response.status_code == 200


async def test_a_signature_for_another_host_does_not_count() -> None:
    callback = twilio_callback("status?m=order-1.2", STATUS, base_url="http://inside:8300")

    assert (await webhooks().post(callback, Host="inside:8300")).status_code == 403


@pytest.mark.parametrize(
    "query", ["m=order-1.2&a=%2F%2f+b", "m=order-1%2E2", "a&m=order-1.2&&", "m=order-1.2&b=%C3%A9"]
)
async def test_the_query_is_checked_as_it_was_received(query: str) -> None:
    hooks = webhooks()
    url = f"{BASE_URL}/twilio/status?{query}"
    headers = {"content-type": FORM, "x-twilio-signature": twilio_signature(url, STATUS.items())}
    body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in STATUS.items())

    answer = await raw(hooks, f"/twilio/status?{query}", headers, [body.encode()])

    assert answer == 200
    assert isinstance(hooks.gateway.events[0], DeliveryReport)


async def test_a_body_that_does_not_come_times_out() -> None:
    hooks = webhooks()

    assert await raw(hooks, "/twilio/status", {}, [b"a=1"], ends=False) == 408


async def test_a_stranger_who_hangs_up_halfway_does_no_harm() -> None:
    hooks = webhooks()

    assert await raw(hooks, "/twilio/status", {}, [b"a=1", None], ends=False) == 408
    assert hooks.gateway.events == []


async def test_a_call_hears_what_twilio_is_told_to_say() -> None:
    hooks = webhooks()
    thanked = await hooks.post(callbacks()["/twilio/voice"])
    wrong = await hooks.post(
        twilio_callback("voice?m=order-1.2&keys=2", {**PRESSED, "Digits": "9"})
    )

    assert thanked.headers["content-type"].startswith("text/xml")
    assert "Thank you" in thanked.text
    assert "not one of the choices" in wrong.text
    assert len(hooks.gateway.events) == 1


async def test_twilio_is_answered_with_nothing_to_do_and_others_with_nothing() -> None:
    hooks = webhooks()
    twilio, mail = [
        await hooks.post(callbacks()[path]) for path in ("/twilio/inbound", "/sendgrid/events")
    ]

    assert (twilio.headers["content-type"], twilio.text) == (
        "text/xml; charset=utf-8",
        "<Response/>",
    )
    assert mail.content == b""


async def test_a_fault_of_ours_is_to_be_sent_again_and_shows_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hooks = webhooks(readers={"twilio": Broken()})
    response = await hooks.post(unsigned("/twilio/status", b"a=secret"))

    assert response.status_code == 503
    assert "KeyError in " in caplog.text
    assert "secret" not in caplog.text


async def test_it_is_healthy_while_temporal_answers() -> None:
    well, ill = webhooks(), webhooks(away=True)
    ok, away = await well.http.get("/healthz"), await ill.http.get("/healthz")

    assert (ok.status_code, ok.json()) == (200, {"status": "ok", "temporal": True})
    assert (away.status_code, away.json()["temporal"]) == (503, False)
