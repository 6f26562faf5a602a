"""Links in the hands of scanners, mail clients, strangers and people with a broken link."""

import re

import pytest

from tests.pages_app import ANSWER, GONE, UNSUBSCRIBE, Site, buttons
from webhooks.pages.drawing import HEADERS


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("link", [ANSWER, f"{ANSWER}?choice=yes", UNSUBSCRIBE])
async def test_looking_at_a_link_answers_nothing(method: str, link: str) -> None:
    site = Site()
    page = await site.http.request(method, link)

    assert page.status_code == 200
    assert site.gateway.events == []


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&" * 100, b"a=1&" * 100, b"choice=%FF", b"{}"])
async def test_a_body_that_is_no_form_answers_nothing(body: bytes) -> None:
    site = Site()
    answer = await site.http.post(ANSWER, content=body)

    assert answer.status_code == 400
    assert site.replies == []


@pytest.mark.parametrize("path", ["answer", "unsubscribe"])
@pytest.mark.parametrize(
    "token", ["x", "b3JkZXItMS4y.aaaaaaaaaaaaaaaaaaaaaa", "%00", "..", "a%2Fb"]
)
async def test_garbage_opens_nothing(path: str, token: str) -> None:
    site = Site()
    link = f"/{path}/{token}"
    answers = [await site.http.request(method, link) for method in ("GET", "HEAD", "POST")]

    assert {answer.status_code for answer in answers} == {404}
    assert site.gateway.events == []


async def test_a_link_that_does_not_work_says_so_in_the_browsers_language() -> None:
    page = await Site().http.get("/answer/x", headers={"Accept-Language": "de-CH,de;q=0.9,en"})

    assert "Dieser Link funktioniert nicht" in page.text


@pytest.mark.parametrize("link", [ANSWER, f"{ANSWER}x", UNSUBSCRIBE])
async def test_a_page_is_kept_nowhere_and_loads_nothing(link: str) -> None:
    page = await Site().get(link)

    assert {name: page.headers[name] for name in HEADERS} == HEADERS
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert not re.search(r"<script|<img|<link|src=|style=", page.text)


async def test_while_temporal_is_away_nothing_is_said_to_be_sent() -> None:
    site = Site(away=True)
    answers = [await site.get(ANSWER), await site.post(ANSWER, choice="yes")]
    site.gateway.away = True
    answers.append(await site.post(UNSUBSCRIBE))

    assert {answer.status_code for answer in answers} == {503}
    assert all("nothing" in answer.text.lower() for answer in answers)


async def test_a_body_over_the_limit_is_too_large() -> None:
    site = Site()
    answers = [await site.http.post(link, content=b"a" * 65537) for link in (ANSWER, UNSUBSCRIBE)]

    assert {answer.status_code for answer in answers} == {413}
    assert site.gateway.events == []


async def test_the_log_holds_no_token(caplog: pytest.LogCaptureFixture) -> None:
    await Site(away=True).get(ANSWER)

    assert "/answer/{token}: 503" in caplog.text
    assert ANSWER.rpartition("/")[2] not in caplog.text


async def test_one_click_unsubscribes_without_a_redirect() -> None:
    site = Site()
    page = await site.http.post(UNSUBSCRIBE, data={"List-Unsubscribe": "One-Click"})
    form = await site.http.post(UNSUBSCRIBE, files={"List-Unsubscribe": (None, "One-Click")})

    assert (page.status_code, form.status_code) == (200, 200)
    assert "Sie sind abgemeldet" in page.text
    stop, again = site.replies
    assert stop == again
    assert (stop.channel, stop.reference, stop.person) == ("email", "order-1.2", GONE.person)
    assert (stop.stop, stop.certain) == (True, True)


async def test_unsubscribing_by_hand_takes_a_press() -> None:
    page = await Site().get(UNSUBSCRIBE)

    assert buttons(page) == ["Abmelden"]
