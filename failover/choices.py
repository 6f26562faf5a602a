"""How choices are offered in plain text, and which of them an answer is.

Workflow code: what is done about an answer that is no choice (`content.on_other`) depends on it.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from failover.channels import Channel
from failover.content import Choice, Content
from failover.events import Response
from failover.locales import language
from failover.words import Known, bare, clauses, known_words, seen, spelt, words

#: A label has at most 1,000 characters; an answer of twice as many is no name of one.
LONGEST = 2_000
#: Words of the longest name of a choice that may stand beside others: "9 pm, please".
_LONGEST_PHRASE = 8
_NOTHING: frozenset[int] = frozenset()

#: What phrases mean: the numbers of choices, none where they are said beside them to be polite.
Meanings = Mapping[str, frozenset[int]]


def with_choices(content: Content) -> str:
    """The text for channels without buttons, with the choices as lines below it: `1 = Yes`."""
    numbered = (f"{number} = {choice.label}" for number, choice in enumerate(content.choices, 1))
    return "\n\n".join(filter(None, (content.text, "\n".join(numbered))))


def chosen(response: Response, choices: Sequence[Choice], locale: str = "en") -> Choice | None:
    """The choice that a response is: by its button, its key in a call, or its text."""
    if pressed := (response.choice or "").strip().casefold():
        for choice in choices:
            if choice.id.casefold() == pressed:
                return choice
    text = response.text or ""
    key = text if response.channel == Channel.VOICE and len(text) == 1 else ""
    if key.isdecimal() and 1 <= int(key) <= len(choices):
        return choices[int(key) - 1]
    return exact_choice(pressed, choices) or match_choice(text, choices, locale)


def match_choice(answer: str, choices: Sequence[Choice], locale: str = "en") -> Choice | None:
    """The choice that the whole answer means; none where it may mean two, or says more.

    An exact match wins. Else each word of the answer has to be known: names of choices, ordinals,
    numbers, words of yes and no in the language of the locale, and what is polite beside them.
    """
    answer = answer.strip()
    if len(answer) > LONGEST:
        return None
    if found := _exact(answer, choices):
        return _the_one(found, choices)
    if not choices or "?" in seen(answer):
        return None
    return _the_one(_meant(words(answer), _meanings(tuple(choices), language(locale))), choices)


def exact_choice(answer: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice with this id, label or number in the list; none where it may be two.

    Case, width, quotes and punctuation around it matter only where they tell two choices apart.
    """
    answer = answer.strip()
    return _the_one(_exact(answer, choices), choices) if len(answer) <= LONGEST else None


def _the_one(found: frozenset[int], choices: Sequence[Choice]) -> Choice | None:
    """Two contents of a message may offer the same choice, each with a label of its own."""
    ids = {choices[number - 1].id.casefold() for number in found}
    return choices[min(found) - 1] if len(ids) == 1 else None


def _exact(answer: str, choices: Sequence[Choice]) -> frozenset[int]:
    for way, said in enumerate((spelt(answer), bare(answer))):
        numbered = enumerate(choices, start=1)
        found = (n for n, one in numbered if said in _names(one)[way] or said == str(n))
        if said and (numbers := frozenset(found)):
            return numbers
    return _NOTHING


@lru_cache(maxsize=1_000)
def _names(choice: Choice) -> tuple[frozenset[str], frozenset[str]]:
    """Its id and its label, as they are spelt and bare of what stands around them."""
    named = (choice.id, choice.label)
    return frozenset(map(spelt, named)), frozenset(map(bare, named))


def _meant(said: Sequence[str], meanings: Meanings) -> frozenset[int]:
    """All that the phrases mean of which the answer is made; nothing where one is not known."""
    at, found = 0, _NOTHING
    while at < len(said):
        ends = range(min(len(said), at + _LONGEST_PHRASE), at, -1)
        end = next((end for end in ends if " ".join(said[at:end]) in meanings), None)
        if end is None:
            return _NOTHING
        found |= meanings[" ".join(said[at:end])]
        at = end
    return found


@lru_cache(maxsize=100)
def _meanings(choices: tuple[Choice, ...], locale: str) -> Meanings:
    """A choice's own name comes before what its words mean elsewhere."""
    known = known_words(locale)
    names = [words(name) for one in choices for name in (one.id, one.label)]
    short = [" ".join(name) for name in names if 0 < len(name) <= _LONGEST_PHRASE]
    return {
        **dict.fromkeys(known.polite, _NOTHING),
        **_sides(choices, known),
        **_places(choices, known),
        **{name: _exact(name, choices) for name in short},
    }


def _sides(choices: Sequence[Choice], known: Known) -> Meanings:
    """The words of yes mean each choice that is called yes, and so with no."""
    english = known_words("en")
    called_yes = _called(choices, known.yes | english.yes, known)
    called_no = _called(choices, known.no | english.no, known)
    sides = ((known.yes, called_yes - called_no), (known.no, called_no - called_yes))
    return {word: takers for side, takers in sides if takers for word in side}


def _called(choices: Sequence[Choice], side: frozenset[str], known: Known) -> frozenset[int]:
    """Those whose id or label is of such words, or whose label begins so: "Yes, 9 pm"."""
    meanings = dict.fromkeys(known.polite, _NOTHING) | dict.fromkeys(side, frozenset({1}))
    return frozenset(
        number
        for number, choice in enumerate(choices, start=1)
        if any(_meant(name, meanings) for name in (words(choice.id), *clauses(choice.label)))
    )


def _places(choices: Sequence[Choice], known: Known) -> Meanings:
    """The first, number two: unless another choice has that word in its name ("First floor")."""
    named = [{*words(choice.id), *words(choice.label)} for choice in choices]
    return {
        phrase: frozenset({place.number})
        for place in known.places
        if place.number <= len(choices)
        and all(n == place.number or not place.words & own for n, own in enumerate(named, 1))
        for phrase in place.phrases
    }
