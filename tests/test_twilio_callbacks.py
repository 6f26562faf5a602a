"""What Twilio's callbacks mean."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import pytest

from failover.events import DeliveryReport, DeliveryStatus, FailureClass, Reply
from providers.base import Callback, CallbackForged, CallbackMalformed
from providers.reply_keys import address_key, pair_key, sent_key
from providers.twilio.callbacks import TwilioCallbacks
from tests.callbacks import BASE_URL, KEY, TOKEN, twilio_callback

OURS, PERSON = "+15005550006", "+15005550010"
READER = TwilioCallbacks(tokens=[TOKEN], key=KEY, base_url=BASE_URL)


def _payloads() -> dict[str, dict[str, str]]:
    text = (Path(__file__).parent / "payloads" / "twilio_callbacks.txt").read_text()
    lines = (line.split(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: dict(parse_qsl(body, keep_blank_values=True)) for name, body in lines}


PAYLOADS = _payloads()


def callback(route: str, payload: str, **more: str) -> Callback:
    return twilio_callback(route, {**PAYLOADS[payload], **more})


def read(route: str, payload: str, **more: str) -> Any:
    """The one event, or None."""
    events = READER.read(callback(route, payload, **more))
    assert len(events) <= 1
    return events[0] if events else None


STATUS = "status?m=order-1.2"


def test_a_delivery_is_reported_with_all_that_a_lost_answer_would_have_said() -> None:
    assert read(STATUS, "sms_delivered") == DeliveryReport(
        reference="order-1.2",
        status=DeliveryStatus.DELIVERED,
        event_id="SM1:delivered",
        provider_id="SM1",
        reply_keys=(pair_key(KEY, "sms", PERSON, OURS), sent_key(KEY, "twilio", "SM1")),
        person=address_key(KEY, PERSON),
    )


def test_a_read_receipt_belongs_to_its_channel() -> None:
    report = read(STATUS, "whatsapp_read")

    assert (report.status, report.event_id) == (DeliveryStatus.READ, "SM2:read")
    assert report.reply_keys[0] == pair_key(KEY, "whatsapp", PERSON, OURS)


def test_a_message_that_was_sent_proves_that_it_was_taken() -> None:
    report = read(STATUS, "sms_sent", MessageStatus="sent")

    assert isinstance(report, DeliveryReport)
    assert (report.status, report.provider_id) == (DeliveryStatus.SENT, report.event_id[:-5])


@pytest.mark.parametrize("status", ["accepted", "queued", "sending", "scheduled", "new!"])
def test_a_status_that_matters_to_nobody_is_no_event(status: str) -> None:
    assert read(STATUS, "sms_sent", MessageStatus=status) is None


@pytest.mark.parametrize(
    ("payload", "more", "kind", "code"),
    [
        ("sms_undelivered", {}, FailureClass.ADDRESS, "30005"),
        ("whatsapp_undelivered", {}, FailureClass.POLICY, "63016"),
        ("sms_undelivered", {"MessageStatus": "failed"}, FailureClass.ADDRESS, "30005"),
        ("sms_undelivered", {"ErrorCode": "30017"}, FailureClass.PROVIDER, "30017"),
        ("sms_undelivered", {"ErrorCode": "30410"}, FailureClass.UNREACHABLE, "30410"),
        ("sms_undelivered", {"ErrorCode": "99999"}, FailureClass.UNRECOGNIZED, "99999"),
        ("sms_sent", {"MessageStatus": "canceled"}, FailureClass.UNRECOGNIZED, None),
    ],
)
def test_a_failure_says_whose_fault_it_is(
    payload: str, more: dict[str, str], kind: FailureClass, code: str | None
) -> None:
    report = read(STATUS, payload, **more)

    assert report.status == DeliveryStatus.FAILED
    assert (report.failure.kind, report.failure.code) == (kind, code)


def test_a_reported_failure_holds_no_address() -> None:
    report = read(STATUS, "sms_undelivered", ErrorMessage=f"{PERSON} is gone")

    assert report.failure.detail == "+1500•••0010 is gone"


def test_the_same_callback_twice_is_the_same_event() -> None:
    assert read(STATUS, "sms_delivered") == read(STATUS, "sms_delivered")


def test_a_call_that_a_person_took_is_delivered() -> None:
    assert read(STATUS, "call_completed") == DeliveryReport(
        reference="order-1.2",
        status=DeliveryStatus.DELIVERED,
        event_id="CA1:completed",
        provider_id="CA1",
        reply_keys=(pair_key(KEY, "voice", PERSON, OURS), sent_key(KEY, "twilio", "CA1")),
        person=address_key(KEY, PERSON),
    )


@pytest.mark.parametrize(
    ("more", "kind", "code", "detail"),
    [
        ({"AnsweredBy": "machine_start"}, FailureClass.UNREACHABLE, None, "voicemail"),
        ({"AnsweredBy": "machine_end_beep"}, FailureClass.UNREACHABLE, None, "voicemail"),
        ({"AnsweredBy": "fax"}, FailureClass.UNREACHABLE, None, "fax"),
        ({"CallStatus": "busy"}, FailureClass.UNREACHABLE, None, "busy"),
        ({"CallStatus": "no-answer"}, FailureClass.UNREACHABLE, None, "nobody picked up"),
        (
            {"CallStatus": "failed", "SipResponseCode": "404"},
            FailureClass.ADDRESS,
            "sip 404",
            "the call could not be put through",
        ),
        (
            {"CallStatus": "failed", "SipResponseCode": "503"},
            FailureClass.PROVIDER,
            "sip 503",
            "the call could not be put through",
        ),
        (
            {"CallStatus": "failed", "ErrorCode": "13224"},
            FailureClass.ADDRESS,
            "13224",
            "the number is invalid or not served",
        ),
    ],
)
def test_a_call_that_nobody_took_failed(
    more: dict[str, str], kind: FailureClass, code: str | None, detail: str
) -> None:
    report = read(STATUS, "call_completed", **more)

    assert report.status == DeliveryStatus.FAILED
    failed = report.failure
    assert (failed.kind, failed.code, failed.detail) == (kind, code, detail)


@pytest.mark.parametrize("by", [{"AnsweredBy": "unknown"}, {"AnsweredBy": ""}])
def test_a_call_of_which_nobody_can_say_who_took_it_was_made(by: dict[str, str]) -> None:
    report = read(STATUS, "call_completed", **by)

    assert (report.status, report.failure) == (DeliveryStatus.SENT, None)
    assert report.person == address_key(KEY, PERSON)
    assert report.reply_keys[0] == pair_key(KEY, "voice", PERSON, OURS)


def test_a_call_that_goes_on_is_no_event() -> None:
    assert read(STATUS, "call_completed", CallStatus="in-progress", AnsweredBy="human") is None


DETECTED = {"CallSid": "CA1", "AccountSid": "AC1", "MachineDetectionDuration": "2400"}


@pytest.mark.parametrize(
    ("by", "status", "detail"),
    [
        ("human", DeliveryStatus.DELIVERED, None),
        ("machine_start", DeliveryStatus.FAILED, "voicemail"),
        ("fax", DeliveryStatus.FAILED, "fax"),
    ],
)
def test_who_took_a_call_is_told_while_it_goes_on(
    by: str, status: DeliveryStatus, detail: str | None
) -> None:
    [report] = READER.read(twilio_callback(STATUS, {**DETECTED, "AnsweredBy": by}))

    assert isinstance(report, DeliveryReport)
    assert (report.reference, report.status) == ("order-1.2", status)
    assert (report.failure and report.failure.detail) == detail
    assert report.reply_keys == (sent_key(KEY, "twilio", "CA1"),)


def test_a_detection_without_a_result_is_no_event() -> None:
    assert READER.read(twilio_callback(STATUS, {**DETECTED, "AnsweredBy": "unknown"})) == []


def test_a_call_of_which_nothing_is_said_is_malformed() -> None:
    with pytest.raises(CallbackMalformed, match="CallStatus or AnsweredBy is missing"):
        READER.read(twilio_callback(STATUS, DETECTED))


def test_a_reply_is_found_by_both_our_addresses() -> None:
    assert read("inbound", "sms_reply") == Reply(
        channel="sms",
        provider="twilio",
        provider_id="SM3",
        text="Yes",
        keys=(pair_key(KEY, "sms", PERSON, OURS), pair_key(KEY, "sms", PERSON, "MG1")),
        person=address_key(KEY, PERSON),
    )


def test_a_reply_from_the_national_format_has_the_same_keys() -> None:
    known = read("inbound", "sms_reply", From="+14155550100")
    national = read("inbound", "sms_reply", From="(415) 555-0100")

    assert (national.keys[0], national.person) == (known.keys[0], known.person)


def test_a_button_names_the_choice_and_what_it_answers() -> None:
    reply = read("inbound", "whatsapp_button")

    assert (reply.channel, reply.choice, reply.text) == ("whatsapp", "yes", "Confirm")
    assert reply.keys == (
        sent_key(KEY, "twilio", "MM1"),
        pair_key(KEY, "whatsapp", PERSON, OURS),
    )


def test_a_row_of_a_list_names_the_choice_too() -> None:
    row = {"ButtonPayload": "", "ButtonText": "", "ListId": "at 9/x=~", "ListTitle": "Stop"}
    reply = read("inbound", "whatsapp_button", Body="Stop", **row)

    assert (reply.choice, reply.text, reply.stop) == ("at 9/x=~", "Stop", False)
    assert reply.keys[0] == sent_key(KEY, "twilio", "MM1")


def test_a_person_with_an_id_instead_of_a_number_is_known_by_the_number_too() -> None:
    reply = read("inbound", "whatsapp_button", From="whatsapp:US.1349")

    assert pair_key(KEY, "whatsapp", PERSON, OURS) in reply.keys
    assert reply.channel == "whatsapp"
    assert reply.person == address_key(KEY, PERSON)


@pytest.mark.parametrize(
    "more", [{}, {"OptOutType": ""}, {"Body": "no more", "OptOutType": "stop"}]
)
def test_a_stop_word_or_twilios_word_for_it_is_a_stop(more: dict[str, str]) -> None:
    assert read("inbound", "sms_stop", **more).stop


@pytest.mark.parametrize("more", [{"OptOutType": "START", "Body": "yes"}, {"OptOutType": "HELP"}])
def test_other_keywords_are_answers(more: dict[str, str]) -> None:
    assert not read("inbound", "sms_reply", **more).stop


@pytest.mark.parametrize(
    ("more", "certain", "start"),
    [
        ({"Body": "STOP"}, True, False),
        ({"Body": "Cancel"}, False, False),
        ({"Body": "Cancel", "OptOutType": "STOP"}, True, False),
        ({"Body": "start"}, False, True),
        ({"Body": "Weiter", "OptOutType": "START"}, False, True),
        ({"Body": "Yes"}, False, False),
        ({"Body": "Start", "ButtonPayload": "start"}, False, False),
        ({"Body": "Stop", "ButtonPayload": "stop"}, False, False),
    ],
)
def test_what_twilio_acts_on_is_certain(more: dict[str, str], certain: bool, start: bool) -> None:
    said = read("inbound", "sms_reply", **more)

    assert (said.certain, said.start) == (certain, start)


def test_a_button_that_says_cancel_is_an_answer() -> None:
    assert not read("inbound", "whatsapp_button", Body="Cancel", ButtonText="Cancel").stop


def test_a_picture_alone_is_a_reply_without_text() -> None:
    assert read("inbound", "sms_reply", Body="", NumMedia="1").text is None


VOICE = "voice?m=order-1.2&keys=2&lang=en"


def test_a_pressed_key_is_a_reply_to_its_message() -> None:
    assert read(VOICE, "call_key") == Reply(
        channel="voice",
        provider="twilio",
        provider_id="CA1:1",
        text="1",
        reference="order-1.2",
        person=address_key(KEY, PERSON),
    )


@pytest.mark.parametrize("digits", ["", "3", "0", "#", "12", "²"])
def test_no_key_or_one_that_stands_for_nothing_is_no_event(digits: str) -> None:
    assert read(VOICE, "call_key", Digits=digits) is None


def said(route: str, payload: str, **more: str) -> ElementTree.Element:
    asked = callback(route, payload, **more)
    kind, body = READER.answer(asked, READER.read(asked))
    assert kind == "text/xml"
    return ElementTree.fromstring(body)


def test_a_key_that_counts_is_thanked_for() -> None:
    answer = said(VOICE, "call_key")

    assert [element.tag for element in answer] == ["Say", "Hangup"]
    assert answer[0].text == "Thank you. Goodbye."


def test_a_key_that_does_not_count_may_be_pressed_again() -> None:
    answer = said("voice?m=a%26b.2&keys=2&lang=de", "call_key", Digits="7")

    assert [element.tag for element in answer] == ["Gather"]
    action = answer[0].get("action") or ""
    assert action.startswith(f"{BASE_URL}/twilio/voice?m=a%26b.2&keys=2&lang=de#")
    assert answer[0][0].get("language") == "de-DE"


def test_who_presses_nothing_is_told_goodbye() -> None:
    answer = said(VOICE, "call_key", Digits="")

    assert [element.tag for element in answer] == ["Say", "Hangup"]
    assert "did not get an answer" in (answer[0].text or "")


def test_anything_else_is_answered_with_nothing_to_do() -> None:
    assert len(said(STATUS, "sms_delivered")) == 0
    assert len(said("inbound", "sms_reply")) == 0


@pytest.mark.parametrize(
    ("route", "payload", "more"),
    [
        ("status", "sms_delivered", {}),
        ("status?m=", "sms_delivered", {}),
        ("status?m=nonsense", "sms_sent", {}),
        ("status?m=order-1.0", "call_completed", {}),
        (STATUS, "sms_delivered", {"MessageSid": ""}),
        (STATUS, "sms_delivered", {"MessageStatus": ""}),
        (STATUS, "call_completed", {"CallStatus": ""}),
        ("inbound", "sms_reply", {"From": ""}),
        ("inbound", "sms_reply", {"MessageSid": ""}),
        ("voice?m=order-1.2", "call_key", {}),
        ("voice?m=order-1.2&keys=12", "call_key", {}),
        ("voice?keys=2", "call_key", {}),
        (VOICE, "call_key", {"CallSid": ""}),
        ("elsewhere", "sms_reply", {}),
    ],
)
def test_signed_but_not_what_twilio_documents_is_malformed(
    route: str, payload: str, more: dict[str, str]
) -> None:
    with pytest.raises(CallbackMalformed):
        read(route, payload, **more)


@pytest.mark.parametrize("route", [STATUS, "inbound", VOICE])
def test_a_forged_callback_is_not_read(route: str) -> None:
    forged = twilio_callback(route, PAYLOADS["call_key"], token="not ours")

    with pytest.raises(CallbackForged):
        READER.read(forged)


def test_a_public_address_with_a_path_is_part_of_what_is_signed() -> None:
    base = f"{BASE_URL}/hooks"
    signed = twilio_callback(STATUS, PAYLOADS["sms_delivered"], base_url=base)

    assert len(READER.read(signed)) == 1
