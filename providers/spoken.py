"""What a call says: the message, the keys, and the words around them in the person's language."""

from dataclasses import dataclass

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
    """Something said in one language."""

    text: str
    language: str


def question(content: Content, locale: str) -> list[Line]:
    """The message, then what each key stands for."""
    words = phrases(locale)
    keys = [
        words.press.format(key=key, label=choice.label)
        for key, choice in enumerate(content.choices, start=1)
    ]
    asked = keys or [words.confirm]
    return [Line(content.text, language(locale)), *(Line(said, words.language) for said in asked)]


def phrases(locale: str) -> Phrases:
    """English where the language has none of its own."""
    return _PHRASES.get(_base(locale), ENGLISH)


def language(locale: str) -> str:
    """The voice for the message itself, as in `pt-BR`; a bare language gets its usual country."""
    base, _, rest = locale.replace("_", "-").partition("-")
    if rest:
        return f"{base.lower()}-{rest.upper()}" if len(rest) == 2 else f"{base.lower()}-{rest}"
    return _USUAL.get(base.lower()) or phrases(base).language


#: Twilio's <Say> and Vonage's talk want a country with the language.
_USUAL = {
    "ar": "ar-AE",
    "ca": "ca-ES",
    "cs": "cs-CZ",
    "cy": "cy-GB",
    "da": "da-DK",
    "el": "el-GR",
    "fi": "fi-FI",
    "fil": "fil-PH",
    "he": "he-IL",
    "hi": "hi-IN",
    "hu": "hu-HU",
    "id": "id-ID",
    "is": "is-IS",
    "it": "it-IT",
    "ja": "ja-JP",
    "ko": "ko-KR",
    "nb": "nb-NO",
    "nl": "nl-NL",
    "pl": "pl-PL",
    "pt": "pt-PT",
    "ro": "ro-RO",
    "ru": "ru-RU",
    "sk": "sk-SK",
    "sv": "sv-SE",
    "th": "th-TH",
    "tr": "tr-TR",
    "uk": "uk-UA",
    "vi": "vi-VN",
    "zh": "cmn-CN",
}


def _base(locale: str) -> str:
    return locale.replace("_", "-").partition("-")[0].lower()
