"""What a call says, whoever places it."""

from datetime import timedelta

import pytest

from failover.content import Choice, Content
from failover.events import FailureClass
from providers.calling import not_put_through, ring
from providers.spoken import Line, language, phrases, question

YES_NO = [Choice(id="yes", label="Ja"), Choice(id="no", label="Nein")]


def test_the_message_is_in_its_own_language_and_the_keys_in_one_that_has_words() -> None:
    said = question(Content(text="Bist du da?", choices=YES_NO), "de_AT")

    assert said == [
        Line("Bist du da?", "de-AT"),
        Line("Für Ja: die 1.", "de-DE"),
        Line("Für Nein: die 2.", "de-DE"),
    ]


def test_words_that_are_not_there_are_english_and_the_message_is_not() -> None:
    said = question(Content(text="Oletko kotona?"), "fi")

    assert said == [Line("Oletko kotona?", "fi-FI"), Line("Press 1 to confirm.", "en-US")]


@pytest.mark.parametrize(
    ("locale", "spoken"),
    [
        ("pt_br", "pt-BR"),
        ("PT", "pt-PT"),
        ("zh", "cmn-CN"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("", "en-US"),
    ],
)
def test_a_locale_is_a_voice(locale: str, spoken: str) -> None:
    assert language(locale) == spoken


@pytest.mark.parametrize("locale", ["en", "de", "es", "fr"])
def test_each_language_has_every_phrase_of_its_own(locale: str) -> None:
    words = phrases(locale)

    assert words.language.startswith(f"{locale}-")
    assert words.press.format(key=7, label="Ja").count("7") == 1
    assert "1" in words.confirm
    assert len({words.press, words.confirm, words.thanks, words.again, words.goodbye}) == 5
    assert locale == "en" or words.thanks != phrases("en").thanks


@pytest.mark.parametrize(("wait", "seconds"), [(0, 5), (5, 5), (44.9, 44), (46, 45), (86400, 45)])
def test_it_rings_within_the_wait(wait: float, seconds: int) -> None:
    assert ring(timedelta(seconds=wait)) == seconds


def test_a_network_that_fails_is_another_providers_chance() -> None:
    assert not_put_through("503", "failed").kind == FailureClass.PROVIDER
    assert not_put_through("404", "failed").kind == FailureClass.ADDRESS
    assert not_put_through("", "failed").code is None
