"""Finding out whether Twilio took a send that was never answered."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from failover.channels import Channel
from failover.content import Content
from providers.base import LookUpImpossible, Outbound, ProviderUnavailable, Sender
from providers.reply_keys import pair_key, sent_key
from providers.settings import PublicSettings
from providers.twilio.provider import senders
from providers.twilio.settings import TwilioSettings
from tests.callbacks import BASE_URL, KEY, TOKEN
from tests.canned import Answer, Canned, canned_server

SINCE = datetime(2026, 11, 21, 21, 45, 0, 300000, tzinfo=UTC)
OURS, PERSON, TEXT = "+15005550006", "+14155550100", "Hi Dana"
SERVICE = "MG00000000000000000000000000000001"
PUBLIC = PublicSettings.model_validate({"public_base_url": BASE_URL, "address_key": KEY})


@pytest.fixture
def twilio() -> Iterator[Canned]:
    with canned_server() as canned:
        yield canned


def sender(url: str, channel: Channel = Channel.SMS, **more: Any) -> Sender:
    given = {"account_sid": "AC1", "auth_token": TOKEN, "from": OURS}
    settings = TwilioSettings.model_validate({**given, "api_base_url": url, **more})
    return senders(settings, PUBLIC)[channel]


def outbound(channel: Channel = Channel.SMS) -> Outbound:
    return Outbound(
        reference="order-1.1",
        channel=channel,
        provider="twilio",
        to=PERSON,
        content=Content(text=TEXT),
        valid_for=timedelta(minutes=5),
    )


def record(sid: str, after: float, **more: Any) -> dict[str, Any]:
    created = format_datetime(SINCE + timedelta(seconds=after))
    fields = {"sid": sid, "from": OURS, "to": PERSON, "body": TEXT, "direction": "outbound-api"}
    return {**fields, "date_created": created, "date_sent": None, "start_time": None, **more}


def listed(*records: dict[str, Any], kind: str = "messages") -> Answer:
    return Answer(200, json.dumps({kind: records, "page": 0, "next_page_uri": None}))


def test_the_message_with_our_text_nearest_to_the_send_is_ours(twilio: Canned) -> None:
    twilio.answer = listed(
        record("SM-later", 40),
        record("SM-ours", 1),
        record("SM-other-text", 0.5, body="Something else"),
        record("SM-from-them", 0, direction="inbound"),
        record("SM-before", -600),
    )
    result = sender(twilio.url).look_up(outbound(), SINCE)

    assert result
    assert result.provider_id == "SM-ours"
    assert result.reply_keys == (
        pair_key(KEY, "sms", PERSON, OURS),
        sent_key(KEY, "twilio", "SM-ours"),
    )
    [request] = twilio.requests
    assert request.method == "GET"
    assert (request.field("To"), request.field("From")) == (PERSON, OURS)


def test_a_trial_account_puts_words_before_the_text(twilio: Canned) -> None:
    prefixed = f"Sent from your Twilio trial account - {TEXT}"
    twilio.answer = listed(record("SM-ours", 1, body=prefixed))

    assert sender(twilio.url).look_up(outbound(), SINCE)


def test_nothing_since_the_send_is_not_found(twilio: Canned) -> None:
    twilio.answer = listed(record("SM-before", -600))

    assert sender(twilio.url).look_up(outbound(), SINCE) is None


def test_a_messaging_service_may_have_sent_from_any_number(twilio: Canned) -> None:
    twilio.answer = listed(
        record("SM-else", 0, messaging_service_sid="MG2"),
        record("SM-ours", 1, messaging_service_sid=SERVICE, **{"from": "+15005550009"}),
    )
    result = sender(twilio.url, messaging_service_sid=SERVICE).look_up(outbound(), SINCE)

    assert result
    assert result.provider_id == "SM-ours"
    assert pair_key(KEY, "sms", PERSON, "+15005550009") in result.reply_keys
    assert twilio.requests[0].field("From") is None


def test_a_call_is_found_by_its_numbers_and_time(twilio: Canned) -> None:
    twilio.answer = listed(record("CA-before", -600), record("CA-ours", 2), kind="calls")
    result = sender(twilio.url, Channel.VOICE).look_up(outbound(Channel.VOICE), SINCE)

    assert result
    assert result.provider_id == "CA-ours"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_account_that_may_not_look_says_so(twilio: Canned, status: int) -> None:
    twilio.answer = Answer(status, "{}")

    with pytest.raises(LookUpImpossible):
        sender(twilio.url).look_up(outbound(), SINCE)


@pytest.mark.parametrize(
    "answer",
    [Answer(500, ""), Answer(429, ""), Answer(drop=True), Answer(hang=30), Answer(200, "<html>")],
    ids=["500", "429", "dropped", "hangs", "not JSON"],
)
def test_a_look_up_that_failed_is_worth_asking_again(twilio: Canned, answer: Answer) -> None:
    twilio.answer = answer
    patience: dict[str, Any] = {"timeout": 0.3} if answer.hang else {}

    with pytest.raises(ProviderUnavailable):
        sender(twilio.url, **patience).look_up(outbound(), SINCE)
