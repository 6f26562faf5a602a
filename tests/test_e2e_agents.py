"""An agent takes a conversation over by the link of a mail, with the whole system behind it."""

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.browser import awaited_browser
from tests.linked import CHOICES, TEXT, ask
from tests.world import Asked, World, eventually

PATIENCE = 20_000
WHATSAPP = {"channel": "whatsapp", "wait": 300, "providers": ["vonage"]}
LATER = {"channel": "sms", "wait": 300}
CONTENT = {"text": TEXT, "choices": CHOICES, "on_other": "hand_over"}


@pytest.fixture(scope="module")
def world(everyday: World) -> World:
    return everyday


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    async with awaited_browser() as launched:
        yield launched


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    phone = ViewportSize(width=375, height=667)
    context = await chromium.new_context(viewport=phone, java_script_enabled=False)
    opened = await context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    await context.close()


@pytest.fixture
def team() -> str:
    return f"team-{uuid4().hex[:8]}@clinic.example"


async def asked_of(world: World, team: str) -> Asked:
    """The question by WhatsApp, answered with what is none of the choices."""
    agent = {"channel": "agent", "to": team, "wait": 300}
    context = {"order": "1234", "shop": "Mitte"}
    asked = await ask(world, WHATSAPP, LATER, agent, content=CONTENT, context=context)
    await asked.reply(await asked.arrived("whatsapp"), "Geht auch <b>22 Uhr</b>?")
    return asked


async def mail_to(world: World, team: str) -> dict[str, Any]:
    mail: dict[str, Any] = await eventually(lambda: world.sent(team), lambda mails: mails)
    return mail


async def heard(world: World, asked: Asked, text: str) -> str:
    """The channel on which this reached the person."""
    item: dict[str, Any] = await eventually(
        lambda: world.sent(asked.phone),
        lambda items: [item for item in items if text in str(item.get("text"))],
    )
    return str(item["channel"])


async def test_an_agent_claims_and_answers_by_the_link_of_the_mail(
    world: World, page: Page, team: str
) -> None:
    asked = await asked_of(world, team)
    mail = await mail_to(world, team)
    assert "Geht auch <b>22 Uhr</b>?" in mail["text"]
    assert "order: 1234" in mail["text"]
    [there] = re.findall(r"https?://\S+/agent/\S+", mail["text"])

    await page.goto(there)
    await expect(page.get_by_text("Geht auch <b>22 Uhr</b>?")).to_be_visible()
    await expect(page.get_by_text("shop: Mitte")).to_be_visible()
    await page.get_by_label("Ihr Name").fill("Sam")
    await page.get_by_role("button", name="Übernehmen").click()
    await expect(page.get_by_text("Sam hat das übernommen.")).to_be_visible()
    await page.get_by_label("Ihre Antwort").fill("22 Uhr passt.")
    await page.get_by_label("Welche Antwort").select_option("yes")
    await page.get_by_role("button", name="Senden und beenden").click()

    await expect(page.get_by_text("Dieses Gespräch ist beendet.")).to_be_visible()
    result = await asked.ended()
    assert result.outcome == "responded"
    answer = result.responses[-1]
    assert (answer.agent, answer.choice, answer.text) == ("Sam", "yes", "22 Uhr passt.")
    assert await heard(world, asked, "22 Uhr passt.") == "whatsapp"
    assert [act.act for act in result.agents] == ["claimed", "answered"]


async def test_a_mail_to_agents_asks_for_no_answer_by_mail_and_offers_no_unsubscribe(
    world: World, team: str
) -> None:
    await asked_of(world, team)

    mail = await mail_to(world, team)

    assert "/unsubscribe/" not in mail["html"]
    assert not str(mail["reply_to"]).startswith("r+")
    assert "/answer/" not in mail["text"]


async def test_what_the_person_writes_meanwhile_is_on_the_page(
    world: World, page: Page, team: str
) -> None:
    asked = await asked_of(world, team)
    mail = await mail_to(world, team)
    [there] = re.findall(r"https?://\S+/agent/\S+", mail["text"])
    await page.goto(there)
    await page.get_by_label("Ihr Name").fill("Kim")
    await page.get_by_role("button", name="Übernehmen").click()
    await page.get_by_label("Ihre Antwort").fill("An welcher Tür?")
    await page.get_by_role("button", name="Senden und dranbleiben").click()
    await expect(page.get_by_text("An welcher Tür?")).to_be_visible()

    await asked.reply(await asked.arrived("whatsapp"), "Hinten")
    await eventually(asked.seen, lambda seen: [r for r in seen.responses if r.text == "Hinten"])
    await page.reload()

    await expect(page.get_by_text("Hinten", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Ohne Antwort beenden").click()
    assert (await asked.ended()).outcome == "responded"
