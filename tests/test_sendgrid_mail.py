"""A mail's buttons, and the headers by which one click unsubscribes."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from failover.content import Choice, Content
from providers.base import Outbound
from providers.links import Links
from providers.sendgrid.mail import letter
from tests.callbacks import BASE_URL, KEY

LINKS = Links(KEY, BASE_URL)
LINK = LINKS.answer("order-1", 2)
ODD = "a&b=c?d#e%20\"<'"
CHOICES = (Choice(id="yes", label="Yes"), Choice(id=ODD, label='No & "<never>"'))


def mailed(*, linked: bool = True, locale: str = "en", **content: Any) -> dict[str, Any]:
    given = {"text": "Home at 9?", **content}
    outbound = Outbound(
        reference="order-1.2",
        channel="email",
        provider="sendgrid",
        to="dana@example.com",
        content=Content(**given),
        valid_for=timedelta(hours=1),
        locale=locale,
    )
    whole = LINKS.put_into(outbound) if linked else outbound
    return letter(whole, sender="hello@example.org", reply_to=None)


def page(mail: dict[str, Any]) -> str:
    return str(mail["content"][1]["value"])


def hrefs(mail: dict[str, Any]) -> list[str]:
    return re.findall(r'href="([^"]*)"', page(mail))


def test_each_choice_is_a_button_that_leads_to_its_page() -> None:
    mail = mailed(choices=CHOICES)

    yes, odd, _ = hrefs(mail)
    assert yes == f"{LINK}?choice=yes"
    assert odd.startswith(f"{LINK}?choice=")
    assert parse_qs(urlsplit(odd).query) == {"choice": [ODD]}
    assert ">Yes</a>" in page(mail)
    assert ">No &amp; &#34;&lt;never&gt;&#34;</a>" in page(mail)


def test_the_plain_part_has_the_lines_and_the_link() -> None:
    mail = mailed(choices=CHOICES)

    assert mail["content"][0]["value"] == f'Home at 9?\n\n1 = Yes\n2 = No & "<never>"\n\n{LINK}'


def test_a_question_to_be_answered_in_words_has_one_button() -> None:
    mail = mailed(confirm_link=True, locale="de-AT")

    assert hrefs(mail)[0] == LINK
    assert ">Antworten</a>" in page(mail)


def test_a_mail_that_asks_nothing_has_no_button() -> None:
    [unsubscribe] = hrefs(mailed())

    assert "/unsubscribe/" in unsubscribe


def test_without_links_the_choices_are_a_list() -> None:
    mail = mailed(linked=False, choices=CHOICES)

    assert "<li>Yes</li>" in page(mail)
    assert hrefs(mail) == []
    assert "headers" not in mail


def test_one_click_unsubscribes_by_the_headers_and_by_the_foot_of_the_mail() -> None:
    mail = mailed(locale="de")

    headers = mail["headers"]
    link = headers["List-Unsubscribe"].strip("<>")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert hrefs(mail)[-1] == link
    assert ">Abmelden</a>" in page(mail)
    gone = LINKS.unsubscribed(link.rpartition("/")[2])
    assert gone is not None
    assert (gone.message, gone.attempt, gone.locale) == ("order-1", 2, "de")
