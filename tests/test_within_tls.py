"""The limit for a whole exchange as it is outside of tests: with TLS, and through a proxy."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from providers.base import Accepted, ProviderUnavailable, SendUnknown
from providers.within import within
from tests.canned import Canned, canned_server
from tests.dripping import dripping
from tests.offers.every import OFFERS
from tests.offers.offer import Offer
from tests.self_signed import self_signed

#: One of each provider; of a push service's answer nothing is read but its headers.
READ = {offer.by.name: offer for offer in OFFERS if offer.by.name != "webpush"}.values()
#: FCM's session takes no certificate and no proxy of the environment; its adapter is the others'.
BY_ENVIRONMENT = [offer for offer in READ if offer.by.name != "fcm"]
#: A record of TLS whose 16 KB do not come.
RECORD = b"\x16\x03\x03\x3f\xff"
#: What a proxy says when there is a way to the provider, and no end of it.
PROXY = b"HTTP/1.1 200 OK\r\nX-Slow: "


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Canned]:
    """A provider whose certificate is trusted, by requests and by urllib."""
    with canned_server(self_signed(tmp_path, "localhost")) as canned:
        for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
            monkeypatch.setenv(variable, str(tmp_path / "cert.pem"))
        yield canned


def not_sent(offer: Offer, url: str, timeout: float, left: float | None = None) -> None:
    """With no more seconds `left` than these, made ready before they begin."""
    sender, outbound = offer.sender(url, timeout=timeout), offer.outbound(url)
    with within(left or timeout), pytest.raises(ProviderUnavailable):
        sender.send(outbound)


@pytest.mark.parametrize("offer", BY_ENVIRONMENT, ids=str)
def test_an_answer_in_time_is_taken(secure: Canned, offer: Offer) -> None:
    assert isinstance(offer.send(secure, offer.accepted, timeout=20), Accepted)


@pytest.mark.parametrize("drips", ["header", "body"])
@pytest.mark.parametrize("offer", BY_ENVIRONMENT, ids=str)
def test_an_answer_that_comes_a_byte_at_a_time_is_given_up(
    secure: Canned, offer: Offer, drips: Literal["header", "body"]
) -> None:
    answer = dataclasses.replace(offer.accepted, drips=drips)
    with pytest.raises(SendUnknown):
        offer.send(secure, answer, timeout=2)
    assert len(offer.sends(secure.all_requests())) == 1
    assert secure.waited_for == []


@pytest.mark.parametrize("offer", READ, ids=str)
def test_a_handshake_has_what_is_left_of_the_time(offer: Offer) -> None:
    """And not the time of a whole exchange anew."""
    with dripping(RECORD) as server:
        not_sent(offer, f"https://localhost:{server.port}", timeout=20, left=3)
        assert server.given_up()


@pytest.mark.parametrize("offer", BY_ENVIRONMENT, ids=str)
def test_a_proxy_that_answers_a_byte_at_a_time_is_given_up(
    monkeypatch: pytest.MonkeyPatch, offer: Offer
) -> None:
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    with dripping(PROXY) as server:
        for variable in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(variable, f"http://127.0.0.1:{server.port}")
        not_sent(offer, "https://provider.example.com", timeout=2)
        assert server.given_up()
