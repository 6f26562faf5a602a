"""The handset page in a real Chromium, answering to a real webhook."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
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
    expect(opened.get_by_text("live", exact=True)).to_be_visible()
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
    page.get_by_role("button", name="Send", exact=True).click()

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

    page.get_by_role("dialog").get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Press 1 for yes.")).to_be_visible()
    page.get_by_role("group", name="Keypad").get_by_role("button", name="1").click()

    (hook,) = world.hooks.wait("/gather")
    assert hook.form["Digits"] == "1"
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_press_that_came_to_nothing_in_a_call_says_so(page: Page, world: World) -> None:
    world.call(Twiml='<Response><Gather numDigits="1" timeout="20"/></Response>')
    dialog = page.get_by_role("dialog")
    accept = dialog.get_by_role("button", name="Accept")
    page.route("**/answer", lambda route: route.abort())
    accept.click()
    expect(dialog.get_by_role("alert")).to_have_text("The simulator cannot be reached.")

    page.unroute("**/answer")
    accept.click()

    expect(page.get_by_text("Waiting for a key")).to_be_visible()
    expect(page.locator("#call-problem")).to_have_text("")


def test_a_call_is_taken_and_answered_from_the_keyboard(page: Page, world: World) -> None:
    action = f"{world.hooks.url}/gather"
    world.call(Twiml=f'<Response><Gather finishOnKey="#" action="{action}"/></Response>')
    # The dialog takes the focus when it begins to ring.
    expect(page.get_by_text("Incoming call")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Accept").press("Enter")
    expect(page.get_by_text("Waiting for a key")).to_be_visible()

    page.keyboard.type("12#")

    assert world.hooks.wait("/gather")[0].form["Digits"] == "12"


def test_a_call_is_declined(page: Page, world: World) -> None:
    world.call(Twiml="<Response/>", StatusCallback=f"{world.hooks.url}/voice")

    page.get_by_role("button", name="Decline").click()

    assert world.hooks.wait("/voice")[0].form["CallStatus"] == "busy"


PLAIN = {"type": "text/plain", "value": "<b>Home?</b>"}


def mail(world: World, html: str, **changes: Any) -> None:
    world.mail(content=[PLAIN, {"type": "text/html", "value": html}], **changes)


def test_a_mails_html_is_shown_and_its_scripts_never_run(page: Page, world: World) -> None:
    evil = "<script>top.document.title='taken'</script><b>Hello</b>"
    mail(world, evil, subject="<img src=x onerror=\"document.title='taken'\">")
    open_thread(page, "Email")

    frame = page.frame_locator("#bubbles iframe")

    expect(frame.get_by_text("Hello")).to_be_visible()
    page.get_by_text("As text").click()
    expect(page.locator("#bubbles .text")).to_have_text("<b>Home?</b>")
    assert "taken" not in page.title()
    # The page's policy stops inline scripts as well; a script of our own origin only this does.
    assert "allow-scripts" not in (page.locator("#bubbles iframe").get_attribute("sandbox") or "-")


def test_a_mail_without_html_is_its_text(page: Page, world: World) -> None:
    world.mail()
    open_thread(page, "Email")

    expect(page.locator("#bubbles .text")).to_have_text("Home?")
    expect(page.locator("#bubbles iframe")).to_have_count(0)


def test_a_press_is_a_click_also_where_something_comes_in_before_the_release(
    page: Page, world: World
) -> None:
    mail(world, "<p>the first</p>")
    row = page.get_by_role("list", name="Conversations").get_by_role("button", name="Email")
    expect(row).to_contain_text("1 new")
    page.keyboard.press("Tab")  # the press takes the focus from somewhere
    row.hover()

    page.mouse.down()
    mail(world, "<p>the second</p>")
    page.wait_for_timeout(500)  # nothing shows that it has come in
    page.mouse.up()

    expect(page.locator("#bubbles iframe")).to_have_count(2)


def test_a_long_mail_is_as_high_as_it_needs(page: Page, world: World) -> None:
    mail(world, "<p>line</p>" * 12 + "<p>the end</p>")
    open_thread(page, "Email")
    expect(page.frame_locator("#bubbles iframe").get_by_text("the end")).to_be_visible()

    fits = "frame => frame.clientHeight >= frame.contentDocument.documentElement.scrollHeight"
    until(lambda: page.locator("#bubbles iframe").evaluate(fits))


def test_a_link_in_a_mail_opens_a_page_of_its_own_that_works(page: Page, world: World) -> None:
    mail(world, f'<a href="{world.base}">Yes</a>')
    open_thread(page, "Email")

    with page.context.expect_page() as opened:
        page.frame_locator("#bubbles iframe").get_by_role("link", name="Yes").click()

    expect(opened.value.get_by_text("live", exact=True)).to_be_visible()  # its scripts run
    expect(page.get_by_role("heading", name="Email")).to_be_visible()


def test_one_click_in_the_mail_client_unsubscribes(page: Page, world: World) -> None:
    one_click = {
        "List-Unsubscribe": f"<{world.hooks.url}/unsubscribe/abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    mail(world, "<p>Home?</p>", headers=one_click)
    open_thread(page, "Email")

    page.get_by_role("button", name="Unsubscribe").click()

    [hook] = world.hooks.wait("/unsubscribe/abc")
    assert hook.body == b"List-Unsubscribe=One-Click"
    expect(page.get_by_text("Unsubscribed")).to_be_visible()


def test_an_out_of_office_note_is_sent_with_its_headers(page: Page, world: World) -> None:
    sender = {"email": "us@reply.example.com"}
    mail(world, "<p>Home?</p>", reply_to=sender)
    open_thread(page, "Email")
    expect(page.get_by_role("button", name="Unsubscribe")).to_have_count(0)

    page.get_by_role("button", name="Out of office").click()

    [hook] = world.hooks.wait("/sendgrid/inbound")
    assert b"Auto-Submitted: auto-replied\n" in hook.body


def test_a_list_of_choices_opens_and_its_row_is_pressed(page: Page, world: World) -> None:
    choices = [{"id": f"at-{n}", "title": f"At {n}"} for n in range(5)]
    world.post("/templates", sid=TEMPLATE, body="When?", choices=choices, opens="Choose")
    to = {"To": f"whatsapp:{PERSON}", "From": f"whatsapp:{SENDER}", "Body": ""}
    world.send(**to, ContentSid=TEMPLATE)
    open_thread(page, "WhatsApp")
    row = page.get_by_role("group", name="Choose").get_by_role("button", name="At 3")
    expect(row).to_be_hidden()

    page.get_by_text("Choose").click()
    row.click()

    [hook] = world.hooks.wait("/twilio/inbound")
    assert (hook.form["ListId"], hook.form["Body"]) == ("at-3", "At 3")
    expect(row).to_be_hidden()  # the list has closed, and shows what was chosen
    expect(page.locator("#bubbles summary")).to_have_text("At 3")


def test_an_older_message_is_quoted(page: Page, world: World) -> None:
    to = {"To": f"whatsapp:{PERSON}", "From": f"whatsapp:{SENDER}"}
    older = world.send(**to, Body="The older").json()["sid"]
    world.send(**to, Body="The newer")
    open_thread(page, "WhatsApp")

    page.get_by_role("button", name="Quote this message").first.click()
    page.get_by_label("Reply", exact=True).fill("That one")
    page.keyboard.press("Enter")

    [hook] = world.hooks.wait("/twilio/inbound")
    assert hook.form["OriginalRepliedMessageSid"] == older


def test_what_the_service_hears_is_shown_in_order(page: Page, world: World) -> None:
    for kind in ("accepted", "responded"):
        data = {"message_id": "order-1", "text": "<b>Yes</b>"}
        said: dict[str, Any] = {"type": f"message.{kind}", "data": data}
        requests.post(f"{world.base}/events", json=said, timeout=PATIENCE)
    expect(page.locator("#heard")).to_be_hidden()

    page.get_by_role("tab", name="Events").click()

    expect(page.locator("#heard .what")).to_have_text(
        ["message.accepted order-1", "message.responded order-1"]
    )
    expect(page.locator("#heard .to").first).to_have_text("text: <b>Yes</b>")
    page.get_by_text("As it came").first.click()
    expect(page.locator("#heard pre").first).to_contain_text('"message_id": "order-1"')
    page.get_by_role("tab", name="Events").press("ArrowLeft")
    expect(page.locator("#story")).to_be_attached()
    expect(page.get_by_role("tab", name="Attempts")).to_be_focused()


def test_the_page_finds_the_simulator_again_after_a_restart(page: Page, world: World) -> None:
    chosen = settings(world.hooks.url)
    with running(chosen) as url:
        page.goto(url)
        expect(page.get_by_text("live", exact=True)).to_be_visible()
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
