"""What SendGrid's events mean, and which callbacks are not heeded.

Payloads: the page "Event Webhook Reference" (sendgrid/docs at c3eb3fe), read 2026-11-21, with the
reference that we put into `custom_args`.
"""

import base64
import dataclasses
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from failover.events import DeliveryReport, DeliveryStatus, Event, FailureClass, Reply
from providers.base import Callback, CallbackForged, CallbackMalformed
from providers.reply_keys import address_key, reply_token, sent_key, token_key
from providers.sendgrid.provider import callbacks
from providers.settings import PublicSettings
from tests.callbacks import BASE_URL, KEY
from tests.callbacks_sendgrid import (
    EVENT_KEY,
    INBOUND_KEY,
    sendgrid_events,
    sendgrid_settings,
    shown,
    signed,
)

PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
READER = callbacks(sendgrid_settings(), PUBLIC)
EVENT = {
    "email": "example@test.com",
    "timestamp": 1513299569,
    "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
    "event": "delivered",
    "category": "cat facts",
    "sg_event_id": "ZGVsaXZlcmVkLTAtMTIzNDU2Nzg",
    "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
    "response": "250 OK",
    "fo_ref": "order-1.2",
}
STAMP = "x-twilio-email-event-webhook-timestamp"
SIGNATURE = "x-twilio-email-event-webhook-signature"


def read(events: Any) -> list[Event]:
    return READER.read(sendgrid_events(events))


def report(**more: Any) -> DeliveryReport:
    [event] = read([{**EVENT, **more}])
    assert isinstance(event, DeliveryReport)
    return event


def test_a_delivered_mail_says_which_attempt_and_when() -> None:
    said = report()

    assert (said.reference, said.status) == ("order-1.2", DeliveryStatus.DELIVERED)
    assert said.event_id == "ZGVsaXZlcmVkLTAtMTIzNDU2Nzg"
    assert said.at == datetime.fromtimestamp(1513299569, UTC)
    assert said.provider_id == "14c5d75ce93"
    assert said.failure is None
    token = token_key(KEY, reply_token(KEY, "order-1.2"))
    assert said.reply_keys == (token, sent_key(KEY, "sendgrid", "14c5d75ce93"))


def test_a_late_bounce_has_no_message_id() -> None:
    said = report(event="bounce", type="bounce", sg_message_id=None)

    assert said.provider_id is None
    assert len(said.reply_keys) == 1


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        pytest.param({"type": "bounce"}, FailureClass.ADDRESS, id="bounce"),
        pytest.param({}, FailureClass.ADDRESS, id="bounce without a type"),
        pytest.param({"type": "blocked"}, FailureClass.UNREACHABLE, id="blocked"),
        *(
            pytest.param({"type": "bounce", "bounce_classification": named}, kind, id=named)
            for named, kind in {
                "Invalid Address": FailureClass.ADDRESS,
                "Mailbox Unavailable": FailureClass.UNREACHABLE,
                "Technical Failure": FailureClass.UNREACHABLE,
                "Unclassified": FailureClass.UNREACHABLE,
                "Reputation": FailureClass.SENDER,
                "Frequency or Volume Too High": FailureClass.CAP,
                "Content": FailureClass.CONTENT,
                "Phase of the Moon": FailureClass.UNRECOGNIZED,
            }.items()
        ),
    ],
)
def test_a_bounce_says_whose_fault_it_is(more: dict[str, Any], kind: FailureClass) -> None:
    said = report(event="bounce", reason="500 unknown recipient", status="5.0.0", **more)

    assert said.status == DeliveryStatus.FAILED
    assert said.failure is not None
    assert said.failure.kind == kind
    assert said.failure.detail == "500 unknown recipient"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("Bounced Address", FailureClass.ADDRESS),
        ("Invalid", FailureClass.ADDRESS),
        ("Invalid SMTPAPI header", FailureClass.CONTENT),
        ("Spam Content (if Spam Checker app is enabled)", FailureClass.CONTENT),
        ("Unsubscribed Address", FailureClass.OPT_OUT),
        ("Spam Reporting Address", FailureClass.OPT_OUT),
        ("Recipient List over Package Quota", FailureClass.ACCOUNT),
        ("Out of Stamps", FailureClass.UNRECOGNIZED),
    ],
)
def test_a_dropped_mail_says_whose_fault_it_is(reason: str, kind: FailureClass) -> None:
    said = report(event="dropped", reason=reason, status="5.0.0")

    assert said.status == DeliveryStatus.FAILED
    assert said.failure is not None
    assert said.failure.kind == kind


def test_a_reason_in_no_table_is_logged_without_addresses(
    caplog: pytest.LogCaptureFixture,
) -> None:
    report(event="dropped", reason="No stamps for dana@example.com")

    assert "sendgrid: code 'No stamps for d" in caplog.text
    assert "dana@" not in caplog.text


@pytest.mark.parametrize("event", ["spamreport", "unsubscribe", "group_unsubscribe"])
def test_a_complaint_is_the_person_saying_stop(event: str) -> None:
    assert read([{**EVENT, "event": event, "asm_group_id": 10}]) == [
        Reply(
            channel="email",
            provider="sendgrid",
            provider_id="ZGVsaXZlcmVkLTAtMTIzNDU2Nzg",
            at=datetime.fromtimestamp(1513299569, UTC),
            reference="order-1.2",
            stop=True,
            certain=True,
            person=address_key(KEY, "example@test.com"),
        )
    ]


def test_who_subscribes_again_takes_it_back() -> None:
    [said] = read([{**EVENT, "event": "group_resubscribe", "asm_group_id": 10}])

    assert isinstance(said, Reply)
    assert (said.stop, said.certain, said.start) == (False, False, True)
    assert said.person == address_key(KEY, "example@test.com")


@pytest.mark.parametrize("email", [None, "", 5, ["dana@example.com"]])
def test_an_event_without_an_address_is_nobodys(email: object) -> None:
    assert report(email=email).person is None


@pytest.mark.parametrize("event", ["processed", "deferred"])
def test_a_mail_that_is_on_its_way_was_taken(event: str) -> None:
    (said,) = read([{**EVENT, "event": event}])

    assert isinstance(said, DeliveryReport)
    assert said.status == DeliveryStatus.SENT


@pytest.mark.parametrize(
    "more",
    [
        *(pytest.param({"event": event}, id=event) for event in ("open", "click", "new one")),
        pytest.param({"event": ["delivered"]}, id="an event that is a list"),
        pytest.param({"fo_ref": None}, id="no reference"),
        pytest.param({"fo_ref": "somebody else's"}, id="a foreign reference"),
        pytest.param({"fo_ref": 5}, id="a reference that is a number"),
        pytest.param({"event": "spamreport", "fo_ref": None}, id="a complaint about another"),
    ],
)
def test_an_event_that_matters_to_nobody_is_nothing(more: dict[str, Any]) -> None:
    assert read([{**EVENT, **more}]) == []


@pytest.mark.parametrize("timestamp", [None, "soon", 10**30, -(10**30), [1], 1e400, True])
def test_a_timestamp_that_cannot_be_read_loses_nothing(timestamp: object) -> None:
    assert report(timestamp=timestamp).status == DeliveryStatus.DELIVERED


def test_a_bad_event_does_not_lose_the_others(caplog: pytest.LogCaptureFixture) -> None:
    bad: list[object] = [None, 5, "text", {}, {**EVENT, "sg_event_id": {"a": 1}}]
    bad += [{**EVENT, "event": {"x": 1}}, {**EVENT, "reason": "\ud800", "event": "dropped"}]
    caplog.set_level(logging.ERROR)
    found = read([EVENT, *bad, {**EVENT, "sg_event_id": "last"}])

    assert isinstance(found[0], DeliveryReport)
    assert isinstance(found[-1], DeliveryReport)
    assert found[-1].event_id == "last"


def test_an_event_without_an_id_has_the_same_one_each_time() -> None:
    first, again = report(sg_event_id=None), report(sg_event_id=None)
    other = report(sg_event_id=None, timestamp=1)

    assert first.event_id == again.event_id != other.event_id


def test_a_batch_is_read_in_full_and_twice_the_same() -> None:
    batch = [{**EVENT, "sg_event_id": str(number)} for number in range(2000)]

    assert len(read(batch)) == 2000
    assert read(batch) == read(batch)


def test_no_events_are_none() -> None:
    assert read([]) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"{}", b"null", b'["a", 5]', b"[" * 100_000],
    ids=["nothing", "not UTF-8", "an object", "null", "no objects", "too deep"],
)
def test_a_signed_body_that_makes_no_sense_is_malformed(body: bytes) -> None:
    with pytest.raises(CallbackMalformed):
        READER.read(signed("events", body, EVENT_KEY))


def with_headers(**more: str | None) -> Callback:
    callback = sendgrid_events([EVENT])
    changed = {
        **callback.headers,
        **{STAMP if k == "stamp" else SIGNATURE: v for k, v in more.items()},
    }
    kept = {name: value for name, value in changed.items() if value is not None}
    return dataclasses.replace(callback, headers=kept)


@pytest.mark.parametrize(
    "callback",
    [
        pytest.param(with_headers(signature=None), id="no signature"),
        pytest.param(with_headers(signature=""), id="an empty signature"),
        pytest.param(with_headers(signature="not base64!"), id="not base64"),
        pytest.param(with_headers(signature="é"), id="not ASCII"),
        pytest.param(
            with_headers(signature=base64.b64encode(b"0" * 70).decode()), id="not a signature"
        ),
        pytest.param(with_headers(stamp=None), id="no timestamp"),
        pytest.param(with_headers(stamp="1513299569"), id="another timestamp"),
        pytest.param(with_headers(stamp="now"), id="a timestamp that is none"),
        pytest.param(with_headers(stamp="9" * 400), id="a long timestamp"),
        pytest.param(signed("events", b"[]", INBOUND_KEY), id="the other route's key"),
        pytest.param(sendgrid_events([], key=generate_private_key(SECP256R1())), id="another key"),
    ],
)
def test_a_forged_callback_is_refused(callback: Callback) -> None:
    with pytest.raises(CallbackForged, match="SENDGRID_EVENT_PUBLIC_KEY"):
        READER.read(callback)


@pytest.mark.parametrize("age", [26 * 3600, -600])
def test_a_callback_of_another_time_is_refused(age: float) -> None:
    with pytest.raises(CallbackForged, match="SENDGRID_EVENT_PUBLIC_KEY"):
        READER.read(signed("events", b"[]", EVENT_KEY, age=age))


def test_every_byte_of_the_body_is_signed() -> None:
    callback = sendgrid_events([EVENT])

    assert callback.body.endswith(b"\r\n")
    with pytest.raises(CallbackForged):
        READER.read(dataclasses.replace(callback, body=callback.body.rstrip()))


@pytest.mark.parametrize("age", [24.5 * 3600, -240])
def test_a_day_of_retries_and_a_clock_apart_are_heeded(age: float) -> None:
    body = json.dumps([EVENT]).encode()

    assert READER.read(signed("events", body, EVENT_KEY, age=age))


def test_the_previous_key_is_heeded_while_it_rotates() -> None:
    previous = generate_private_key(SECP256R1())
    rotating = callbacks(sendgrid_settings(event_public_key_previous=shown(previous)), PUBLIC)

    for key in (EVENT_KEY, previous):
        assert rotating.read(sendgrid_events([EVENT], key=key))


@pytest.mark.parametrize("route", ["events", "inbound"])
def test_a_route_without_a_key_trusts_nobody(route: str) -> None:
    reader = callbacks(sendgrid_settings(event_public_key=None, inbound_public_key=None), PUBLIC)

    with pytest.raises(CallbackForged, match="is not set"):
        reader.read(signed(route, b"[]", EVENT_KEY))


def test_a_route_nobody_has_is_refused() -> None:
    with pytest.raises(CallbackForged):
        READER.read(signed("elsewhere", b"[]", EVENT_KEY))
