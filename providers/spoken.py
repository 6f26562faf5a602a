"""What a call says: the message, the keys, and the words around them in the person's language."""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from langcodes import Language, tag_distance
from langcodes.tag_parser import LanguageTagError

from failover.content import Content


@dataclass(frozen=True)
class Phrases:
    language: str  #: of these words, with its usual country
    press: str
    confirm: str
    thanks: str
    again: str
    goodbye: str


ENGLISH = Phrases(
    language="en-US",
    press="Press {key} for {label}.",
    confirm="Press 1 to confirm.",
    thanks="Thank you. Goodbye.",
    again="That is not one of the choices. Please press again.",
    goodbye="We did not get an answer. Goodbye.",
)

_PHRASES = {
    "en": ENGLISH,
    "de": Phrases(
        language="de-DE",
        press="Für {label}: die {key}.",
        confirm="Drücken Sie zur Bestätigung die 1.",
        thanks="Vielen Dank. Auf Wiederhören.",
        again="Diese Taste steht nicht zur Wahl. Bitte drücken Sie noch einmal.",
        goodbye="Wir haben keine Antwort erhalten. Auf Wiederhören.",
    ),
    "es": Phrases(
        language="es-ES",
        press="Para {label}, pulse {key}.",
        confirm="Pulse 1 para confirmar.",
        thanks="Gracias. Adiós.",
        again="Esa tecla no es una de las opciones. Pulse de nuevo, por favor.",
        goodbye="No hemos recibido respuesta. Adiós.",
    ),
    "fr": Phrases(
        language="fr-FR",
        press="Pour {label}, tapez {key}.",
        confirm="Tapez 1 pour confirmer.",
        thanks="Merci. Au revoir.",
        again="Cette touche ne fait pas partie des choix. Veuillez réessayer.",
        goodbye="Nous n'avons pas reçu de réponse. Au revoir.",
    ),
}


@dataclass(frozen=True)
class Line:
    """Something said, and the locale it is in."""

    text: str
    locale: str


def question(content: Content, locale: str) -> list[Line]:
    """The message, then what each key stands for."""
    words = phrases(locale)
    keys = [
        words.press.format(key=key, label=choice.label)
        for key, choice in enumerate(content.choices, start=1)
    ]
    asked = keys or [words.confirm]
    # Of a file, what it shows is said, and not where it is.
    captions = [one.caption for one in content.media if one.caption]
    said = [Line(text, locale) for text in (content.text, *captions)]
    return [*said, *(Line(said, words.language) for said in asked)]


def phrases(locale: str) -> Phrases:
    """English where the language has none of its own."""
    return _PHRASES.get(_base(locale), ENGLISH)


@lru_cache(maxsize=1000)
def nearest(locale: str, voices: tuple[str, ...]) -> str:
    """The voice for a locale: its own, else that of the nearest language by CLDR's distances.

    `de-LU` is spoken as `de-DE`, `es-419` as `es-MX`, `nn` as `nb-NO`; English for what is near to
    none, with the text as it is. Scripts do not matter, as nobody hears them.
    """
    for known in (locale, _base(locale)):
        with suppress(LanguageTagError):
            return _nearest(known, voices)
    return ENGLISH.language


def _nearest(locale: str, voices: tuple[str, ...]) -> str:
    wanted, bare = _tags(locale)

    def distance(voice: str) -> tuple[int, int]:
        far = tag_distance(wanted, voice, ignore_script=True)
        return far, tag_distance(bare, voice, ignore_script=True)

    best = min(voices, key=distance)
    return best if distance(best)[0] <= _FAR else ENGLISH.language


def _tags(locale: str) -> tuple[str, str]:
    """The locale, and its language with no country: of several as near the usual one is meant."""
    tag = Language.get(_USUAL.get(locale.lower(), locale.replace("_", "-")))
    base = "yue" if tag.language == "zh" and tag.territory in _CANTONESE else tag.language or "en"
    return (tag.to_tag() if base == tag.language else base), base


#: The most that langcodes takes for a language that its readers understand: `nn` to `nb` is 20.
_FAR = 25
#: Where CLDR would have the country with most speakers.
_USUAL = {"pt": "pt-PT"}
#: Where what is written as Chinese is spoken as Cantonese.
_CANTONESE = ("HK", "MO")


def _base(locale: str) -> str:
    return locale.replace("_", "-").partition("-")[0].lower()
