"""The handset page in a real Chromium, answering to a real webhook."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from simulator.testing import running, settings, until
from tests.browser import browser
from tests.simulator_world import PATIENCE, PERSON, SENDER, World, simulated

TEMPLATE = "HX" + "1" * 32


@pytest.fixture(scope="module")
def started() -> Iterator[tuple[Browser, World]]:
    expect.set_options(timeout=PATIENCE * 1000)
    with browser() as chromium, simulated() as running:
        yield chromium, running


@pytest.fixture
def world(started: tuple[Browser, World]) -> World:
    started[1].forget()
    return started[1]


@pytest.fixture
def page(started: tuple[Browser, World], world: World) -> Iterator[Page]:
    context = started[0].new_context(viewport={"width": 1280, "height": 860})
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE * 1000)
    opened.goto(world.base)
    expect(opened.get_by_text("live")).to_be_visible()
    yield opened
    context.close()


def open_thread(page: Page, name: str) -> None:
    page.get_by_role("list", name="Conversations").get_by_role("button", name=name).click()


def test_a_message_appears_by_itself_with_its_ticks(page: Page, world: World) -> None:
    expect(page.get_by_text("Nothing has arrived yet")).to_be_visible()

    world.send()

    open_thread(page, "SMS")
    expect(page.locator("#bubbles .text")).to_have_text("Home?")
    expect(page.locator("#bubbles .meta")).to_contain_text("Delivered")


def test_a_typed_reply_reaches_the_webhook(page: Page, world: World) -> None:
    world.send()
    open_thread(page, "SMS")

    page.get_by_label("Reply", exact=True).fill("Yes, at 9")
    page.keyboard.press("Enter")

    (hook,) = world.hooks.wait("/twilio/inbound")
    assert hook.form["Body"] == "Yes, at 9"
    expect(page.locator("#bubbles .ours .text")).to_have_text("Yes, at 9")


def test_a_refused_reply_says_so(page: Page, world: World) -> None:
    world.hooks.answers["/twilio/inbound"] = (403, "")
    world.send()
    open_thread(page, "SMS")

    page.get_by_label("Reply", exact=True).fill("Yes")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_text("Refused by the webhook: 403")).to_be_visible()


def test_a_quick_reply_is_pressed_and_the_message_is_read(page: Page, world: World) -> None:
    choices = [{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}]
    template = {"sid": TEMPLATE, "body": "Home?", "choices": choices}
    world.post("/templates", **template)
    whatsapp: dict[str, Any] = {
        "To": f"whatsapp:{PERSON}",
        "From": f"whatsapp:{SENDER}",
        "Body": "",
    }
    world.send(**whatsapp, ContentSid=TEMPLATE)
    open_thread(page, "WhatsApp")

    page.get_by_role("group", name="Quick replies").get_by_role("button", name="Yes").click()

    (hook,) = world.hooks.wait("/twilio/inbound")
    assert hook.form["ButtonPayload"] == "yes"
    expect(page.get_by_role("button", name="Yes", pressed=True)).to_be_visible()
    until(
        lambda: [one for one in world.hooks.to("/twilio/status") if one.form["SmsStatus"] == "read"]
    )


def test_a_key_is_pressed_in_a_call(page: Page, world: World) -> None:
    world.hooks.answers["/gather"] = (200, "<Response><Say>Thank you.</Say></Response>")
    menu = f"""<Response><Gather numDigits="1" action="{world.hooks.url}/gather" timeout="20">
      <Say>Press 1 for yes.</Say></Gather></Response>"""
    world.call(Twiml=menu)

    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Press 1 for yes.")).to_be_visible()
    page.get_by_role("group", name="Keypad").get_by_role("button", name="1").click()

    (hook,) = world.hooks.wait("/gather")
    assert hook.form["Digits"] == "1"
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_call_is_taken_and_answered_from_the_keyboard(page: Page, world: World) -> None:
    action = f"{world.hooks.url}/gather"
    world.call(Twiml=f'<Response><Gather finishOnKey="#" action="{action}"/></Response>')
    page.get_by_role("button", name="Accept").press("Enter")
    expect(page.get_by_text("Waiting for a key")).to_be_visible()

    page.keyboard.type("12#")

    assert world.hooks.wait("/gather")[0].form["Digits"] == "12"


def test_a_call_is_declined(page: Page, world: World) -> None:
    world.call(Twiml="<Response/>", StatusCallback=f"{world.hooks.url}/voice")

    page.get_by_role("button", name="Decline").click()

    assert world.hooks.wait("/voice")[0].form["CallStatus"] == "busy"


def test_a_mail_is_shown_as_text_and_its_scripts_never_run(page: Page, world: World) -> None:
    evil = "<script>top.document.title='taken'</script><b>Hello</b>"
    plain = {"type": "text/plain", "value": "<b>Home?</b>"}
    subject = "<img src=x onerror=\"document.title='taken'\">"
    world.mail(subject=subject, content=[plain, {"type": "text/html", "value": evil}])
    open_thread(page, "Email")
    page.get_by_text("As HTML").click()

    frame = page.frame_locator("#bubbles iframe")

    expect(frame.get_by_text("Hello")).to_be_visible()
    expect(page.locator("#bubbles .text")).to_have_text("<b>Home?</b>")
    assert "taken" not in page.title()


def test_the_page_finds_the_simulator_again_after_a_restart(page: Page, world: World) -> None:
    chosen = settings(world.hooks.url)
    with running(chosen) as url:
        page.goto(url)
        expect(page.get_by_text("live")).to_be_visible()
    expect(page.get_by_text("reconnecting")).to_be_visible()
    port = int(url.rpartition(":")[2])

    with running(chosen.model_copy(update={"simulator_port": port})) as again:
        World(again, world.hooks, chosen).send()
        open_thread(page, "SMS")
        expect(page.locator("#bubbles .text")).to_have_text("Home?")
        world.hooks.wait("/twilio/status", 2)


def test_another_person_is_picked(page: Page, world: World) -> None:
    world.send(Body="To Dana")
    world.send(Body="To Sam", To="+14155550177", StatusCallback="")
    expect(page.get_by_text("To Sam")).to_be_visible()

    page.get_by_label("Person").select_option(PERSON)

    expect(page.get_by_text("To Dana")).to_be_visible()
    expect(page.get_by_text("To Sam")).to_be_hidden()


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_is_wider_than_the_screen(page: Page, world: World, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    world.send(Body="averyveryverylongword" * 20)
    wide = "document.documentElement.scrollWidth > innerWidth"

    open_thread(page, "SMS")

    assert not page.evaluate(wide)
    if width == 375:
        page.get_by_role("button", name="Story").click()
        expect(page.get_by_role("heading", name="Story")).to_be_visible()
        assert not page.evaluate(wide)


def test_it_works_with_the_keyboard_alone(page: Page, world: World) -> None:
    world.send()
    row = page.get_by_role("list", name="Conversations").get_by_role("button")
    row.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="SMS")).to_be_focused()

    page.keyboard.press("Escape")

    expect(row).to_be_focused()
