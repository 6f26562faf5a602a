"""Which choice an answer is: one table of cases."""

from collections.abc import Sequence

import pytest

from failover.choices import LONGEST, chosen, exact_choice, match_choice
from failover.content import Choice
from failover.events import Response
from failover.locales import phrases
from failover.words import known_words


def offer(*labels: str, **named: str) -> list[Choice]:
    """Choices with these labels, and ids that nobody types unless they are named."""
    plain = [Choice(id=f"id-{n}-x", label=label) for n, label in enumerate(labels, 1)]
    return [*plain, *(Choice(id=id, label=label) for id, label in named.items())]


YES_NO = offer(yes="Yes", no="No")
JA_NEIN = offer(yes="Ja", no="Nein")
TIMES = offer(nine="9 pm", ten="10 pm", other="Another day")
ZEITEN = offer(neun="9 Uhr", zehn="10 Uhr", anders="An einem anderen Tag")
CLAUSES = offer(a="Yes, 9 pm", b="No - another day", c="No problem, any time")
TWO_YES = offer(a="Yes, 9 pm", b="Yes, 10 pm", no="No")
FLOORS = offer(g="Ground floor", f="First floor", s="Second floor")
PEOPLE = offer(p="Two people", q="Three people", r="4 people")
SIGNS = offer(minus="C", plus="C+", both="C++")
COUNTS = offer(two="2", three="3", four="4")
SWAPPED = [Choice(id="2", label="Tea"), Choice(id="1", label="Coffee")]
CANCEL = offer(keep="Keep it", cancel="Cancel")
PICTURES = offer(up="👍 Yes", down="👎 No", heart="❤")
MIXED_UP = [Choice(id="yes", label="No"), Choice(id="maybe", label="Later")]

TABLE: dict[str, tuple[list[Choice], str, dict[str, str | None]]] = {
    "id, label or number": (
        YES_NO,
        "en",
        {"yes": "yes", "YES": "yes", " Yes\n": "yes", "Yes!": "yes", "(no)": "no", "“No.”": "no",
         "'yes'": "yes", "1": "yes", "2": "no", "2.": "no", "(2)": "no", "2)": "no", "#2": "no",
         "1️⃣": "yes", "2⃣": "no", "①": "yes", "２": "no", "٢": "no", "ＹＥＳ": "yes",
         "y\u200be\u200bs": "yes", "\u200eyes\u200f": "yes", "Yes?": "yes", "1 = Yes": "yes",
         "2: no": "no", "3": None, "0": None, "12": None, "1 no": None, "1.5": None, "-": None,
         "": None, " ": None, "\u200b": None, "!": None, "?": None, "\ud800": None},
    ),
    "words of yes and no": (
        YES_NO,
        "en",
        {"yep": "yes", "Yeah!": "yes", "Y": "yes", "ok": "yes", "Okay.": "yes", "Sure thing": "yes",
         "of course": "yes", "👍": "yes", "👍🏽": "yes", "👍🏿👍🏿": "yes", "✅": "yes", "✔️": "yes",
         "yes yes": "yes", "Yes, please": "yes", "yes please 🙏": "yes", "OK 👍": "yes",
         "Hi, yes, thanks": "yes", "Yes, I can.": "yes", "That’s right": "yes",
         "that's right!": "yes",
         "nope": "no", "N": "no", "No, thank you!": "no", "no thanks": "no", "no way": "no",
         "Of course not": "no", "No, I can’t": "no", "no I cant": "no", "👎": "no", "❌": "no"},
    ),
    "more than yes or no": (
        YES_NO,
        "en",
        {"no problem": None, "No worries": None, "yes but later": None, "yes, at 10": None,
         "yes and no": None, "yes no": None, "ok no": None, "no, sure": None, "not ok": None,
         "not yes": None, "not sure": None, "maybe": None, "maybe yes": None, "yes or no": None,
         "no idea": None, "no choice": None, "no answer": None, "yesterday": None, "nobody": None,
         "know": None, "yesno": None, "thanks": None, "please": None, "hello": None, "🙂": None,
         "👍👎": None, "yep?": None, "ok??": None, "yes?no": None, "I said yes": None,
         "ja": None, "nein": None, "y e s": None},
    ),
    "ordinals and numbers": (
        YES_NO,
        "en",
        {"first": "yes", "The second": "no", "the second one, please": "no", "1st": "yes",
         "2nd option": "no", "option 2": "no", "Option two": "no", "number 1": "yes", "two": "no",
         "number two please": "no", "2 please": "no", "I’ll take the first": "yes",
         "I take 2": "no", "third": None, "option 3": None, "three": None, "first or second": None,
         "not the first": None, "the one": None, "the first yes": "yes", "first no": None,
         "2 of them": None, "second thoughts": None},
    ),
    "names beside other words": (
        TIMES,
        "en",
        {"9 pm": "nine", "9 PM please": "nine", "10 pm, thanks": "ten", "ten": "ten",
         "nine": "nine", "another day": "other", "9pm": None, "9": None, "9 pm or 10 pm": None,
         "the first one": "nine", "3rd": "other", "9 pm 1": "nine", "9 pm 2": None, "yes": None,
         "no": None, "ok": None, "yes, the first one": None, "tomorrow": None},
    ),
    "which is the choice of yes": (
        CLAUSES,
        "en",
        {"yes": "a", "yep": "a", "Yes please": "a", "no": "b", "nope": "b", "no thanks": "b",
         "No problem, any time": "c", "no problem": None, "yes, 9 pm": "a"},
    ),
    "two choices of yes": (
        TWO_YES, "en", {"yes": None, "👍": None, "nope": "no", "Yes, 10 pm": "b", "b": "b"},
    ),
    "two choices of yes, one by name": (
        offer(y="Yes", later="Yes, but later"),
        "en",
        {"yes": "y", "yes please": "y", "yep": None, "no": None, "y": "y"},
    ),
    "a choice of yes by its id": (
        offer(confirm="I will be there", no="I am away"),
        "en",
        {"yes": "confirm", "👍": "confirm", "no": "no", "nah": "no", "I am away": "no"},
    ),
    "an id against its label": (
        MIXED_UP, "en", {"yes": "yes", "no": "yes", "yep": None, "nope": None},
    ),
    "words that are in another's name": (
        FLOORS,
        "en",
        {"1": "g", "2": "f", "first": None, "second": None, "the second one": None, "third": "s",
         "first floor": "f", "Second floor please": "s", "option 1": "g"},
    ),
    "numbers that are in another's name": (
        PEOPLE,
        "en",
        {"two": None, "three": None, "four": None, "2": "q", "second": "q", "two people": "p",
         "one": "p", "4": None, "option two": None, "4 people": "r"},
    ),
    "names that differ in their signs": (
        SIGNS, "en", {"c": "minus", "C+": "plus", "c++": "both", "C#": None, "(C)": None},
    ),
    "a number that is another's label": (
        COUNTS, "en", {"1": "two", "2": None, "3": None, "4": "four", "second": "three"},
    ),
    "a number that is another's id": (
        SWAPPED, "en", {"1": None, "2": None, "2 please": None, "tea": "2", "second": "1"},
    ),
    "a choice that is a stop word": (
        CANCEL, "en", {"cancel": "cancel", "Cancel!": "cancel", "STOP": None, "no": None},
    ),
    "emoji in labels": (
        PICTURES,
        "en",
        {"👍": "up", "Yes": "up", "yes 👍": "up", "👎🏻": "down", "no": "down", "❤️": "heart",
         "❤": "heart", "💔": None},
    ),
    "apostrophes of telephones": (
        offer("I can't", "I'd love to"), "en", {"i can’t": "id-1-x", "I´d love to": "id-2-x"},
    ),
    "German": (
        JA_NEIN,
        "de",
        {"ja": "yes", "JA!": "yes", "Ja, bitte": "yes", "ja gerne": "yes", "Natürlich": "yes",
         "natu\u0308rlich": "yes", "Na klar": "yes", "jep": "yes", "yes": "yes", "nein": "no",
         "Nein, danke": "no", "nein danke": "no", "Nö": "no", "leider nein": "no", "no": "no",
         "sicher nicht": "no", "👎": "no", "erste": "yes", "die zweite": "no", "2. bitte": "no",
         "das erste, bitte": "yes", "Nummer 2": "no", "Nr. 2": "no", "zwei": "no", "eins": "yes",
         "die zweite Option": "no", "danke": None, "bitte": None, "Kein Problem": None,
         "ja, aber später": None, "jaein": None, "nein doch": None, "nicht": None, "ja nein": None,
         "passt schon": None, "passt nicht": "no", "vielleicht": None, "keine Ahnung": None,
         "first": None, "yeah": None, "ja?": "yes", "jep?": None},
    ),
    "German times": (
        ZEITEN, "de", {"9 Uhr": "neun", "10 uhr bitte": "zehn", "die dritte": "anders", "ja": None},
    ),
    "German floors": (
        offer(e="Erdgeschoss", f="Erster Stock"),
        "de",
        {"erster": None, "der erste": None, "der zweite": "f", "erster Stock": "f", "1": "e"},
    ),
    "of a region": (JA_NEIN, "de_AT", {"jawohl": "yes", "nope": "no"}),
    "a language without words of its own": (
        offer(yes="Oui", no="Non"), "fr-CA", {"oui": "yes", "yep": "yes", "nope": "no", "ja": None},
    ),
    "no choices": ([], "en", {"yes": None, "1": None, "": None}),
    "one choice": (offer(ok="OK"), "en", {"ok": "ok", "yes": "ok", "first": "ok", "no": None}),
}  # fmt: skip

ROWS = [
    pytest.param(choices, locale, said, id, id=f"{name}: {said!r}")
    for name, (choices, locale, answers) in TABLE.items()
    for said, id in answers.items()
]


def id_of(choice: Choice | None) -> str | None:
    return choice.id if choice else None


@pytest.mark.parametrize(("choices", "locale", "said", "id"), ROWS)
def test_an_answer_and_its_choice(
    choices: Sequence[Choice], locale: str, said: str, id: str | None
) -> None:
    assert id_of(match_choice(said, choices, locale)) == id


@pytest.mark.parametrize(
    ("said", "id"),
    [("Cancel", "cancel"), (" CANCEL. ", "cancel"), ("2", "cancel"), ("stop", None), ("", None),
     ("two", None), ("cancel please", None), ("x" * (LONGEST + 1), None)],
)  # fmt: skip
def test_an_exact_choice_is_one_by_id_label_or_number_only(said: str, id: str | None) -> None:
    assert id_of(exact_choice(said, CANCEL)) == id


@pytest.mark.parametrize(
    ("response", "id"),
    [
        pytest.param({"choice": "1", "text": "2"}, "1", id="a button's id before all"),
        pytest.param({"choice": "TEA"}, "2", id="a button with a label"),
        pytest.param({"choice": "theirs", "text": "Tea"}, "2", id="a button that is not ours"),
        pytest.param({"choice": "theirs"}, None, id="no more than that"),
        pytest.param({"text": "1"}, None, id="a number that is an id"),
        pytest.param({"text": "1", "channel": "voice"}, "2", id="a key in a call"),
        pytest.param({"text": "3", "channel": "voice"}, None, id="a key that is none"),
        pytest.param({"text": "tea", "channel": "voice"}, "2", id="what is said in a call"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_a_response_is_read_by_how_it_was_given(response: dict[str, str], id: str | None) -> None:
    given_ = Response(**{"channel": "sms", **response})

    assert id_of(chosen(given_, SWAPPED)) == id


def test_two_contents_may_offer_the_same_choice_in_other_words() -> None:
    choices = [*YES_NO, Choice(id="yes", label="Yes, I can be home")]

    assert id_of(match_choice("yes", choices)) == "yes"
    assert id_of(match_choice("yep", choices)) == "yes"


@pytest.mark.parametrize("locale", ["en", "de"])
def test_no_phrase_of_a_language_means_two_things(locale: str) -> None:
    known = known_words(locale)
    places = {phrase for place in known.places for phrase in place.phrases}
    sets = (known.yes, known.no, known.polite, places)

    assert sum(map(len, sets)) == len(frozenset[str]().union(*sets))
    assert sum(len(place.phrases) for place in known.places) == len(places)
    assert all(len(phrases(locale)["words"][kind]) == 9 for kind in ("ordinals", "numbers"))
