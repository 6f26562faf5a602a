"""The words by which a person says stop, and takes it back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.stop_words import STOP_WORDS, is_certain, is_start, is_stop


@pytest.mark.parametrize(
    "text",
    ["STOP", "stop", " Stop! ", "UNSUBSCRIBE.", "stop all", "Opt-Out", "ｓｔｏｐ", "End", "ARRÊT"],
)
def test_a_stop_word_that_is_the_whole_message_is_an_opt_out(text: str) -> None:
    assert is_stop(text)


@pytest.mark.parametrize("text", ["", "please stop", "stopped", "no", "the end", "!", "STOPP"])
def test_anything_more_than_a_stop_word_is_an_answer(text: str) -> None:
    assert not is_stop(text)


@pytest.mark.parametrize("text", ["STOP", " stop! ", "ｓｔｏｐ", "Stop all", "S.T.O.P"])
def test_stop_itself_is_certain(text: str) -> None:
    assert is_certain(text)
    assert is_stop(text)


@pytest.mark.parametrize("text", ["cancel", "END", "unsubscribe", "stop it", "stopp", "", "start"])
def test_other_words_may_be_choices(text: str) -> None:
    assert not is_certain(text)


@pytest.mark.parametrize(
    ("text", "start"),
    [("START", True), ("unstop.", True), ("Start now", False), ("yes", False), ("", False)],
)
def test_a_start_word_takes_a_stop_back(text: str, start: bool) -> None:
    assert is_start(text) is start


@given(st.text())
def test_no_text_is_both(text: str) -> None:
    assert not (is_stop(text) and is_start(text))
    assert is_stop(text) or not is_certain(text)


@given(st.sampled_from(sorted(STOP_WORDS)), st.text(" .!-\n\t", max_size=9), st.booleans())
def test_case_and_signs_do_not_hide_a_stop(word: str, signs: str, upper: bool) -> None:
    assert is_stop(signs + (word.upper() if upper else word) + signs)
