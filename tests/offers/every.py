"""Every offer of every provider; each provider has a file here with its name."""

from importlib import import_module

import pytest

from providers.known import NAMES
from tests.offers.offer import Never, Offer

OFFERS: list[Offer] = [
    offer for name in NAMES for offer in import_module(f"tests.offers.{name}").OFFERS
]
each = pytest.mark.parametrize("offer", OFFERS, ids=str)


def sends_of(offers: list[Offer]) -> pytest.MarkDecorator:
    """For the fixture `sent`, which is one send of an offer for all tests of a file."""
    return pytest.mark.parametrize("sent", offers, indirect=True, ids=str, scope="module")


def having(case: str) -> pytest.MarkDecorator:
    """Where the case can be; that it cannot be elsewhere is a test of its own."""
    return sends_of([one for one in OFFERS if not isinstance(getattr(one, case), Never)])


each_send = sends_of(OFFERS)
