"""A text as the words it is made of, and the words that are known in a language."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from failover.locales import language, phrases

#: Characters that are looked at: what looks like one may be eighteen.
LONGEST = 4_000
#: Typed in their place by telephones: apostrophes, accents, dashes.
_TYPED = str.maketrans(dict.fromkeys("’‘ʼ´`", "'") | dict.fromkeys("‐‑–—−", "-") | {"؟": "?"})
#: Ends of a first clause: "Yes, 9 pm", "No - another day". Not a full stop: "No. 2".
_CLAUSE_ENDS = re.compile(r"[,;:!(]|\s-\s")
#: How an emoji is drawn: variation selectors, the frame of a key, tones of skin.
_DRAWN = frozenset(map(chr, (*range(0xFE00, 0xFE10), 0x20E3, *range(0x1F3FB, 0x1F400))))


@dataclass(frozen=True)
class Place:
    """A place in a list of choices, with the phrases that mean it and the words they turn on."""

    number: int
    words: frozenset[str]
    phrases: frozenset[str]


@dataclass(frozen=True)
class Known:
    """The section [words] of a locale."""

    yes: frozenset[str]
    no: frozenset[str]
    polite: frozenset[str]
    places: tuple[Place, ...]


def known_words(locale: str) -> Known:
    """Those of the locale's language; English where we do not know it."""
    return _known(language(locale))


@lru_cache(maxsize=100)
def _known(locale: str) -> Known:
    given = phrases(locale)["words"]
    yes, no, polite = (_phrases(given[name]) for name in ("yes", "no", "polite"))
    before, after = _phrases(given["before_ordinals"]), _phrases(given["after_ordinals"])
    numbered = _phrases(given["before_numbers"])
    ordinals = [
        _place(n, _phrases(row), before, after) for n, row in enumerate(given["ordinals"], 1)
    ]
    numbers = [
        _place(n, _phrases([*row, str(n)]), numbered, frozenset())
        for n, row in enumerate(given["numbers"], 1)
    ]
    return Known(yes, no, polite, (*ordinals, *numbers))


def _phrases(given: Sequence[str]) -> frozenset[str]:
    return frozenset(" ".join(words(phrase)) for phrase in given)


def _place(
    number: int, own: frozenset[str], before: frozenset[str], after: frozenset[str]
) -> Place:
    said = (
        f"{first} {word} {last}".strip()
        for word in own
        for first in ("", *before)
        for last in ("", *after)
    )
    return Place(number, own, frozenset(said))


def seen(text: str) -> str:
    """One spelling for what looks the same, without case, width and what cannot be seen."""
    folded = unicodedata.normalize("NFKC", text.translate(_TYPED)).casefold()
    return "".join(_visible(unicodedata.normalize("NFKC", folded[:LONGEST])))


def _visible(text: str) -> Iterator[str]:
    for letter in text:
        if letter.isdecimal():
            yield str(unicodedata.decimal(letter))
        elif letter not in _DRAWN and unicodedata.category(letter) != "Cf":
            yield letter


def spelt(text: str) -> str:
    return " ".join(seen(text).split())


def bare(text: str) -> str:
    """Without what stands around its letters and numbers; as it is where it has none."""
    whole = spelt(text)
    inner = [at for at, letter in enumerate(whole) if _of_a_word(letter)]
    return whole[inner[0] : inner[-1] + 1] if inner else whole


def words(text: str) -> list[str]:
    """Its words in order; an emoji is one, and so is "don't"."""
    letters = (
        letter if _of_a_word(letter) else f" {letter} " if _pictures(letter) else " "
        for letter in seen(text).replace("'", "")
    )
    return "".join(letters).split()


def clauses(label: str) -> tuple[list[str], list[str]]:
    """The words of the whole, and of its first clause."""
    return words(label), words(_CLAUSE_ENDS.split(seen(label))[0])


def _of_a_word(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LNM"


def _pictures(letter: str) -> bool:
    return unicodedata.category(letter) == "So"
