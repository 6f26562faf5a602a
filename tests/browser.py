"""Finds and launches Chromium for the tests that look at a page."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from playwright import async_api
from playwright.sync_api import Browser, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def chromium() -> str:
    """Its path; without one the test is skipped, or fails when REQUIRE_CHROMIUM=1."""
    named = os.environ.get("CHROMIUM")
    found = named or next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found:
        return found
    if os.environ.get("REQUIRE_CHROMIUM") == "1":
        pytest.fail("REQUIRE_CHROMIUM=1, and there is no chromium on the PATH")
    pytest.skip("no chromium on the PATH; install it, or name one in CHROMIUM")


@contextmanager
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS.split())
        try:
            yield launched
        finally:
            launched.close()


@asynccontextmanager
async def awaited_browser() -> AsyncIterator[async_api.Browser]:
    """For tests that run in an event loop."""
    path = chromium()
    async with async_api.async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=_ARGUMENTS.split())
        try:
            yield launched
        finally:
            await launched.close()
