"""Signed links: what is in them comes back, and what was not signed by us opens nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.links import Links, Unsubscribing
from tests.callbacks import BASE_URL, KEY

LINKS = Links(KEY, BASE_URL)
PERSON = "0123456789abcdef" * 2
GONE = Unsubscribing(PERSON, "order-1", 2, "de-AT")
ids = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=90)
attempts = st.integers(1, 999_999)


def token(link: str) -> str:
    return link.rpartition("/")[2]


@given(ids, attempts)
def test_a_link_says_which_send_it_belongs_to(message: str, attempt: int) -> None:
    assert LINKS.answered(token(LINKS.answer(message, attempt))) == (message, attempt)
    assert LINKS.handled(token(LINKS.agent(message, attempt))) == (message, attempt)
    gone = Unsubscribing(PERSON, message, attempt, "de-AT")
    assert LINKS.unsubscribed(token(LINKS.unsubscribe(gone))) == gone


@given(ids, attempts)
def test_a_phone_takes_the_whole_of_it_for_a_link(message: str, attempt: int) -> None:
    link = LINKS.answer(message, attempt)

    assert re.fullmatch(re.escape(BASE_URL) + r"/answer/[\w.-]+[A-Za-z]", link, re.ASCII)
    assert link == LINKS.answer(message, attempt)


def test_an_sms_has_room_for_it() -> None:
    assert len(token(LINKS.answer("order-1234-delivery", 2))) <= 52


def test_a_link_is_good_for_its_purpose_alone() -> None:
    answer, agent = token(LINKS.answer("order-1", 2)), token(LINKS.agent("order-1", 2))
    unsubscribe = token(LINKS.unsubscribe(GONE))

    assert [LINKS.answered(agent), LINKS.answered(unsubscribe)] == [None, None]
    assert [LINKS.handled(answer), LINKS.handled(unsubscribe)] == [None, None]
    assert [LINKS.unsubscribed(answer), LINKS.unsubscribed(agent)] == [None, None]


def test_another_key_makes_no_link_of_ours() -> None:
    strange = Links("another key, of more than sixteen", BASE_URL)

    assert LINKS.answered(token(strange.answer("order-1", 2))) is None
    assert LINKS.unsubscribed(token(strange.unsubscribe(GONE))) is None


@given(ids, attempts, st.data())
def test_a_changed_token_opens_nothing(message: str, attempt: int, data: st.DataObject) -> None:
    good = token(LINKS.answer(message, attempt))
    # The last character has bits that stand for nothing.
    place = data.draw(st.integers(0, len(good) - 2))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    changed = good[:place] + other + good[place + 1 :]

    assert changed == good or LINKS.answered(changed) is None


@given(st.text() | st.text("ABCabc012._-"))
def test_garbage_opens_nothing(garbage: str) -> None:
    assert LINKS.answered(garbage) is None
    assert LINKS.handled(garbage) is None
    assert LINKS.unsubscribed(garbage) is None


@pytest.mark.parametrize("garbage", ["", ".", "..", "b3JkZXItMS4y", "b3JkZXItMS4y.", "é.ü", "\x00"])
def test_what_a_stranger_types_opens_nothing(garbage: str) -> None:
    assert LINKS.answered(garbage) is None


@pytest.mark.parametrize("more", ["\r\n", " ", "=", "\x00", "/", "%0d"])
def test_a_token_has_one_spelling(more: str) -> None:
    token = LINKS.answer("order-1", 2).rpartition("/")[2]

    assert LINKS.answered(token) == ("order-1", 2)
    assert LINKS.answered(token + more) is None
    assert LINKS.answered(token[:5] + more + token[5:]) is None
