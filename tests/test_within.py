"""A provider that answers a byte at a time holds a send no longer than its timeout."""

import dataclasses
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Literal
from urllib.request import build_opener

import pytest

from activities import caps
from failover.channels import Channel
from providers.base import ProviderUnavailable, SendUnknown
from providers.settings import ProviderSettings
from providers.twilio import contents
from providers.within import Plain, left, within
from tests.canned import Answer, Canned, canned_server
from tests.offers.every import OFFERS
from tests.offers.offer import Offer
from workflows.sending import SEND_TIMEOUT

#: One of each kind of sender.
SENDERS = {(offer.by.name, offer.channel == Channel.VOICE): offer for offer in OFFERS}.values()
#: One of each provider; of a push service's answer nothing is read but its headers.
READ = {offer.by.name: offer for offer in OFFERS if offer.by.name != "webpush"}.values()


@pytest.fixture
def edge() -> Iterator[Canned]:
    with canned_server() as canned:
        yield canned


@contextmanager
def flooding() -> Iterator[str]:
    """Says more and more, as fast as it is read."""

    def flood() -> None:
        connection, _ = listening.accept()
        with connection, suppress(ConnectionError):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
            while True:
                connection.sendall(b"a" * 65536)

    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as threads:
        threads.submit(flood)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def given_up(edge: Canned, offer: Offer, drips: Literal["header", "body"]) -> bool:
    answer = dataclasses.replace(offer.accepted, drips=drips)
    with pytest.raises(SendUnknown):
        offer.send(edge, answer, timeout=2)
    return len(offer.sends(edge.all_requests())) == 1 and not edge.waited_for


@pytest.mark.parametrize("offer", SENDERS, ids=str)
def test_headers_that_come_a_byte_at_a_time_are_given_up(edge: Canned, offer: Offer) -> None:
    assert given_up(edge, offer, "header")


@pytest.mark.parametrize("offer", READ, ids=str)
def test_a_body_that_comes_a_byte_at_a_time_is_given_up(edge: Canned, offer: Offer) -> None:
    assert given_up(edge, offer, "body")


def test_a_token_that_comes_a_byte_at_a_time_is_given_up_and_nothing_is_sent(edge: Canned) -> None:
    [fcm] = (offer for offer in OFFERS if offer.by.name == "fcm")
    slow = {path: Answer(200, drips="body") for path in fcm.by.asides}
    account = dataclasses.replace(fcm.by, asides=slow)

    with pytest.raises(ProviderUnavailable):
        fcm.but(by=account).send(edge, fcm.accepted, timeout=2)
    assert fcm.sends(edge.all_requests()) == []
    assert edge.waited_for == []


@pytest.mark.parametrize("offer", READ, ids=str)
def test_nothing_is_sent_when_the_time_is_over_before_it(edge: Canned, offer: Offer) -> None:
    """As after a slow look-up of the name, or many addresses that did not answer."""
    with within(0), pytest.raises(ProviderUnavailable):
        offer.send(edge, offer.accepted)
    assert edge.all_requests() == []


def test_of_two_limits_the_one_that_ends_first_counts() -> None:
    with within(1000), within(10), within(100):
        seconds = left()
    assert seconds
    assert seconds <= 10


def test_a_send_that_takes_all_of_its_time_is_over_before_temporal_gives_it_up() -> None:
    """Three questions to Temporal, a template, and the exchange at its longest."""
    [longest] = (
        limit.le
        for limit in ProviderSettings.model_fields["timeout"].metadata
        if hasattr(limit, "le")
    )
    assert 3 * caps.PATIENCE + contents.PATIENCE + longest < SEND_TIMEOUT.total_seconds()


def test_what_came_in_time_is_read_by_a_thread_that_is_late(edge: Canned) -> None:
    edge.answer = Answer(200, "a" * 30_000)  # more than is read at once
    with within(20):
        answer = build_opener(Plain).open(edge.url)
    edge.all_requests()  # all of it is on its way

    with within(0):
        assert answer.read() == b"a" * 30_000


def test_a_server_that_never_comes_to_an_end_is_given_up_also_where_it_is_quick() -> None:
    with flooding() as url:
        with within(20):
            answer = build_opener(Plain).open(url)
        with answer, within(0), pytest.raises(TimeoutError):
            sum(len(answer.read(8192)) for _ in range(10_000))
