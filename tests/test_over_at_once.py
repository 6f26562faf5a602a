"""A success that says the message is over already: no callback tells that once more."""

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest

from failover.channels import Channel
from failover.events import FailureClass
from providers.base import Accepted, ProviderUnavailable, Refused, SendUnknown
from tests.canned import Answer, Canned, canned_server
from tests.offers.every import OFFERS
from tests.offers.offer import YES_NO, Offer


@pytest.fixture
def edge() -> Iterator[Canned]:
    with canned_server() as canned:
        yield canned


def offer(provider: str, channel: Channel) -> Offer:
    [found] = (one for one in OFFERS if (one.by.name, one.channel) == (provider, channel))
    return found


def answered(by: Offer, **changes: Any) -> Answer:
    """Its success, with other values in it."""
    said = json.loads(by.accepted.body)
    return dataclasses.replace(by.accepted, body=json.dumps({**said, **changes}))


TWILIO = [
    ("failed", 30007, FailureClass.POLICY, "30007"),
    ("undelivered", 21610, FailureClass.OPT_OUT, "21610"),
    ("failed", 30002, FailureClass.ACCOUNT, "30002"),
    # In an answer without a message nobody would know; this message is over.
    ("failed", 30410, FailureClass.UNREACHABLE, "30410"),
    ("undelivered", 99999, FailureClass.UNRECOGNIZED, "99999"),
    ("canceled", None, FailureClass.UNRECOGNIZED, None),
]


@pytest.mark.parametrize(("status", "error", "kind", "code"), TWILIO)
def test_a_message_of_twilios_that_has_failed_is_refused(
    edge: Canned, status: str, error: int | None, kind: FailureClass, code: str | None
) -> None:
    sms = offer("twilio", Channel.SMS)
    refused = sms.send(edge, answered(sms, status=status, error_code=error))

    assert isinstance(refused, Refused)
    assert (refused.failure.kind, refused.failure.code) == (kind, code)


@pytest.mark.parametrize(
    "status", ["accepted", "queued", "sending", "sent", "delivered", None, ["failed"], {}, 5]
)
def test_any_other_message_of_twilios_is_accepted(edge: Canned, status: str | None) -> None:
    sms = offer("twilio", Channel.SMS)

    assert isinstance(sms.send(edge, answered(sms, status=status)), Accepted)


def test_a_message_that_failed_for_its_template_is_tried_again_without_it(edge: Canned) -> None:
    whatsapp = offer("twilio", Channel.WHATSAPP)
    failed = answered(whatsapp, status="failed", error_code=21656)

    with pytest.raises(ProviderUnavailable):
        whatsapp.send(edge, failed, YES_NO)


@pytest.mark.parametrize("status", ["failed", "busy", "no-answer", "canceled"])
def test_a_call_of_twilios_that_is_over_is_refused(edge: Canned, status: str) -> None:
    voice = offer("twilio", Channel.VOICE)
    refused = voice.send(edge, answered(voice, status=status))

    assert isinstance(refused, Refused)
    assert refused.failure.kind == FailureClass.UNREACHABLE


@pytest.mark.parametrize("status", ["rejected", "failed", "busy", "timeout", "unanswered"])
def test_a_call_of_vonages_that_is_over_is_refused(edge: Canned, status: str) -> None:
    voice = offer("vonage", Channel.VOICE)
    refused = voice.send(edge, answered(voice, status=status))

    assert isinstance(refused, Refused)
    assert refused.failure.kind == FailureClass.UNREACHABLE


@pytest.mark.parametrize("status", ["started", "ringing", "answered"])
def test_any_other_call_of_vonages_is_accepted(edge: Canned, status: str) -> None:
    voice = offer("vonage", Channel.VOICE)

    assert isinstance(voice.send(edge, answered(voice, status=status)), Accepted)


@pytest.mark.parametrize(
    ("channel", "name"), [(Channel.SMS, "message_uuid"), (Channel.VOICE, "uuid")]
)
def test_a_success_of_vonages_without_an_id_is_unknown(
    edge: Canned, channel: Channel, name: str
) -> None:
    by = offer("vonage", channel)

    with pytest.raises(SendUnknown):
        by.send(edge, answered(by, **{name: ""}))
    assert len(edge.requests) == 1


@pytest.mark.parametrize("said", [{"error_message": 5}, {"error_code": [30007]}, {"from": ["x"]}])
def test_odd_values_in_twilios_answer_leave_its_status_readable(
    edge: Canned, said: dict[str, Any]
) -> None:
    sms = offer("twilio", Channel.SMS)

    assert isinstance(sms.send(edge, answered(sms, status="failed", **said)), Refused)
    assert isinstance(sms.send(edge, answered(sms, status="queued", **said)), Accepted)
