"""What every provider owes for what comes back: each callback is made of a send that it took."""

import pytest

from failover.events import DeliveryStatus, FailureClass, Reply
from providers.base import Callback
from tests.canned import canned_server
from tests.offers.every import OFFERS, each_send, having, sends_of
from tests.offers.heard import heard, names, replied, reported
from tests.offers.offer import YES_NO, Sent, given, took


@pytest.fixture(scope="module")
def sent(request: pytest.FixtureRequest) -> Sent:
    with canned_server() as edge:
        return took(request.param, edge)


@each_send
def test_delivered(sent: Sent) -> None:
    report = reported(sent, sent.offer.delivered(sent))

    assert (report.status, report.failure) == (DeliveryStatus.DELIVERED, None)


@each_send
def test_a_delivery_says_what_a_lost_answer_would_have_said(sent: Sent) -> None:
    """Unless every answer names the message itself."""
    report, answer = reported(sent, sent.offer.delivered(sent)), heard(sent, an_answer(sent))
    assert isinstance(answer, Reply)
    if not names(answer, sent):
        assert report.provider_id == sent.accepted.provider_id
        assert set(report.reply_keys) >= set(sent.accepted.reply_keys)
        assert report.person


def an_answer(sent: Sent) -> Callback:
    """A press where that is possible."""
    if callable(sent.offer.pressed):
        return sent.offer.pressed(sent, YES_NO[0])
    return given(sent.offer.wrote)(sent, "Yes")


@each_send
def test_an_answer_names_its_message_where_the_table_says_so(sent: Sent) -> None:
    """By our reference, or by what it quotes; elsewhere it is found by the two addresses."""
    answer = replied(sent, an_answer(sent))
    exact = answer.exact and answer.keys[0] in sent.accepted.reply_keys

    assert (names(answer, sent) or bool(exact)) == bool(sent.offer.row.reply_reference)


@having("read")
def test_read(sent: Sent) -> None:
    report = reported(sent, given(sent.offer.read)(sent))

    assert (report.status, report.failure) == (DeliveryStatus.READ, None)


@having("failed")
def test_failed(sent: Sent) -> None:
    failed = given(sent.offer.failed)
    report = reported(sent, failed.comes(sent))

    assert report.status == DeliveryStatus.FAILED
    assert report.failure
    assert report.failure.kind == failed.kind
    assert report.failure.detail


@sends_of([one for one in OFFERS if callable(one.opted_out)])
def test_opted_out_as_a_report_says(sent: Sent) -> None:
    assert callable(sent.offer.opted_out)
    report = reported(sent, sent.offer.opted_out(sent))

    assert report.status == DeliveryStatus.FAILED
    assert report.failure
    assert report.failure.kind == FailureClass.OPT_OUT


@each_send
def test_a_status_that_says_nothing_is_nothing(sent: Sent) -> None:
    assert sent.offer.by.reader.read(sent.offer.unheard(sent)) == []


@having("wrote")
def test_a_reply_in_words_finds_its_message(sent: Sent) -> None:
    reply = replied(sent, given(sent.offer.wrote)(sent, "Can it be 10 pm?"))

    assert (reply.text, reply.choice) == ("Can it be 10 pm?", None)
    assert (reply.stop, reply.certain, reply.start) == (False, False, False)


@having("wrote")
@pytest.mark.parametrize(
    ("word", "stop", "certain", "start"),
    [
        ("STOP", True, True, False),
        ("stop.", True, True, False),
        ("Unsubscribe", True, False, False),
        ("START", False, False, True),
        ("Please stop by at 9", False, False, False),
    ],
)
def test_a_word_alone_says_stop(
    sent: Sent, word: str, stop: bool, certain: bool, start: bool
) -> None:
    reply = replied(sent, given(sent.offer.wrote)(sent, word))

    assert (reply.stop, reply.certain, reply.start) == (stop, certain, start)


@sends_of([one for one in OFFERS if one.stops])
def test_other_ways_to_say_stop_are_certain(sent: Sent) -> None:
    for comes in sent.offer.stops:
        reply = replied(sent, comes(sent))
        assert (reply.stop, reply.certain, reply.start) == (True, True, False)
