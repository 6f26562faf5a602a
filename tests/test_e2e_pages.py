"""Links in a real Chromium without JavaScript, and the whole system behind them."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from failover.attempts import Result
from tests.browser import awaited_browser
from tests.linked import CONTENT, EMAIL, SMS, ask, link
from tests.world import World

PHONE, DESK = ViewportSize(width=375, height=667), ViewportSize(width=1280, height=800)
PATIENCE = 20_000


@pytest.fixture(scope="module")
def world(everyday: World) -> World:
    return everyday


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    async with awaited_browser() as launched:
        yield launched


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
async def page(chromium: Browser, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    """What the page complains of, such as a style that may not be used, fails the test."""
    complaints: list[str] = []
    context = await chromium.new_context(viewport=request.param, java_script_enabled=False)
    opened = await context.new_page()
    opened.set_default_timeout(PATIENCE)
    opened.on("console", lambda said: complaints.append(said.text))
    yield opened
    await context.close()
    assert [said for said in complaints if "status of 4" not in said] == []


def one_answer(result: Result) -> tuple[str | None, str, str | None]:
    [given] = result.responses
    return result.outcome, given.channel, given.choice


async def fits(page: Page) -> None:
    """Without JavaScript nothing can be measured: a page that is wider makes a wider picture."""
    box = await page.locator("main").bounding_box()
    assert box is not None
    assert page.viewport_size is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= page.viewport_size["width"]


async def test_a_press_on_a_phone_answers_and_the_page_says_what(world: World, page: Page) -> None:
    asked = await ask(world, SMS, EMAIL)
    there = link(await asked.arrived("sms"))
    await page.goto(there)

    await expect(page.get_by_text("können Sie heute um 21 Uhr")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "de")
    await fits(page)
    await page.get_by_role("button", name="Ja").click()

    await expect(page.get_by_text("Sie haben geantwortet:")).to_be_visible()
    await expect(page.locator(".said")).to_have_text("Ja")
    await fits(page)
    result = await asked.ended()
    assert one_answer(result) == ("responded", "sms", "yes")
    assert (result.responses[0].provider, result.responses[0].text) == ("link", "Ja")
    assert await asked.copies() == ["sms by twilio"]


async def test_used_twice_it_says_what_was_answered(world: World, page: Page) -> None:
    asked = await ask(world, SMS)
    there = link(await asked.arrived("sms"))
    await page.goto(there)
    await page.get_by_role("button", name="Nein").click()
    await expect(page.locator(".said")).to_have_text("Nein, lieber morgen")
    await asked.ended()

    await page.goto(there)

    await expect(page.locator(".said")).to_have_text("Nein, lieber morgen")
    await expect(page.get_by_role("button")).to_have_count(0)


async def test_a_button_of_a_mail_asks_before_it_answers(world: World, page: Page) -> None:
    asked = await ask(world, EMAIL, SMS, content={**CONTENT, "confirm_link": False})
    mail = await asked.arrived("email")
    await page.set_content(mail["html"])
    await fits_mail(page)
    await page.get_by_role("link", name="Nein, lieber morgen").click()

    await expect(page.get_by_role("button")).to_have_text(["Senden: Nein, lieber morgen", "Ja"])
    assert (await asked.seen()).responses == ()
    await page.get_by_role("button", name="Senden").click()

    await expect(page.locator(".said")).to_have_text("Nein, lieber morgen")
    assert one_answer(await asked.ended()) == ("responded", "email", "no")


async def fits_mail(page: Page) -> None:
    for button in await page.get_by_role("link").all():
        box = await button.bounding_box()
        assert box is not None
        assert page.viewport_size is not None
        assert box["x"] + box["width"] <= page.viewport_size["width"]


async def test_an_answer_by_sms_shows_on_the_page_of_the_mail(world: World, page: Page) -> None:
    asked = await ask(world, {**EMAIL, "wait": 2}, SMS)
    mail, text = await asked.arrived("email"), await asked.arrived("sms")
    await asked.reply(text, "Ja!")
    await asked.ended()

    await page.goto(link(mail))

    await expect(page.locator(".said")).to_have_text("Ja")


async def test_words_are_an_answer_where_none_is_offered(world: World, page: Page) -> None:
    open_question = {"text": "Was sollen wir ausrichten?", "confirm_link": True}
    asked = await ask(world, SMS, content=open_question)
    await page.goto(link(await asked.arrived("sms")))

    await page.get_by_label("Ihre Antwort").fill("Bitte klingeln,\nich höre schlecht <b>")
    await page.get_by_role("button", name="Senden").click()

    await expect(page.locator(".said")).to_have_text("Bitte klingeln, ich höre schlecht <b>")
    await fits(page)
    result = await asked.ended()
    assert result.responses[0].text == "Bitte klingeln,\nich höre schlecht <b>"


async def test_after_the_end_it_says_so_and_passes_on_what_comes_late(
    world: World, page: Page
) -> None:
    asked = await ask(world, SMS)
    there = link(await asked.arrived("sms"))
    await page.goto(there)
    await expect(page.get_by_role("button", name="Ja")).to_be_visible()
    await asked.handle.signal("skip")
    assert (await asked.ended()).outcome == "exhausted"

    await page.get_by_role("button", name="Ja").click()

    await expect(page.get_by_text("Die Zeit für eine Antwort ist vorbei.")).to_be_visible()
    await expect(page.get_by_text("Wir haben sie weitergegeben.")).to_be_visible()
    await page.goto(there)
    await expect(page.get_by_text("Diese Frage ist abgeschlossen")).to_be_visible()
    await expect(page.get_by_text("Wir haben sie weitergegeben.")).to_be_hidden()


async def test_a_link_that_is_not_ours_says_so(world: World, page: Page) -> None:
    answer = await page.goto(f"{world.stack.webhooks}/answer/b3JkZXItMS4y.aaaaaaaaaaaaaaaaaaaaaa")

    assert answer is not None
    assert answer.status == 404
    await expect(page.get_by_role("heading")).to_have_text("This link does not work")


async def test_unsubscribing_by_hand_ends_the_message(world: World, page: Page) -> None:
    asked = await ask(world, EMAIL, SMS)
    mail = await asked.arrived("email")
    await page.set_content(mail["html"])
    await page.get_by_role("link", name="Abmelden").click()
    await page.get_by_role("button", name="Abmelden").click()

    await expect(page.get_by_role("heading")).to_have_text("Sie sind abgemeldet")
    await fits(page)
    result = await asked.ended()
    assert result.outcome == "opted_out"
    assert [stop.certain for stop in result.opt_outs] == [True]
