"""The page of a link that is used again, or after its message has ended."""

import pytest

from failover.attempts import Outcome
from failover.channels import Channel
from failover.events import Answer
from tests.pages_app import ANSWER, LINKS, Site, asked, buttons

YES = Answer(channel="sms", text="Ja", choice="yes", provider="twilio", provider_id="SM1")


async def test_an_answer_is_shown_to_who_comes_again() -> None:
    site = Site(asked(YES, ended=True, outcome=Outcome.RESPONDED))
    page = await site.get(ANSWER)

    assert page.status_code == 200
    assert "Sie haben geantwortet:" in page.text
    assert '<p class="said" dir="auto">Ja</p>' in page.text
    assert buttons(page) == []


async def test_an_answer_that_waits_for_a_worker_is_shown_as_well() -> None:
    page = await Site(asked(YES)).get(ANSWER)

    assert "Sie haben geantwortet:" in page.text


async def test_what_did_not_count_leaves_the_question_open() -> None:
    unclear = Answer(channel="sms", text="Vielleicht", counts=False)
    page = await Site(asked(unclear)).get(ANSWER)

    assert buttons(page) == ["Ja", "Nein &amp; &lt;nie&gt;"]
    assert "Vielleicht" not in page.text


async def test_words_that_are_no_choice_are_shown_as_they_were_said() -> None:
    words = Answer(channel="sms", text="<b>Gern</b>", choice=None)
    page = await Site(asked(words, ended=True, outcome=Outcome.RESPONDED)).get(ANSWER)

    assert "&lt;b&gt;Gern&lt;/b&gt;" in page.text


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Outcome.EXPIRED, "Die Zeit für eine Antwort ist vorbei."),
        (Outcome.EXHAUSTED, "Die Zeit für eine Antwort ist vorbei."),
        (Outcome.REACHED, "Es ist keine Antwort mehr nötig."),
        (Outcome.OPTED_OUT, "Es ist keine Antwort mehr nötig."),
        (None, "Es ist keine Antwort mehr nötig."),
    ],
    ids=str,
)
async def test_after_the_end_it_says_so(outcome: Outcome | None, said: str) -> None:
    page = await Site(asked(ended=True, outcome=outcome)).get(ANSWER)

    assert page.status_code == 200
    assert "Diese Frage ist abgeschlossen" in page.text
    assert said in page.text
    assert "weitergegeben" not in page.text
    assert buttons(page) == []


@pytest.mark.parametrize("known", [YES, None], ids=["answered", "expired"])
async def test_an_answer_after_the_end_is_passed_on_and_said_to_be_late(
    known: Answer | None,
) -> None:
    site = Site(asked(*([known] if known else []), ended=True, outcome=Outcome.EXPIRED))
    answer = await site.post(ANSWER, choice="no")
    page = await site.http.get(ANSWER.rpartition("/")[0] + "/" + answer.headers["location"])

    [reply] = site.replies
    assert reply.choice == "no"
    assert "weitergegeben" in page.text
    assert ("Ja</p>" in page.text) == bool(known)


async def test_an_answer_that_came_in_time_is_not_said_to_be_late() -> None:
    site = Site()
    answer = await site.post(ANSWER, choice="no")
    given = Answer(channel="sms", choice="no", provider_id=site.replies[0].provider_id)
    site.record.known = asked(given, ended=True, outcome=Outcome.RESPONDED)
    page = await site.http.get(ANSWER.rpartition("/")[0] + "/" + answer.headers["location"])

    assert "Nein &amp; &lt;nie&gt;</p>" in page.text
    assert "weitergegeben" not in page.text


async def test_nothing_is_late_while_the_message_runs() -> None:
    page = await Site(asked(YES)).get(ANSWER, said="0123456789abcdef")

    assert "weitergegeben" not in page.text


async def test_what_another_person_said_is_not_shown() -> None:
    secret = Answer(channel="email", text="geheim", provider_id="<1@example.com>")
    ended = asked(secret, ended=True, outcome=Outcome.RESPONDED, among_others=True)
    page = await Site(ended).get(ANSWER)

    assert "geheim" not in page.text
    assert "Diese Frage ist beantwortet." in page.text


async def test_of_several_people_each_is_shown_the_own_answer() -> None:
    own = Answer(channel="sms", choice="yes", provider_id="order-1.2:0123456789abcdef")
    ended = asked(own, ended=True, outcome=Outcome.RESPONDED, among_others=True)
    page = await Site(ended).get(ANSWER)

    assert "Ja</p>" in page.text


async def test_what_an_agent_settled_is_not_shown_as_the_persons_answer() -> None:
    settled = Answer(channel=Channel.AGENT, text="note to self", agent="Kim")
    page = await Site(asked(settled, ended=True, outcome=Outcome.RESPONDED)).get(ANSWER)

    assert "note to self" not in page.text
    assert "Diese Frage ist beantwortet." in page.text


async def test_a_message_that_is_no_longer_known_is_closed_and_keeps_what_is_said() -> None:
    site = Site()
    forgotten = LINKS.answer("order-0", 1)
    page, answer = await site.get(forgotten), await site.post(forgotten, choice="yes")

    assert (page.status_code, answer.status_code) == (410, 303)
    assert [(reply.reference, reply.text) for reply in site.replies] == [("order-0.1", "yes")]
