"""What strangers send, and what is rightly signed and bad all the same, on every callback route."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.base import Callback
from tests.callbacks_sendgrid import MAIL, form
from tests.hostile import Hooks, Signals
from tests.hostile_callbacks import GOOD, rightly_signed, tampered
from tests.webhooks_app import PATHS, ROUTES, forged

HOOKS = Hooks()

on_every_route = pytest.mark.parametrize("path", PATHS)


def post(callback: Callback) -> tuple[int, Signals]:
    return asyncio.run(HOOKS.post(callback))


def test_every_route_is_attacked_here() -> None:
    assert HOOKS.routes() == set(PATHS) == set(GOOD)


@on_every_route
def test_what_is_good_is_taken(path: str) -> None:
    status, signals = post(GOOD[path])

    assert status == 200
    assert len(signals) == 1


@given(tampered())
def test_what_is_changed_after_it_was_signed_leads_to_nothing(given: tuple[str, Callback]) -> None:
    path, callback = given
    status, signals = post(callback)

    # Of a form Twilio signs what it means, not how it is written: `%2B` and `%2b` are the same.
    # Vonage does not sign the address, so what was for one route is right on another.
    elsewhere = path.startswith("/vonage/") and callback.url != GOOD[path].url
    if elsewhere:
        assert status in (200, 400)
    elif status == 200:
        assert path.startswith("/twilio/")
        assert [ids(signal) for signal in signals] == [ids(s) for s in post(GOOD[path])[1]]
    else:
        unsigned = path.startswith("/vonage/") and not callback.headers["authorization"].strip()
        assert status == (503 if unsigned else forged(path))
        assert signals == []


@on_every_route
def test_what_is_too_old_leads_to_nothing(path: str) -> None:
    old = rightly_signed(path, GOOD[path].body, age=26 * 3600)
    status, signals = post(old)

    if path.startswith("/twilio/"):  # its signatures have no age; what comes again counts once
        assert status == 200
    else:
        assert (status, signals) == (forged(path), [])


@on_every_route
def test_what_comes_again_is_the_same_again(path: str) -> None:
    first, again = post(GOOD[path]), post(GOOD[path])

    assert first[0] == again[0] == 200
    assert [ids(signal) for signal in first[1]] == [ids(signal) for signal in again[1]]


def ids(signal: tuple[str, str, Any]) -> tuple[str, str, str]:
    workflow, name, payload = signal
    return workflow, name, getattr(payload, "event_id", None) or payload.provider_id


DEEP = b"[" * 100_000 + b"]" * 100_000
OBJECTS = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
BODIES = {
    "nothing": b"",
    "a list in a list in a list": DEEP,
    "an object in an object": OBJECTS,
    "a list of deep lists": b"[{" + b'"event":' + b"[" * 20_000 + b"]" * 20_000 + b"}]",
    "a deep list in a field": b'{"message_uuid":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "no UTF-8": b"\xff\xfe\x80=\xc3\x28&Body=\xff",
    "no UTF-8 in JSON": b'{"text":"\xff\xfe"}',
    "UTF-16": '{"text":"Yes"}'.encode("utf-16"),
    "half a surrogate": b'{"message_uuid":"\\ud800","channel":"\\udfff","text":"\\ud83d"}',
    "a huge number": b'{"timestamp":1e999999,"attempt":' + b"9" * 4000 + b"}",
    "a number with too many digits": b'[{"event":"delivered","timestamp":' + b"9" * 9000 + b"}]",
    "no number": b'[{"event":"delivered","fo_ref":"order-1.2","timestamp":NaN}]',
    "numbers for texts": b'[{"event":7,"fo_ref":1.2,"sg_event_id":[],"timestamp":"x"}]',
    "a key twice": b'{"message_uuid":"a","message_uuid":"b","status":"read","status":"failed"}',
    "a field twice": b"MessageSid=SM1&MessageSid=SM2&MessageStatus=read&MessageStatus=failed",
    "thousands of fields": b"&".join(b"f%d=1" % number for number in range(5_000)),
    "thousands of empty fields": b"&" * 60_000,
    "percent signs": b"%" * 60_000,
    "a null byte": b"MessageSid=SM%00&From=%00&Body=%00",
    "a parted form": form({f"f{number}": "x" for number in range(2_000)}),
    "a parted form without an end": form({"text": "Yes"})[:-20],
    "a parted form of boundaries": b"--xYzZY\r\n" * 5_000,
    "a header that never ends": b"--xYzZY\r\nContent-Disposition: " + b"a" * 60_000,
}


@on_every_route
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_bad_bodies_that_are_rightly_signed_are_no_fault(path: str, body: bytes) -> None:
    status, _ = post(rightly_signed(path, body))

    assert status in (200, 400, 413, forged(path))
    assert (status == 413) == (len(body) > ROUTES[path].limit)


@on_every_route
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_bad_bodies_of_strangers_are_forged(path: str, body: bytes) -> None:
    callback = replace(GOOD[path], body=body)
    status, signals = post(callback)

    assert status in (413, forged(path))
    assert signals == []


ANY = st.text(st.characters(), max_size=30)  # halves of surrogates and null bytes among them
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | ANY
KEYS = st.sampled_from(
    [
        *("message_uuid", "client_ref", "status", "channel", "to", "from", "timestamp", "text"),
        *("reply", "button", "context", "reaction", "whatsapp", "sender", "id", "title", "error"),
        *("event", "fo_ref", "sg_event_id", "sg_message_id", "type", "reason", "message_type"),
    ]
)
VALUES = st.recursive(
    LEAVES | st.sampled_from(["order-1.2", "delivered", "failed", "bounce", "sms", "unsubscribe"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | ANY, inner, max_size=5),
    max_leaves=12,
)


@given(path=st.sampled_from(PATHS), said=st.dictionaries(KEYS, VALUES) | st.lists(VALUES) | VALUES)
def test_any_json_that_is_rightly_signed_is_no_fault(path: str, said: Any) -> None:
    status, _ = post(rightly_signed(path, json.dumps(said).encode()))

    assert status in (200, 400, forged(path))


@given(path=st.sampled_from(PATHS), body=st.binary(max_size=2_000))
def test_any_bytes_that_are_rightly_signed_are_no_fault(path: str, body: bytes) -> None:
    status, _ = post(rightly_signed(path, body))

    assert status in (200, 400, forged(path))


def surrogates_too(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


FIELDS = ["headers", "text", "html", "envelope", "charsets", "email", "from", "to", "subject"]


@given(st.dictionaries(st.sampled_from(FIELDS), st.binary(max_size=300) | ANY.map(surrogates_too)))
def test_any_mail_that_is_rightly_signed_is_no_fault(fields: dict[str, bytes]) -> None:
    status, _ = post(
        rightly_signed("/sendgrid/inbound", form({"envelope": MAIL["envelope"], **fields}))
    )

    assert status == 200


@on_every_route
def test_headers_by_the_hundred_are_no_fault(path: str) -> None:
    many = {f"x-{number}": "\xff" * 20 for number in range(500)}
    strange = replace(GOOD[path], headers={**many, **GOOD[path].headers})

    assert post(strange)[0] == 200
    assert post(replace(strange, body=b"x"))[0] == forged(path)
