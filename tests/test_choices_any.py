"""What holds for any answer and any choices."""

import time
import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from failover.choices import LONGEST, exact_choice, match_choice
from failover.content import Choice
from failover.locales import phrases
from failover.words import LONGEST as SEEN
from failover.words import known_words, seen, words

YES_NO = [Choice(id="yes", label="Yes"), Choice(id="no", label="No")]
LETTERS = st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))
LABELS = st.text(LETTERS, min_size=1, max_size=12) | st.sampled_from(
    ["Yes", "No", "Yes, 9 pm", "first", "two", "Option 2", "👍", "please", "ja", "Nein danke"]
)
IDS = st.from_regex(r"[!-~]{1,8}", fullmatch=True) | st.sampled_from(["yes", "no", "ok", "1", "2"])
CHOICES = st.lists(
    st.builds(Choice, id=IDS, label=LABELS),
    max_size=9,
    unique_by=(lambda one: one.id.casefold(), lambda one: one.label.casefold()),
)
LOCALES = st.sampled_from(["en", "de", "de-CH", "fr"])
KNOWN = [word for side in ("yes", "no", "polite") for word in phrases("en")["words"][side]]
ANSWERS = st.text() | st.lists(
    st.sampled_from([*KNOWN, "1", "2", "3", "first", "second", "the", "option", "x", "?", ","]),
    max_size=6,
).map(" ".join)
PLAIN = st.from_regex(r"[a-z]+( [a-z0-9]+)?", fullmatch=True) | st.sampled_from(
    ["yes please", "the second one", "nope", "option 2", "no problem"]
)


def core(text: str) -> str:
    """What is left of a name without signs and case."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def names(choices: Sequence[Choice], but: Choice | None = None) -> list[str]:
    """What the choices are called, each its number too."""
    numbered = [(one, str(n)) for n, one in enumerate(choices, 1) if one != but]
    return [core(name) for one, n in numbered for name in {core(one.id), core(one.label), n}]


@given(ANSWERS, CHOICES, LOCALES)
@example("\ud800", YES_NO, "en")
@example("\0", YES_NO, "en")
def test_an_answer_is_one_of_the_choices_or_none(
    answer: str, choices: list[Choice], locale: str
) -> None:
    found = match_choice(answer, choices, locale)

    assert found is None or found in choices
    assert found == match_choice(answer, choices, locale)


@given(st.data(), CHOICES.filter(bool), LOCALES)
def test_an_exact_match_wins_whatever_the_words(
    data: st.DataObject, choices: list[Choice], locale: str
) -> None:
    meant = data.draw(st.sampled_from(choices))
    said = data.draw(st.sampled_from([meant.id, meant.label, str(choices.index(meant) + 1)]))
    assume(core(said) and core(said) not in names(choices, but=meant))

    assert match_choice(said, choices, locale) == meant
    assert (
        exact_choice(said.upper(), choices) == meant or said.upper().casefold() != said.casefold()
    )


@given(
    answer=PLAIN,
    before=st.text("\"'“(¡ \t\n*-", max_size=3),
    after=st.text("\"'”)!.,; \t\n*-", max_size=3),
    upper=st.booleans(),
    choices=CHOICES,
    locale=LOCALES,
)
def test_case_space_and_punctuation_around_change_nothing(
    answer: str, before: str, after: str, upper: bool, choices: list[Choice], locale: str
) -> None:
    known = names(choices)
    assume("" not in known and len(known) == len(set(known)))
    dressed = before + (answer.upper() if upper else answer) + after

    assert match_choice(dressed, choices, locale) == match_choice(answer, choices, locale)


@given(st.data(), ANSWERS, CHOICES, LOCALES)
def test_the_order_of_the_choices_matters_to_places_only(
    data: st.DataObject, answer: str, choices: list[Choice], locale: str
) -> None:
    places = {word for place in known_words(locale).places for word in place.words}
    assume(not any(word in places or word.isnumeric() for word in words(answer)))
    shuffled = data.draw(st.permutations(choices))

    assert match_choice(answer, shuffled, locale) == match_choice(answer, choices, locale)


@pytest.mark.parametrize(
    "answer",
    ["yes " * 5_000, "y" * 20_000, "\ufdfa" * 20_000, "a\u0327\u0301" * 6_000, " " * 20_000 + "yes",
     "a" + "\u0301\u0327" * 10_000, "yes " * 499, "\ufdfa" * LONGEST,
     "a\u0327\u0301" * 600, "the " * 499, "👍" * 1_999],
    ids=range(11),
)  # fmt: skip
def test_a_long_answer_takes_no_long_time(answer: str) -> None:
    widest = [Choice(id=f"{n}" * 200, label=f"{'ﷺ' * 999}{n}") for n in range(9)]
    began = time.thread_time()
    for _ in range(10):
        match_choice(answer, widest)
        match_choice(answer, YES_NO)

    assert time.thread_time() - began < 1.5


def test_only_so_much_of_a_text_is_looked_at() -> None:
    """One character may be eighteen, or have marks that are put in order in no short time."""
    assert match_choice("yes" + "." * LONGEST, YES_NO) is None
    assert len(seen("ﷺ" * LONGEST)) <= SEEN
