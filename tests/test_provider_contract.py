"""What every provider owes for a send, on every channel: one request, and one of three outcomes.

What each answers is in tests/offers, in a file with its name.
"""

import dataclasses
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from failover.channels import Goal
from failover.events import FailureClass
from providers.base import Accepted, ProviderUnavailable, Refused, SendUnknown
from providers.capabilities import Carries, table
from providers.codes import tables
from providers.push.routes import ACKNOWLEDGED
from tests.canned import Answer, Canned, canned_server
from tests.offers.every import OFFERS, each
from tests.offers.offer import PUBLIC, Never, Offer


@pytest.fixture
def edge() -> Iterator[Canned]:
    with canned_server() as canned:
        yield canned


def test_every_row_of_the_table_is_held_to_this_once() -> None:
    held = [(offer.channel, offer.by.name) for offer in OFFERS]

    assert sorted(held) == sorted(table())


def test_every_sender_is_held_to_this() -> None:
    accounts = {offer.by.name: offer.by for offer in OFFERS}
    offered = {
        (channel, account.name)
        for account in accounts.values()
        for channel in account.integration.senders(account.settings("http://127.0.0.1:1"), PUBLIC)
    }

    assert offered == set(table())


def _keys_alone(row: Carries) -> bool:
    return bool(row.choices) and all(way.how == "keys" for way in row.choices)


def _nobody_says_stop(offer: Offer) -> bool:
    listed = tables(f"providers.{offer.by.name}").values()
    kinds = {code.kind for one in listed for code in one.codes.values()}
    return _keys_alone(offer.row) or FailureClass.OPT_OUT not in kinds


#: Where a case cannot be, by the tables; everywhere else it has to be.
CANNOT_BE: dict[str, Callable[[Offer], bool]] = {
    "read": lambda offer: Goal.READ not in offer.row.reports,
    "wrote": lambda offer: _keys_alone(offer.row),
    "pressed": lambda offer: all(way.how == "links" for way in offer.row.choices),
    "opted_out": _nobody_says_stop,
    "failed": lambda offer: offer.by.integration.callbacks is ACKNOWLEDGED,
}


@each
@pytest.mark.parametrize("case", list(CANNOT_BE))
def test_a_case_is_left_out_where_it_cannot_be_and_nowhere_else(offer: Offer, case: str) -> None:
    given = getattr(offer, case)

    assert isinstance(given, Never) == CANNOT_BE[case](offer)
    assert not isinstance(given, Never) or given.why


@each
def test_the_table_has_the_goals_that_are_shown_of_every_offer(offer: Offer) -> None:
    assert offer.row.reports >= {Goal.ACCEPTED, Goal.DELIVERED, Goal.REPLIED}


@each
def test_accepted(edge: Canned, offer: Offer) -> None:
    result = offer.send(edge, offer.accepted)

    assert isinstance(result, Accepted)
    assert result.provider_id == offer.provider_id
    assert result.reply_keys
    assert not any(offer.to(edge.url) in key for key in result.reply_keys)
    assert len(offer.sends(edge.requests)) == 1


@each
def test_refused(edge: Canned, offer: Offer) -> None:
    refused_by(edge, offer, offer.refused, FailureClass.CONTENT, FailureClass.POLICY)


@each
def test_a_wrong_address(edge: Canned, offer: Offer) -> None:
    refused_by(edge, offer, offer.wrong_address, FailureClass.ADDRESS)


@pytest.mark.parametrize(
    "offer", [one for one in OFFERS if isinstance(one.opted_out, Answer)], ids=str
)
def test_opted_out_at_once(edge: Canned, offer: Offer) -> None:
    assert isinstance(offer.opted_out, Answer)
    refused_by(edge, offer, offer.opted_out, FailureClass.OPT_OUT)


@each
@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_the_accounts_fault(edge: Canned, offer: Offer, status: int) -> None:
    refused_by(edge, offer, Answer(status, "{}"), offer.by.wrong_key)


def refused_by(edge: Canned, offer: Offer, answer: Answer, *kinds: FailureClass) -> None:
    """One request, and a refusal that says whose fault it is."""
    result = offer.send(edge, answer)

    assert isinstance(result, Refused)
    assert result.failure.kind in kinds
    assert result.failure.detail
    assert len(offer.sends(edge.requests)) == 1


@each
def test_a_rate_limit_was_not_taken(edge: Canned, offer: Offer) -> None:
    with pytest.raises(ProviderUnavailable) as raised:
        offer.send(edge, Answer(429, "{}", {"Retry-After": "7"}))

    assert raised.value.retry_after == timedelta(seconds=7)
    assert raised.value.failure.kind == FailureClass.CAP
    assert len(offer.sends(edge.requests)) == 1


@each
def test_a_refused_connection_was_not_taken(offer: Offer) -> None:
    with socket.socket() as taken:  # and it does not listen
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ProviderUnavailable):
            offer.sender(url).send(offer.outbound(url))


@each
@pytest.mark.parametrize(
    "answer",
    [
        *(pytest.param(Answer(status, "{}"), id=str(status)) for status in (500, 502, 503, 504)),
        pytest.param(Answer(503, "<html>", {"Retry-After": "7"}), id="503 with Retry-After"),
        pytest.param(Answer(drop=True), id="dropped after it was taken"),
        pytest.param(Answer(307, "", {"Location": "/elsewhere"}), id="redirected"),
    ],
)
def test_what_nobody_can_know_is_unknown(edge: Canned, offer: Offer, answer: Answer) -> None:
    with pytest.raises(SendUnknown):
        offer.send(edge, answer)
    assert len(offer.sends(edge.requests)) == 1


@each
def test_a_success_that_cannot_be_read_is_unknown(edge: Canned, offer: Offer) -> None:
    with pytest.raises(SendUnknown):
        offer.send(edge, offer.unreadable)
    assert len(offer.sends(edge.requests)) == 1


@each
def test_a_provider_that_hangs_is_given_up_and_not_asked_again(edge: Canned, offer: Offer) -> None:
    with pytest.raises(SendUnknown):
        offer.send(edge, dataclasses.replace(offer.accepted, hang=30), timeout=2)
    assert len(offer.sends(edge.all_requests())) == 1
