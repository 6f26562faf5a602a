"""What Vonage's callbacks mean, and which are not heeded.

Payloads: Vonage/vonage-java-sdk's tests (MessageStatusTest, InboundMessageTest) at 609f524,
Nexmo/nexmo-developer at 4da2b39 and the Messages API's specification 1.20.0; read 2026-11-21.
"""

import dataclasses
import json
import time
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from failover.events import DeliveryReport, DeliveryStatus, Event, FailureClass, Reply
from providers.base import Callback, CallbackForged, CallbackMalformed, CallbackUnsigned
from providers.reply_keys import address_key, pair_key, sent_key
from providers.settings import PublicSettings
from providers.vonage.provider import callbacks
from tests.callbacks import BASE_URL, KEY
from tests.callbacks_vonage import SECRET, UUID, vonage_callback, vonage_settings, vonage_token

PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
READER = callbacks(vonage_settings(), PUBLIC)
PERSON, OURS = "447700900000", "447700900001"

STATUS = {
    "message_uuid": UUID,
    "to": PERSON,
    "from": OURS,
    "timestamp": "2020-01-01T14:00:03.010Z",
    "status": "delivered",
    "channel": "sms",
    "client_ref": "order-1.2",
    "usage": {"currency": "EUR", "price": "0.0333"},
    "sms": {"count_total": "3"},
    "destination": {"network_code": "54321"},
}
THROTTLED = {
    "type": "https://developer.nexmo.com/api-errors/messages-olympus#1000",
    "title": 1000,
    "detail": "Throttled",
    "instance": "bf0ca0bf927b3b52e3cb03217e1a1ddf",
}
SMS = {
    "message_uuid": UUID,
    "to": OURS,
    "from": PERSON,
    "timestamp": "2020-01-01T15:43:21Z",
    "channel": "sms",
    "message_type": "text",
    "text": "Hello, world!",
    "sms": {"num_messages": "2", "total_count": "3", "keyword": "HELLO"},
}
QUOTED = "aaaaaaaa-bbbb-4ccc-8ddd-0123456789aa"
WHATSAPP = {
    "channel": "whatsapp",
    "message_uuid": UUID,
    "to": OURS,
    "from": PERSON,
    "timestamp": "2025-02-03T12:14:25Z",
    "message_type": "text",
    "text": "Hello from Vonage!",
    "profile": {"name": "Jane Smith"},
    "context_status": "available",
    "context": {"message_uuid": QUOTED, "message_from": OURS},
    "whatsapp": {"sender": {"user_id": "US.13491208655302741918", "wa_id": PERSON}},
}


def read(route: str, said: Any, **claims: Any) -> list[Event]:
    return READER.read(vonage_callback(route, said, **claims))


def report(**more: Any) -> DeliveryReport:
    [event] = read("status", {**STATUS, **more})
    assert isinstance(event, DeliveryReport)
    return event


def reply(**said: Any) -> Reply:
    [event] = read("inbound", said)
    assert isinstance(event, Reply)
    return event


def test_a_status_says_which_attempt_and_when() -> None:
    said = report()

    assert (said.reference, said.status) == ("order-1.2", DeliveryStatus.DELIVERED)
    assert (said.provider_id, said.event_id) == (UUID, f"{UUID} delivered")
    assert said.at == datetime(2020, 1, 1, 14, 0, 3, 10_000, UTC)
    assert said.failure is None
    pair = pair_key(KEY, "sms", f"+{PERSON}", f"+{OURS}")
    assert said.reply_keys == (pair, sent_key(KEY, "vonage", UUID))
    assert said.person == address_key(KEY, f"+{PERSON}")


def test_a_read_receipt_is_read() -> None:
    assert report(status="read", channel="whatsapp").status == DeliveryStatus.READ


@pytest.mark.parametrize(
    ("more", "kind", "code"),
    [
        pytest.param({"error": THROTTLED}, FailureClass.CAP, "1000", id="title is a number"),
        pytest.param(
            {"error": {"title": "1240"}}, FailureClass.OPT_OUT, "1240", id="title is a text"
        ),
        pytest.param(
            {"error": {"type": "x#1170", "title": 1000}},
            FailureClass.ADDRESS,
            "1170",
            id="type before title",
        ),
        pytest.param({"error": {"type": "#1360"}}, FailureClass.EXPIRED, "1360", id="expired"),
        pytest.param({"error": {"type": "#1320"}}, FailureClass.UNREACHABLE, "1320", id="open"),
        pytest.param({"error": {"type": "#1999"}}, FailureClass.UNRECOGNIZED, "1999", id="new"),
        pytest.param({}, FailureClass.UNRECOGNIZED, None, id="rejected without a code"),
        pytest.param(
            {"status": "undeliverable"}, FailureClass.PROVIDER, None, id="undeliverable, no code"
        ),
        pytest.param(
            {"status": "undeliverable", "error": {"type": "#1340"}},
            FailureClass.POLICY,
            "1340",
            id="undeliverable with a code",
        ),
    ],
)
def test_a_failure_says_whose_fault_it_is(
    more: dict[str, Any], kind: FailureClass, code: str | None
) -> None:
    said = report(**{"status": "rejected", **more})

    assert said.status == DeliveryStatus.FAILED
    assert said.failure is not None
    assert (said.failure.kind, said.failure.code) == (kind, code)


def test_a_failure_keeps_addresses_to_itself() -> None:
    said = report(status="rejected", error={"type": "#1170", "detail": f"no route to {PERSON}"})

    assert said.failure is not None
    assert PERSON not in str(said.failure.detail)


def test_a_message_that_was_submitted_proves_that_it_was_taken() -> None:
    said = report(status="submitted")

    assert (said.status, said.provider_id) == (DeliveryStatus.SENT, STATUS["message_uuid"])


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"status": "flying"}, id="a status nobody knows"),
        pytest.param({"client_ref": None}, id="no reference"),
        pytest.param({"client_ref": "somebody else's"}, id="a foreign reference"),
        pytest.param({"client_ref": {"a": 1}}, id="a reference that is none"),
    ],
)
def test_a_status_that_matters_to_nobody_is_nothing(more: dict[str, Any]) -> None:
    assert read("status", {**STATUS, **more}) == []


@pytest.mark.parametrize("timestamp", [None, "yesterday", "", 12, "2020-13-01T00:00:00Z"])
def test_a_timestamp_that_cannot_be_read_is_left_out(timestamp: object) -> None:
    assert report(timestamp=timestamp).at is None


def test_an_sms_is_a_reply_to_the_pair() -> None:
    said = reply(**SMS)

    assert (said.channel, said.provider, said.provider_id) == ("sms", "vonage", UUID)
    assert (said.text, said.choice, said.stop) == ("Hello, world!", None, False)
    assert said.keys == (pair_key(KEY, "sms", f"+{PERSON}", f"+{OURS}"),)
    assert said.at == datetime(2020, 1, 1, 15, 43, 21, tzinfo=UTC)
    assert said.person == address_key(KEY, f"+{PERSON}")


def test_a_reply_from_the_national_format_has_the_same_keys() -> None:
    national = reply(**{**SMS, "from": "(415) 555-0100", "to": "15005550006"})
    known = reply(**{**SMS, "from": "14155550100", "to": "15005550006"})

    assert (national.keys, national.person) == (known.keys, known.person)


def test_a_quoted_message_is_the_first_key() -> None:
    pair = pair_key(KEY, "whatsapp", PERSON, OURS)

    assert reply(**WHATSAPP).keys == (sent_key(KEY, "vonage", QUOTED), pair)


def test_a_sender_without_a_number_is_found_by_either_of_its_names() -> None:
    user = "US.13491208655302741918"
    said = reply(**{**WHATSAPP, "from": user, "context": None})

    assert said.keys == (
        pair_key(KEY, "whatsapp", user, OURS),
        pair_key(KEY, "whatsapp", PERSON, OURS),
    )
    assert said.person == address_key(KEY, f"+{PERSON}")


def test_a_hidden_sender_still_answers_what_is_quoted() -> None:
    hidden = {name: value for name, value in WHATSAPP.items() if name not in ("from", "whatsapp")}

    assert reply(**hidden).keys == (sent_key(KEY, "vonage", QUOTED),)
    assert reply(**hidden).person is None


def test_a_pressed_button_is_a_choice() -> None:
    pressed = {**WHATSAPP, "message_type": "reply", "text": None}
    said = reply(**pressed, reply={"id": "yes", "title": "Yes", "description": "9am"})

    assert (said.text, said.choice) == ("Yes", "yes")


def test_a_button_of_a_template_is_a_choice() -> None:
    button = {"payload": "yes", "text": "Confirm", "subtype": "quick_reply"}
    said = reply(**{**WHATSAPP, "message_type": "button", "text": None}, button=button)

    assert (said.text, said.choice) == ("Confirm", "yes")


def test_a_stop_word_is_an_opt_out_and_a_button_called_cancel_is_not() -> None:
    pressed = {**WHATSAPP, "message_type": "reply", "text": None}

    assert reply(**{**SMS, "text": " stop. "}).stop
    assert not reply(**pressed, reply={"id": "cancel", "title": "Cancel"}).stop
    assert not reply(**pressed, button={"payload": "cancel", "text": "Cancel"}).stop


@pytest.mark.parametrize(
    ("text", "stop", "certain", "start"),
    [
        ("STOP", True, True, False),
        ("Cancel", True, False, False),
        ("UNSTOP", False, False, True),
        ("Yes", False, False, False),
    ],
)
def test_a_word_stops_starts_or_neither(text: str, stop: bool, certain: bool, start: bool) -> None:
    said = reply(**{**SMS, "text": text})

    assert (said.stop, said.certain, said.start) == (stop, certain, start)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        pytest.param({"image": {"url": "x", "caption": "See?"}}, "See?", id="caption"),
        pytest.param({"image": {"url": "x"}}, None, id="picture"),
        pytest.param({"message_type": "reaction", "reaction": {"emoji": "👍"}}, "👍", id="emoji"),
    ],
)
def test_what_is_no_text_answers_too(said: dict[str, Any], text: str | None) -> None:
    shown = {**WHATSAPP, "message_type": "image", "text": None, **said}

    assert reply(**shown).text == text


def test_a_reaction_taken_back_is_nothing() -> None:
    taken = {**WHATSAPP, "message_type": "reaction", "reaction": {"action": "unreact"}}

    assert read("inbound", taken) == []


def test_viber_has_our_name() -> None:
    assert reply(**{**SMS, "channel": "viber_service"}).channel == "viber"


def test_a_call_means_nothing_yet_but_is_verified() -> None:
    assert read("voice", {"uuid": UUID, "status": "completed"}) == []
    with pytest.raises(CallbackForged):
        read("voice", {"uuid": UUID, "status": "completed"}, secret="x" * 40)


def test_the_same_callback_twice_says_the_same() -> None:
    for route, said in (("status", STATUS), ("inbound", WHATSAPP)):
        assert read(route, said) == read(route, said)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"secret": "another secret of at least 32 bytes"}, id="another secret"),
        pytest.param({"payload_hash": "0" * 64}, id="another body"),
        pytest.param({"payload_hash": None}, id="no hash"),
        pytest.param({"payload_hash": 5}, id="a hash that is a number"),
        pytest.param({"payload_hash": "é"}, id="a hash that is not ASCII"),
        pytest.param({"iat": None}, id="no time"),
        pytest.param({"iat": time.time() - 26 * 3600}, id="26 hours old"),
        pytest.param({"iat": time.time() + 3600}, id="an hour ahead"),
        pytest.param({"iat": "now"}, id="a time that is none"),
        pytest.param({"jti": None}, id="no id"),
        pytest.param({"exp": int(time.time()) - 3600}, id="expired"),
    ],
)
def test_a_forged_token_is_refused(claims: dict[str, Any]) -> None:
    with pytest.raises(CallbackForged, match="VONAGE_SIGNATURE_SECRET"):
        read("status", STATUS, **claims)


def with_header(value: str | None) -> Callback:
    callback = vonage_callback("status", STATUS)
    headers = {**callback.headers, "authorization": value or ""}
    if value is None:
        del headers["authorization"]
    return dataclasses.replace(callback, headers=headers)


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_token_is_asked_for_again(value: str | None) -> None:
    with pytest.raises(CallbackUnsigned):
        READER.read(with_header(value))


@pytest.mark.parametrize(
    "value",
    ["Bearer", "Bearer ", "Bearer a.b.c", "Basic abc", "Bearer é.é.é", "x", "Bearer " + "." * 5000],
)
def test_a_token_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(CallbackForged):
        READER.read(with_header(value))


@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_another_algorithm_is_refused(algorithm: str) -> None:
    body = json.dumps(STATUS).encode()
    claims = jwt.decode(vonage_token(body), options={"verify_signature": False})
    key = "" if algorithm == "none" else SECRET * 2
    token = jwt.encode(claims, key, algorithm=algorithm)

    with pytest.raises(CallbackForged):
        READER.read(with_header(f"Bearer {token}"))


def test_a_changed_body_is_refused() -> None:
    callback = vonage_callback("status", STATUS)

    with pytest.raises(CallbackForged):
        READER.read(dataclasses.replace(callback, body=callback.body + b" "))


def test_a_clock_a_minute_apart_and_a_day_of_retries_are_heeded() -> None:
    for iat in (time.time() + 50, time.time() - 24.5 * 3600):
        assert read("status", STATUS, iat=iat)


def test_the_previous_secret_is_heeded_while_it_rotates() -> None:
    previous = "the secret that was there before this"
    rotating = callbacks(vonage_settings(signature_secret_previous=previous), PUBLIC)

    for secret in (SECRET, previous):
        assert rotating.read(vonage_callback("status", STATUS, secret=secret))
    with pytest.raises(CallbackForged):
        READER.read(vonage_callback("status", STATUS, secret=previous))


@pytest.mark.parametrize(
    ("route", "body"),
    [
        pytest.param("status", b"", id="nothing"),
        pytest.param("status", b"\xff\xfe{", id="not UTF-8"),
        pytest.param("status", b"[]", id="a list"),
        pytest.param("status", b"[" * 100_000, id="too deep"),
        pytest.param("status", b'{"a": ' + b"9" * 5000 + b"}", id="too long a number"),
        pytest.param("status", b'{"status": "read", "client_ref": "a.1"}', id="no id"),
        pytest.param("inbound", b"{}", id="no channel"),
        pytest.param("elsewhere", b"{}", id="no such route"),
    ],
)
def test_a_signed_body_that_makes_no_sense_is_malformed(route: str, body: bytes) -> None:
    with pytest.raises(CallbackMalformed):
        read(route, body)


def test_half_a_surrogate_breaks_nothing() -> None:
    body = json.dumps({**SMS, "text": "\ud83d", "from": "\ud800"}).encode()

    assert read("inbound", body)
