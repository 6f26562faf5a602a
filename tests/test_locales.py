"""A locale is one file, and each has all that any other has."""

import pytest

from failover.locales import DEFAULT, LANGUAGES, language, phrases


@pytest.mark.parametrize("known", sorted(LANGUAGES))
def test_every_language_says_the_same_things(known: str) -> None:
    ours, english = phrases(known), phrases(DEFAULT)

    assert {name: set(ours[name]) for name in ours} == {n: set(english[n]) for n in english}


def test_there_are_english_and_german() -> None:
    assert {"en", "de"} <= set(LANGUAGES)
    assert phrases("de") != phrases("en")


@pytest.mark.parametrize("locale", ["de", "DE", "de-AT", "de_CH", "de_CH.UTF-8", "de-Latn-DE"])
def test_a_locale_is_read_by_its_language(locale: str) -> None:
    assert language(locale) == "de"
    assert phrases(locale) is phrases("de")


@pytest.mark.parametrize("locale", ["fr", "deu", "d", "", "../en", "en-GB"])
def test_what_is_not_known_is_english(locale: str) -> None:
    assert phrases(locale) is phrases("en")
