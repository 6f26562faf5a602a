"""What Vonage's callbacks of a call mean, and what the call says next.

Payloads: the page "Voice API Webhooks Reference", read 2026-11-22.
"""

import json
from typing import Any

import pytest
from vonage_voice.models import Input, Talk

from failover.events import DeliveryReport, DeliveryStatus, FailureClass, Reply
from providers.base import Callback, CallbackForged, CallbackMalformed
from providers.reply_keys import address_key, pair_key, sent_key
from providers.settings import PublicSettings
from providers.vonage.call_urls import CallUrls, PlacedCall
from providers.vonage.provider import callbacks
from tests.callbacks import BASE_URL, KEY
from tests.callbacks_vonage import UUID, vonage_callback, vonage_settings

PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
READER: Any = callbacks(vonage_settings(), PUBLIC)
URLS = CallUrls(KEY, BASE_URL)
CALL = PlacedCall("order-1.2", keys=2, locale="en")
PERSON, OURS = "447700900000", "442079460000"

EVENT = {
    "uuid": UUID,
    "conversation_uuid": f"CON-{UUID}",
    "from": OURS,
    "to": PERSON,
    "status": "started",
    "direction": "outbound",
    "timestamp": "2020-01-01T12:00:00.000Z",
}
INPUT = {
    **{name: EVENT[name] for name in ("uuid", "conversation_uuid", "from", "to", "timestamp")},
    "dtmf": {"digits": "2", "timed_out": False},
}


def callback(said: Any, call: PlacedCall = CALL) -> Callback:
    return vonage_callback(URLS.url(call).partition("/vonage/")[2], said)


def report(**more: Any) -> DeliveryReport:
    [event] = READER.read(callback({**EVENT, **more}))
    assert isinstance(event, DeliveryReport)
    return event


def next_words(said: Any, call: PlacedCall = CALL) -> Any:
    """What the call says next, as Vonage would read it."""
    given = callback(said, call)
    kind, body = READER.answer(given, READER.read(given))
    assert kind == "application/json"
    return json.loads(body)


def test_a_call_that_a_person_takes_is_delivered() -> None:
    said = report(status="human", uuid=None, call_uuid=UUID)

    assert (said.status, said.reference) == (DeliveryStatus.DELIVERED, "order-1.2")
    assert (said.provider_id, said.event_id) == (UUID, f"{UUID} human")
    pair = pair_key(KEY, "voice", PERSON, OURS)
    assert said.reply_keys == (pair, sent_key(KEY, "vonage", UUID))
    assert said.person == address_key(KEY, f"+{PERSON}")
    assert said.failure is None


@pytest.mark.parametrize("status", ["started", "ringing", "answered", "completed"])
def test_a_call_under_way_is_no_more_than_sent(status: str) -> None:
    assert report(status=status).status == DeliveryStatus.SENT


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        ("machine", "voicemail"),
        ("busy", "busy"),
        ("timeout", "nobody picked up"),
        ("unanswered", "nobody picked up"),
        ("cancelled", "ended before anybody picked up"),
        ("rejected", "the call was rejected"),
        ("failed", "the call could not be put through"),
    ],
)
def test_a_call_that_nobody_hears_has_failed(status: str, detail: str) -> None:
    said = report(status=status)

    assert said.status == DeliveryStatus.FAILED
    assert said.failure is not None
    assert (said.failure.kind, said.failure.detail) == (FailureClass.UNREACHABLE, detail)


@pytest.mark.parametrize(
    ("sip", "kind", "code"),
    [
        (404, FailureClass.ADDRESS, "sip 404"),
        ("484", FailureClass.ADDRESS, "sip 484"),
        (503, FailureClass.PROVIDER, "sip 503"),
        (480, FailureClass.UNREACHABLE, "sip 480"),
        (9999, FailureClass.UNREACHABLE, None),
        ([404], FailureClass.UNREACHABLE, None),
    ],
)
def test_a_failed_call_is_classed_by_its_sip_code(
    sip: Any, kind: FailureClass, code: str | None
) -> None:
    failure = report(status="failed", sip_code=sip).failure

    assert failure is not None
    assert (failure.kind, failure.code) == (kind, code)


def test_a_machine_is_told_without_the_addresses() -> None:
    event = {"call_uuid": UUID, "status": "machine", "sub_state": "beep_start"}
    [said] = READER.read(callback(event))

    assert said.reply_keys == (sent_key(KEY, "vonage", UUID),)
    assert said.person is None


@pytest.mark.parametrize("status", ["pondering", "transfer", None, 7, ["busy"]])
def test_another_status_is_nothing(status: Any) -> None:
    assert READER.read(callback({**EVENT, "status": status})) == []


def test_a_call_that_is_not_ours_is_nothing() -> None:
    assert READER.read(vonage_callback("voice", {**EVENT, "status": "busy"})) == []


def test_a_pressed_key_is_an_answer_to_that_very_send() -> None:
    [said] = READER.read(callback(INPUT))

    assert isinstance(said, Reply)
    assert (said.channel, said.text, said.reference) == ("voice", "2", "order-1.2")
    assert said.provider_id == f"{UUID}:2"
    assert said.person == address_key(KEY, f"+{PERSON}")


def test_a_pressed_key_is_thanked_for_in_the_persons_language() -> None:
    call = PlacedCall("order-1.2", keys=2, locale="de-AT")

    [talk] = next_words(INPUT, call)

    assert Talk.model_validate(talk).text == "Vielen Dank. Auf Wiederhören."
    assert talk["language"] == "de-DE"


@pytest.mark.parametrize("digits", ["3", "0", "*", "#", "22", "²"])
def test_a_key_that_is_no_choice_is_asked_for_again(digits: str) -> None:
    said = {**INPUT, "dtmf": {"digits": digits, "timed_out": False}}

    assert READER.read(callback(said)) == []
    talk, key = next_words(said)
    assert "Please press again" in Talk.model_validate(talk).text
    assert Input.model_validate(key).eventUrl == [URLS.url(CALL)]
    assert talk["bargeIn"]


def test_no_key_is_a_goodbye() -> None:
    said = {**INPUT, "dtmf": {"digits": "", "timed_out": True}}

    assert READER.read(callback(said)) == []
    [talk] = next_words(said)
    assert talk["text"] == "We did not get an answer. Goodbye."


def test_keys_in_the_older_shape_are_read_too() -> None:
    [said] = READER.read(callback({**INPUT, "dtmf": "1", "timed_out": False}))

    assert said.text == "1"


@pytest.mark.parametrize("status", ["human", "busy", "completed"])
def test_the_answer_to_a_status_is_empty(status: str) -> None:
    """An NCCO would take the place of what the call is saying."""
    given = callback({**EVENT, "status": status})

    assert READER.answer(given, READER.read(given)) == ("text/plain", "")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("m=order-1.2", "m=order-2.1"),
        ("keys=2", "keys=9"),
        ("keys=2", "keys=0"),
        ("lang=en", "lang=fr"),
        ("lang=en", "lang=%2e%2e"),
        ("&s=", "&s=x"),
        ("&s=", "&t="),
    ],
)
def test_a_changed_address_is_not_heeded(ours: str, theirs: str) -> None:
    """Vonage's signature does not cover the address."""
    url = URLS.url(CALL)
    assert ours in url
    changed = url.replace(ours, theirs).partition("/vonage/")[2]

    with pytest.raises(CallbackMalformed):
        READER.read(vonage_callback(changed, INPUT))


def test_a_forged_callback_is_refused_in_the_right_address_too() -> None:
    forged = vonage_callback(URLS.url(CALL).partition("/vonage/")[2], INPUT, secret="b" * 32)

    with pytest.raises(CallbackForged):
        READER.read(forged)


@pytest.mark.parametrize("reference", ["a/b?c&d=e#f%20+g~'\"\\.1", f"{'!' * 90}.999999"])
def test_any_reference_comes_back(reference: str) -> None:
    call = PlacedCall(reference, keys=9, locale="zh-Hant-TW")

    assert URLS.read(URLS.url(call)) == call


def test_a_callback_without_a_uuid_is_malformed() -> None:
    with pytest.raises(CallbackMalformed):
        READER.read(callback({"status": "busy"}))
