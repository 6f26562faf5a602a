"""docs/push/service-worker.js in a real Chromium, posting to our webhooks from another origin.

No push service can be reached from here, so the browser is handed each push by DevTools, as its
push service would have: what our sender encrypted, opened with the browser's own keys.
"""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import http_ece
import pytest
import uvicorn
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import CDPSession, Page, Worker

from failover.content import Content
from failover.events import DeliveryReport, Event, Reply
from failover.media import Media
from providers.push.callbacks import callbacks
from providers.settings import PublicSettings
from providers.webpush.provider import senders
from simulator.testing import until
from tests.browser import browser
from tests.callbacks import KEY
from tests.canned import Answer, canned_server
from tests.push import PLAN, TEXT, YES_NO, Browser, outbound, webpush_settings
from tests.webhooks_app import FakeGateway
from webhooks.app import create_app

SCRIPT = (Path(__file__).parent.parent / "docs/push/service-worker.js").read_bytes()
PATIENCE = 30
#: A browser waits long for a picture of a host that does not answer; this one refuses at once.
NEAR = Media(url="https://127.0.0.1:9/door.png", kind="image", caption="The door we found")
WITH_FILES = Content(text=TEXT, media=(NEAR, PLAN))
_SUBSCRIBED = """async () => {
  await navigator.serviceWorker.register("/service-worker.js");
  await navigator.serviceWorker.ready;
}"""
#: What is on the screen.
_SHOWN = """async () => (await registration.getNotifications()).map((n) => ({
  title: n.title, body: n.body, image: n.image, tag: n.tag, lang: n.lang,
  stays: n.requireInteraction,
  actions: n.actions.map(({ action, title }) => [action, title]),
}))"""
#: A person's press; DevTools has none, and an event of a script's own may not be waited for.
_PRESS = """async (action) => {
  const [notification] = await registration.getNotifications();
  const press = new Event("notificationclick"), under_way = [];
  Object.assign(press, { notification, action, waitUntil: (one) => under_way.push(one) });
  self.dispatchEvent(press);
  await Promise.all(under_way);
}"""


@dataclass
class Hooks:
    """Our webhooks behind a socket, with a gateway that can be away."""

    url: str
    gateway: FakeGateway

    @property
    def events(self) -> list[Event]:
        return self.gateway.events


@contextmanager
def webhooks() -> Iterator[Hooks]:
    gateway = FakeGateway()
    public = PublicSettings.model_validate({"public_base_url": "http://x", "address_key": KEY})
    app = create_app({"push": callbacks(public)}, gateway, base_url="http://x")
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Hooks(f"http://127.0.0.1:{port}", gateway)
    finally:
        server.should_exit = True
        thread.join()


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        is_script = self.path == "/service-worker.js"
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if is_script else "text/html")
        self.end_headers()
        self.wfile.write(SCRIPT if is_script else b"<!doctype html><title>Shop</title>")

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def site() -> Iterator[str]:
    """A shop's own, on another origin than the webhooks."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Device:
    """The page's service worker, and the means to hand it a push."""

    hooks: Hooks
    page: Page
    worker: Worker
    devtools: CDPSession
    origin: str
    registration: str

    def push(self, data: str) -> None:
        self.devtools.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self.origin, "registrationId": self.registration, "data": data},
        )

    def shown(self) -> Any:
        return self.worker.evaluate(_SHOWN)

    def press(self, action: str = "") -> None:
        self.worker.evaluate(_PRESS, action)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with browser() as launched:
        yield launched


@pytest.fixture
def device(chromium: Chromium) -> Iterator[Device]:
    with webhooks() as hooks, site() as origin:
        context = chromium.new_context()
        context.grant_permissions(["notifications"], origin=origin)
        page = context.new_page()
        page.goto(origin)
        devtools = context.new_cdp_session(page)
        found: list[dict[str, Any]] = []
        devtools.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda said: found.extend(said["registrations"]),
        )
        devtools.send("ServiceWorker.enable")
        page.evaluate(_SUBSCRIBED)
        wait(page, lambda: found and context.service_workers)
        registration = found[-1]["registrationId"]
        yield Device(hooks, page, context.service_workers[0], devtools, origin, registration)
        context.close()


def wait(page: Page, true: Any) -> None:
    """Until something is true; Playwright hears of events only in its own calls."""

    def look() -> Any:
        page.evaluate("() => 0")
        return true()

    until(look, PATIENCE)


def sent(hooks: Hooks, **more: Any) -> str:
    """A push that our sender encrypted for a browser, as that browser reads it."""
    public = PublicSettings.model_validate({"public_base_url": hooks.url, "address_key": KEY})
    with canned_server() as service:
        service.answer = Answer(201, "")
        person = Browser(f"{service.url}/push/1")
        settings = webpush_settings(service.url.removeprefix("http://"))
        [sender] = senders(settings, public).values()
        send = outbound("webpush", person.address, **more)
        with ThreadPoolExecutor(1) as thread:  # as workers do
            thread.submit(sender.send, send).result()
        body = service.requests[0].body.encode(errors="surrogateescape")
    said: bytes = http_ece.decrypt(
        body, private_key=person.key, auth_secret=person.auth, version="aes128gcm"
    )
    return said.decode()


def test_a_push_is_shown_with_its_choices_and_said_to_have_come(device: Device) -> None:
    device.push(sent(device.hooks))

    wait(device.page, lambda: device.hooks.events)
    [event] = device.hooks.events
    assert isinstance(event, DeliveryReport)
    assert (event.reference, event.status) == ("order-1.2", "delivered")
    wait(device.page, device.shown)
    [notification] = device.shown()
    assert (notification["title"], notification["body"]) == ("Your delivery", TEXT)
    assert notification["actions"] == [["yes", "Yes"], ["no", "No"]]
    assert (notification["lang"], notification["stays"]) == ("en", True)


def test_a_picture_is_shown(device: Device) -> None:
    device.push(sent(device.hooks, content=WITH_FILES))

    wait(device.page, lambda: device.hooks.events)
    wait(device.page, device.shown)
    [notification] = device.shown()
    assert notification["image"] == NEAR.url
    assert NEAR.url not in notification["title"]
    assert PLAN.url in notification["title"]


def test_a_browser_that_shows_no_pictures_has_its_link(device: Device) -> None:
    device.worker.evaluate("() => { delete Notification.prototype.image; }")
    device.push(sent(device.hooks, content=WITH_FILES.model_copy(update={"subject": "A door"})))

    wait(device.page, lambda: device.hooks.events)
    wait(device.page, device.shown)
    [notification] = device.shown()
    assert notification["body"].endswith(f"{NEAR.caption}\n{NEAR.url}")


def test_a_pressed_choice_is_a_reply_from_another_origin(device: Device) -> None:
    device.push(sent(device.hooks))
    wait(device.page, lambda: device.shown() and device.hooks.events)
    device.press("no")

    reply = device.hooks.events[-1]
    assert isinstance(reply, Reply)
    assert (reply.choice, reply.reference, reply.provider) == ("no", "order-1.2", "webpush")
    assert device.shown() == []


def test_a_pressed_notification_is_opened(device: Device) -> None:
    device.push(sent(device.hooks, content=Content(text=TEXT)))
    wait(device.page, lambda: device.shown() and device.hooks.events)
    [notification] = device.shown()
    device.press()

    event = device.hooks.events[-1]
    assert isinstance(event, DeliveryReport)
    assert event.status == "read"
    assert (notification["title"], notification["body"], notification["stays"]) == (TEXT, "", False)


def test_a_later_attempt_takes_the_place_of_an_earlier_one(device: Device) -> None:
    for reference in ("order-1.1", "order-1.2", "order-2.1"):
        said = Content(text=reference, choices=YES_NO)
        device.push(sent(device.hooks, reference=reference, content=said))
    wait(device.page, lambda: len(device.hooks.events) == 3)

    wait(device.page, lambda: len(device.shown()) == 2)
    assert {one["title"] for one in device.shown()} == {"order-1.2", "order-2.1"}


def test_what_could_not_be_told_is_told_again(device: Device) -> None:
    device.hooks.gateway.away = True
    with device.page.context.expect_event(
        "response", lambda answer: answer.status == 503, timeout=PATIENCE * 1000
    ):
        device.push(sent(device.hooks))
    assert device.hooks.events == []
    device.hooks.gateway.away = False

    wait(device.page, lambda: device.hooks.events)
    assert len(device.hooks.events) == 1


@pytest.mark.parametrize("data", ["", "no JSON", "null", "[]", json.dumps({"text": "hi"})])
def test_a_push_of_somebody_else_is_left_alone(device: Device, data: str) -> None:
    device.push(data)
    device.push(sent(device.hooks))

    wait(device.page, lambda: device.hooks.events)
    wait(device.page, device.shown)
    assert [one["body"] for one in device.shown()] == [TEXT]
    assert len(device.hooks.events) == 1
