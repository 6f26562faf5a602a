"""The page of a link: what it shows, and what it takes for an answer."""

import asyncio

import pytest

from failover.content import Choice
from failover.events import Answer, Reply
from providers.reply_keys import address_key
from tests.callbacks import KEY
from tests.pages_app import ANSWER, PERSON, QUESTION, Site, asked, buttons
from webhooks.pages.answering import MOST


async def test_a_link_shows_the_question_and_a_button_for_each_choice() -> None:
    page = await Site().get(ANSWER)

    assert page.status_code == 200
    assert QUESTION in page.text
    assert buttons(page) == ["Ja", "Nein &amp; &lt;nie&gt;"]
    assert '<html lang="de" dir="ltr">' in page.text


async def test_a_question_without_choices_has_a_box_to_write_in() -> None:
    page = await Site(asked(choices=())).get(ANSWER)

    assert "<textarea" in page.text
    assert buttons(page) == ["Senden"]


async def test_a_button_of_a_mail_leads_to_that_choice_first_and_does_not_send_it() -> None:
    page = await Site().get(ANSWER, choice="no")

    assert buttons(page) == ["Senden: Nein &amp; &lt;nie&gt;", "Ja"]


async def test_a_choice_that_is_not_offered_is_not_shown_first() -> None:
    page = await Site().get(ANSWER, choice="<script>")

    assert buttons(page) == ["Ja", "Nein &amp; &lt;nie&gt;"]
    assert "<script" not in page.text


async def test_a_press_is_the_answer_and_leads_back_to_the_page() -> None:
    site = Site()
    answer = await site.post(ANSWER, choice="yes")

    [reply] = site.replies
    assert reply == Reply(
        channel="sms",
        provider="link",
        provider_id=reply.provider_id,
        reference="order-1.2",
        choice="yes",
        text="Ja",
        person=address_key(KEY, PERSON),
    )
    token = ANSWER.rpartition("/")[2]
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{token}?said=")
    assert reply.provider_id == f"order-1.2:{answer.headers['location'].rpartition('=')[2]}"


async def test_the_same_press_twice_is_one_answer_and_another_press_is_another() -> None:
    site = Site()
    for choice in ("yes", "yes", "no"):
        await site.post(ANSWER, choice=choice)

    first, again, other = [reply.provider_id for reply in site.replies]
    assert first == again != other


@pytest.mark.parametrize(
    "form", [{}, {"choice": "maybe"}, {"choice": ""}, {"text": "Ja"}, {"x": "y"}], ids=str
)
async def test_what_is_not_offered_is_no_answer(form: dict[str, str]) -> None:
    site = Site()
    answer = await site.post(ANSWER, **form)

    assert answer.status_code == 400
    assert "noch nichts gesendet" in answer.text
    assert buttons(answer) == ["Ja", "Nein &amp; &lt;nie&gt;"]
    assert site.replies == []


async def test_a_written_answer_is_taken_as_it_was_written() -> None:
    site = Site(asked(choices=()))
    answer = await site.post(ANSWER, text="  Bitte\r\nklingeln 🔔 ")

    [reply] = site.replies
    assert answer.status_code == 303
    assert (reply.text, reply.choice, reply.stop) == ("Bitte\nklingeln 🔔", None, False)


async def test_a_written_stop_says_stop() -> None:
    site = Site(asked(choices=()))
    answer = await site.post(ANSWER, text="STOP")

    [reply] = site.replies
    assert reply.stop
    assert "said" not in answer.headers["location"]


async def test_a_choice_called_stop_is_a_choice() -> None:
    site = Site(asked(choices=(Choice(id="cancel", label="Cancel"),)))
    await site.post(ANSWER, choice="cancel")

    [reply] = site.replies
    assert (reply.choice, reply.stop) == ("cancel", False)


@pytest.mark.parametrize("text", ["", " \n ", "a" * (MOST + 1)], ids=["none", "blank", "too long"])
async def test_nothing_and_too_much_are_no_answers(text: str) -> None:
    site = Site(asked(choices=()))
    answer = await site.post(ANSWER, text=text)

    assert answer.status_code == 400
    assert str(MOST) in answer.text
    assert site.replies == []


@pytest.mark.parametrize("text", ["🔔" * MOST, "a" * MOST], ids=["emoji", "letters"])
async def test_the_longest_answer_fits_into_the_body(text: str) -> None:
    site = Site(asked(choices=()))
    answer = await site.post(ANSWER, text=text)

    assert answer.status_code == 303


async def test_what_was_given_just_now_is_not_asked_again() -> None:
    """Temporal may be slow to pass it on."""
    site = Site()

    page = await site.get(ANSWER, said="0123456789abcdef")

    assert page.status_code == 200
    assert "Ihre Antwort ist angekommen." in page.text
    assert "<button" not in page.text


async def test_an_answer_that_temporal_holds_back_for_a_moment_is_waited_for() -> None:
    site = Site()
    given = Answer(channel="sms", choice="yes", provider_id="order-1.2:0123456789abcdef")

    async def hear() -> None:
        await asyncio.sleep(0.3)
        site.record.known = asked(given)

    hearing = asyncio.create_task(hear())
    page = await site.get(ANSWER, said="0123456789abcdef")
    await hearing

    assert "Sie haben geantwortet:" in page.text
