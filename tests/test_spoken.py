"""What a call says, whoever places it."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from failover.content import Choice, Content
from failover.events import FailureClass
from providers.calling import not_put_through, ring
from providers.spoken import Line, nearest, phrases, question
from providers.twilio import twiml
from providers.vonage import ncco

YES_NO = [Choice(id="yes", label="Ja"), Choice(id="no", label="Nein")]


def test_the_message_is_in_its_own_language_and_the_keys_in_one_that_has_words() -> None:
    said = question(Content(text="Bist du da?", choices=YES_NO), "de_AT")

    assert said == [
        Line("Bist du da?", "de_AT"),
        Line("Für Ja: die 1.", "de-DE"),
        Line("Für Nein: die 2.", "de-DE"),
    ]


def test_words_that_are_not_there_are_english_and_the_message_is_not() -> None:
    said = question(Content(text="Oletko kotona?"), "fi")

    assert said == [Line("Oletko kotona?", "fi"), Line("Press 1 to confirm.", "en-US")]


#: Of `failover.recipient`, with parts as long as a language tag's.
LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,9}){0,5}")
#: By Twilio, and by Vonage, which speaks fewer.
VOICES = {
    "pt_br": ("pt-BR", "pt-BR"),
    "PT": ("pt-PT", "pt-PT"),
    "pt-AO": ("pt-PT", "pt-PT"),
    "en-DE": ("en-GB", "en-GB"),
    "en-001": ("en-GB", "en-GB"),
    "en-IE": ("en-IE", "en-GB"),
    "de-LU": ("de-DE", "de-DE"),
    "de-AT": ("de-AT", "de-DE"),
    "de-1996": ("de-DE", "de-DE"),
    "fr-CH": ("fr-FR", "fr-FR"),
    "es": ("es-ES", "es-ES"),
    "es-419": ("es-MX", "es-MX"),
    "es-AR": ("es-MX", "es-MX"),
    "ar": ("arb", "ar"),
    "zh": ("cmn-CN", "cmn-CN"),
    "zh-Hant-TW": ("cmn-TW", "cmn-TW"),
    "zh_HK": ("yue-HK", "yue-CN"),
    "no": ("nb-NO", "no-NO"),
    "nn": ("nb-NO", "nb-NO"),
    "iw": ("he-IL", "he-IL"),
    "tl": ("fil-PH", "fil-PH"),
    "eu": ("eu-ES", "eu-ES"),
    "gl": ("gl-ES", "es-ES"),
    "bg": ("bg-BG", "en-US"),
    "hr": ("sr-RS", "en-US"),
    "sr-Latn-RS": ("sr-RS", "en-US"),
    "sw": ("en-US", "en-US"),
    "xx": ("en-US", "en-US"),
    "de-AT-not-a-locale": ("de-DE", "de-DE"),
    "en-GB-WLS": ("en-US", "en-US"),
    "ar-abc-1ab": ("arb", "ar"),
    "": ("en-US", "en-US"),
}


@pytest.mark.parametrize(("locale", "spoken"), VOICES.items(), ids=VOICES)
def test_a_locale_is_spoken_by_the_nearest_voice(locale: str, spoken: tuple[str, str]) -> None:
    assert (nearest(locale, twiml.LANGUAGES), nearest(locale, ncco.LANGUAGES)) == spoken


@given(st.from_regex(LOCALE, fullmatch=True))
def test_every_locale_that_a_message_may_have_is_spoken_by_some_voice(locale: str) -> None:
    assert nearest(locale, twiml.LANGUAGES) in twiml.LANGUAGES
    assert nearest(locale, ncco.LANGUAGES) in ncco.LANGUAGES


@pytest.mark.parametrize("voices", [twiml.LANGUAGES, ncco.LANGUAGES], ids=["twilio", "vonage"])
def test_every_voice_speaks_its_own_language_and_there_are_voices_for_our_words(
    voices: tuple[str, ...],
) -> None:
    # Twilio has two names for Chinese, and what is written zh is spoken cmn or yue.
    assert [one for one in voices if nearest(one, voices) != one and "zh" not in one] == []
    assert {phrases(known).language for known in ("en", "de", "es", "fr")} <= {*voices}


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
