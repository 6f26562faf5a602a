"""Twilio's own SDK against canned HTTP: what each answer, or none, makes of a send."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from failover.channels import Channel
from failover.content import Choice, Content
from failover.events import FailureClass
from providers.base import Accepted, Outbound, ProviderUnavailable, Refused, Sender, SendUnknown
from providers.reply_keys import pair_key, sent_key
from providers.settings import PublicSettings
from providers.twilio.provider import senders
from providers.twilio.settings import TwilioSettings
from tests.callbacks import BASE_URL, KEY, TOKEN
from tests.canned import Answer, Canned, canned_server

ACCOUNT = "AC00000000000000000000000000000001"
OURS, PERSON = "+15005550006", "+14155550100"
SID = "SM00000000000000000000000000000001"
CALL = "CA00000000000000000000000000000001"
SERVICE = "MG00000000000000000000000000000001"
PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})
TEXT = "Hi Dana, can you be home at 9 pm?"
YES_NO = (Choice(id="yes", label="Yes"), Choice(id="no", label="No"))


@pytest.fixture
def twilio() -> Iterator[Canned]:
    with canned_server() as canned:
        canned.answer = accepted()
        yield canned


def accepted(**more: Any) -> Answer:
    told = {"sid": SID, "status": "queued", "from": OURS, "body": TEXT, **more}
    return Answer(body=json.dumps(told))


def refused(status: int, code: int | None = None, message: str = "") -> Answer:
    return Answer(status, json.dumps({"code": code, "message": message, "status": status}))


def settings(url: str, **more: Any) -> TwilioSettings:
    given = {"account_sid": ACCOUNT, "auth_token": TOKEN, "from": OURS}
    return TwilioSettings.model_validate({**given, "api_base_url": url, **more})


def sender(url: str, channel: Channel = Channel.SMS, **more: Any) -> Sender:
    return senders(settings(url, whatsapp_from=OURS, **more), PUBLIC)[channel]


def outbound(channel: Channel = Channel.SMS, **more: Any) -> Outbound:
    given = {
        "reference": "order-1.2",
        "channel": channel,
        "provider": "twilio",
        "to": PERSON,
        "content": Content(text=TEXT),
        "valid_for": timedelta(minutes=20),
    }
    return Outbound.model_validate({**given, **more})


def test_an_sms_goes_out_once_with_everything_that_brings_it_back(twilio: Canned) -> None:
    said = Content(text=TEXT, choices=YES_NO)
    result = sender(twilio.url).send(outbound(content=said, reference="a&b/c.2"))

    assert isinstance(result, Accepted)
    assert result.provider_id == SID
    assert result.reply_keys == (
        pair_key(KEY, "sms", PERSON, OURS),
        sent_key(KEY, "twilio", SID),
    )
    [request] = twilio.requests
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert dict(request.fields) == {
        "To": PERSON,
        "From": OURS,
        "Body": f"{TEXT}\n\n1 = Yes\n2 = No",
        "ValidityPeriod": "1200",
        "StatusCallback": f"{BASE_URL}/twilio/status?m=a%26b%2Fc.2#rc=5&rp=5xx,ct,rt",
    }


def test_whatsapp_addresses_say_their_channel(twilio: Canned) -> None:
    result = sender(twilio.url, Channel.WHATSAPP).send(outbound(Channel.WHATSAPP))

    assert isinstance(result, Accepted)
    assert result.reply_keys[0] == pair_key(KEY, "whatsapp", PERSON, OURS)
    assert twilio.requests[0].field("To") == f"whatsapp:{PERSON}"
    assert twilio.requests[0].field("From") == f"whatsapp:{OURS}"


def test_a_messaging_service_is_one_of_our_addresses(twilio: Canned) -> None:
    result = sender(twilio.url, messaging_service_sid=SERVICE).send(outbound())

    assert isinstance(result, Accepted)
    assert result.reply_keys[:2] == (
        pair_key(KEY, "sms", PERSON, SERVICE),
        pair_key(KEY, "sms", PERSON, OURS),
    )
    assert twilio.requests[0].field("MessagingServiceSid") == SERVICE
    assert twilio.requests[0].field("From") is None


@pytest.mark.parametrize(
    ("valid_for", "period"),
    [(timedelta(0), "1"), (timedelta(minutes=5), "300"), (timedelta(days=2), "36000")],
)
def test_it_is_valid_for_no_longer_than_the_step_waits(
    twilio: Canned, valid_for: timedelta, period: str
) -> None:
    sender(twilio.url).send(outbound(valid_for=valid_for))

    assert twilio.requests[0].field("ValidityPeriod") == period


def test_a_call_reads_the_question_twice_and_takes_one_key(twilio: Canned) -> None:
    twilio.answer = accepted(sid=CALL)
    said = Content(text="Hi <Dana> & co", choices=YES_NO)
    result = sender(twilio.url, Channel.VOICE).send(outbound(Channel.VOICE, content=said))

    assert isinstance(result, Accepted)
    assert result.reply_keys == (
        pair_key(KEY, "voice", PERSON, OURS),
        sent_key(KEY, "twilio", CALL),
    )
    [request] = twilio.requests
    assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    assert (request.field("Timeout"), request.field("MachineDetection")) == ("45", "Enable")
    status = f"{BASE_URL}/twilio/status?m=order-1.2#rc=5&rp=5xx,ct,rt"
    assert request.field("StatusCallback") == status
    assert request.field("AsyncAmd") == "true"
    assert request.field("AsyncAmdStatusCallback") == status
    first, second = ElementTree.fromstring(request.field("Twiml") or "")
    assert [say.text for say in first] == [said.text, "Press 1 for Yes.", "Press 2 for No."]
    assert [say.text for say in second] == [say.text for say in first]
    assert first.get("numDigits") == "1"
    assert (first.get("actionOnEmptyResult"), second.get("actionOnEmptyResult")) == (
        "false",
        "true",
    )
    action = f"{BASE_URL}/twilio/voice?m=order-1.2&keys=2&lang=en#rc=5&rp=5xx,ct,rt"
    assert first.get("action") == second.get("action") == action


def test_a_call_without_choices_asks_for_a_confirmation_in_the_persons_language(
    twilio: Canned,
) -> None:
    sender(twilio.url, Channel.VOICE).send(outbound(Channel.VOICE, locale="de"))

    gather = ElementTree.fromstring(twilio.requests[0].field("Twiml") or "")[0]
    assert [say.get("language") for say in gather] == ["de-DE", "de-DE"]
    assert gather[1].text == "Drücken Sie zur Bestätigung die 1."
    assert "keys=1&lang=de" in (gather.get("action") or "")


@pytest.mark.parametrize(
    ("locale", "language", "voice"),
    [
        pytest.param("nl-BE", "nl-BE", None, id="as it is"),
        pytest.param("de-LU", "de-DE", None, id="a country that is not spoken"),
        pytest.param("eu", "eu-ES", "Google.eu-ES-Standard-A", id="known by a voice only"),
        pytest.param("sw", "en-US", None, id="a language that is not spoken"),
    ],
)
def test_a_call_names_no_language_that_twilio_does_not_speak(
    twilio: Canned, locale: str, language: str, voice: str | None
) -> None:
    sender(twilio.url, Channel.VOICE).send(outbound(Channel.VOICE, locale=locale))

    question = ElementTree.fromstring(twilio.requests[0].field("Twiml") or "")[0][0]
    assert (question.get("language"), question.get("voice")) == (language, voice)


@pytest.mark.parametrize(("length", "turns"), [(1500, 2), (3000, 1)])
def test_a_long_text_is_read_as_often_as_it_fits(twilio: Canned, length: int, turns: int) -> None:
    said = Content(text="a" * length)
    sender(twilio.url, Channel.VOICE).send(outbound(Channel.VOICE, content=said))

    twiml = twilio.requests[0].field("Twiml") or ""
    assert len(twiml) <= 4000
    assert len(ElementTree.fromstring(twiml)) == turns


def test_a_text_too_long_for_a_call_is_refused_without_a_request(twilio: Canned) -> None:
    said = Content(text="a" * 4000)
    result = sender(twilio.url, Channel.VOICE).send(outbound(Channel.VOICE, content=said))

    assert isinstance(result, Refused)
    assert result.failure.kind == FailureClass.CONTENT
    assert twilio.requests == []


REFUSALS = {
    "invalid number": (refused(400, 21211), FailureClass.ADDRESS, "21211"),
    "opted out": (refused(400, 21610), FailureClass.OPT_OUT, "21610"),
    "wrong credentials": (refused(401, 20003), FailureClass.ACCOUNT, "20003"),
    "401 without a code": (refused(401), FailureClass.ACCOUNT, None),
    "403 with a code of the sender": (refused(403, 21408), FailureClass.SENDER, "21408"),
    "404 without JSON": (Answer(404, "<html>"), FailureClass.CONTENT, None),
    "400 with JSON that is no object": (Answer(400, "[1]"), FailureClass.CONTENT, None),
    "daily cap": (refused(429, 63038), FailureClass.CAP, "63038"),
    "queue full": (refused(400, 21611), FailureClass.CAP, "21611"),
    "a code in no table": (refused(400, 99999), FailureClass.UNRECOGNIZED, "99999"),
}


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
@pytest.mark.parametrize(("answer", "kind", "code"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_says_whose_fault_it_is(
    twilio: Canned, channel: Channel, answer: Answer, kind: FailureClass, code: str | None
) -> None:
    twilio.answer = answer
    result = sender(twilio.url, channel).send(outbound(channel))

    assert isinstance(result, Refused)
    assert (result.failure.kind, result.failure.code) == (kind, code)
    assert len(twilio.requests) == 1


def test_a_code_in_no_table_is_told_to_the_log(
    twilio: Canned, caplog: pytest.LogCaptureFixture
) -> None:
    twilio.answer = refused(400, 99999, f"The number {PERSON} is odd")
    sender(twilio.url).send(outbound())

    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage() == "twilio: code 99999 is in no table of ours"


def test_no_address_is_in_what_a_refusal_says(twilio: Canned) -> None:
    twilio.answer = refused(400, 21211, f"Invalid 'To' Phone Number: {PERSON}")
    result = sender(twilio.url).send(outbound())

    assert isinstance(result, Refused)
    assert result.failure.detail == "Invalid 'To' Phone Number: +1415•••0100"


NOT_TAKEN = {
    "429 with seconds": (
        Answer(429, json.dumps({"code": 20429}), {"Retry-After": "7"}),
        timedelta(seconds=7),
        FailureClass.CAP,
    ),
    "429 without a word": (Answer(429, ""), None, FailureClass.CAP),
    "408": (Answer(408, ""), None, FailureClass.PROVIDER),
    "a code that asks for patience": (refused(400, 63010), None, FailureClass.PROVIDER),
}


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
@pytest.mark.parametrize(("answer", "wait", "kind"), NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_what_was_certainly_not_taken_may_be_tried_again(
    twilio: Canned,
    channel: Channel,
    answer: Answer,
    wait: timedelta | None,
    kind: FailureClass,
) -> None:
    twilio.answer = answer
    with pytest.raises(ProviderUnavailable) as unavailable:
        sender(twilio.url, channel).send(outbound(channel))

    assert unavailable.value.retry_after == wait
    assert unavailable.value.failure.kind == kind
    assert len(twilio.requests) == 1


NOBODY_KNOWS = {
    "500": refused(500, 20500),
    "502 in HTML": Answer(502, "<html>"),
    "503 with Retry-After": Answer(503, "", {"Retry-After": "1"}),
    "conflict": refused(409, 20409),
    "redirect": Answer(307, "", {"Location": "/elsewhere"}),
    "dropped": Answer(drop=True),
    "hangs past the timeout": Answer(hang=30),
    "201 without JSON": Answer(201, "<html>"),
    "201 without a body": Answer(201, ""),
    "201 with a list": Answer(201, "[]"),
    "201 without a sid": Answer(201, "{}"),
    "201 with a sid that is no text": Answer(201, '{"sid": 1}'),
}


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.VOICE])
@pytest.mark.parametrize("answer", NOBODY_KNOWS.values(), ids=NOBODY_KNOWS)
def test_what_nobody_knows_is_unknown_after_one_request(
    twilio: Canned, channel: Channel, answer: Answer
) -> None:
    twilio.answer = answer
    patience: dict[str, Any] = {"timeout": 0.3} if answer.hang else {}
    with pytest.raises(SendUnknown):
        sender(twilio.url, channel, **patience).send(outbound(channel))

    assert len(twilio.all_requests()) == 1


def test_a_name_that_does_not_resolve_is_unavailable() -> None:
    with pytest.raises(ProviderUnavailable):
        sender("http://nowhere.invalid").send(outbound())


def test_a_closed_port_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ProviderUnavailable) as unavailable:
            sender(url).send(outbound())

    assert unavailable.value.failure.kind == FailureClass.PROVIDER


def test_a_failed_handshake_is_unavailable(twilio: Canned) -> None:
    with pytest.raises(ProviderUnavailable):
        sender(twilio.url.replace("http:", "https:")).send(outbound())

    assert twilio.requests == []


def test_a_connection_closed_in_the_handshake_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        hang_up = threading.Thread(target=lambda: listener.accept()[0].close())
        hang_up.start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ProviderUnavailable):
            sender(url).send(outbound())
        hang_up.join()


def test_an_api_key_signs_in_for_the_account(twilio: Canned) -> None:
    sender(twilio.url, api_key_sid="SK1", api_key_secret="secret").send(outbound())

    assert twilio.requests[0].headers["Authorization"] == "Basic U0sxOnNlY3JldA=="
    assert ACCOUNT in twilio.requests[0].path


def test_nothing_secret_or_personal_is_logged_at_debug(
    twilio: Canned, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    made = sender(twilio.url)
    made.send(outbound())
    twilio.answer = refused(400, 21211, f"Invalid {PERSON}")
    made.send(outbound())
    twilio.answer = Answer(200, json.dumps({"messages": []}))
    made.look_up(outbound(), datetime.now(UTC))

    logged = caplog.text
    for secret in (TOKEN, PERSON, PERSON[1:], "Authorization", "Dana"):
        assert secret not in logged
    assert len(twilio.requests) == 3


def test_a_channel_without_a_sender_is_not_offered(twilio: Canned) -> None:
    with_a_number = {Channel.SMS, Channel.MMS, Channel.VOICE}
    assert set(senders(settings(twilio.url), PUBLIC)) == with_a_number
    only_whatsapp = {"from": None, "whatsapp_from": OURS}
    assert set(senders(settings(twilio.url, **only_whatsapp), PUBLIC)) == {Channel.WHATSAPP}
