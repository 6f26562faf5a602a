"""A push on the handset page, in a real Chromium: shown, opened by looking, answered by a press."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from simulator.fcm.account import account, token
from tests.browser import browser
from tests.push import TEXT, TOKEN
from tests.simulator_world import PATIENCE, World, simulated


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as launched:
        yield launched


@pytest.fixture
def world() -> Iterator[World]:
    with simulated() as running:
        yield running


@pytest.fixture
def page(chromium: Browser, world: World) -> Iterator[Page]:
    expect.set_options(timeout=PATIENCE * 1000)
    opened = chromium.new_page(viewport={"width": 1280, "height": 860})
    opened.goto(world.base)
    expect(opened.get_by_text("live", exact=True)).to_be_visible()
    yield opened
    opened.close()


def push(world: World) -> None:
    """By FCM's API, without our sender."""
    login = {"Authorization": f"Bearer {token(account(str(world.settings.fcm_service_account)))}"}
    data = {
        "title": "Your delivery",
        "text": TEXT,
        "choices": '[{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}]',
        "ack": f"{world.hooks.url}/push/ack?ticket=t",
    }
    url = f"{world.base}/v1/projects/deliveries-1/messages:send"
    body: dict[str, Any] = {"message": {"token": TOKEN, "data": data}}
    requests.post(url, json=body, headers=login, timeout=PATIENCE).raise_for_status()


def test_a_push_is_shown_opened_and_answered(page: Page, world: World) -> None:
    push(world)
    threads = page.get_by_role("list", name="Conversations")
    threads.get_by_role("button", name="Push").click()

    expect(page.locator("#bubbles .title")).to_have_text("Your delivery")
    expect(page.locator("#bubbles .text")).to_have_text(TEXT)
    page.get_by_role("button", name="Yes").click()

    expect(page.locator("#bubbles .ours .text")).to_have_text("Yes")
    told = world.hooks.wait("/push/ack", 3)
    assert {hook.form["event"] for hook in told} == {"received", "opened", "action"}
    assert [hook.form["choice"] for hook in told if hook.form["event"] == "action"] == ["yes"]
    assert all(hook.path.endswith("?ticket=t") for hook in told)
