"""A real Chromium that tells of everything that went wrong in it."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    async_playwright,
    expect,
)

from deliberate.people.models import Person
from tests.support.builders import sign_in

# The shell without a window takes three quarters of the time.
CHROMIUM = next(
    (path for path in map(Path, ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")) if path.exists()),
    Path("/usr/bin/chromium"),
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
]
expect.set_options(timeout=30_000)  # machines are slow at times; nothing here waits that long in vain
WIDE, NARROW = 1440, 390
# A form that is refused comes back with its status, and Chromium notes that as an error of the network.
MEANT = re.compile(r"Failed to load resource: .* status of (409|422)")

needs_chromium = pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium")


@asynccontextmanager
async def running() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        try:
            yield browser
        finally:
            await browser.close()


class Visit:
    """The browsers of one test. Whatever a page complains of is kept, and raised at the end."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.browser, self.url = browser, url
        self.complaints: list[str] = []
        self._contexts: list[BrowserContext] = []

    async def page(
        self, person: Person | None = None, *, language: str = "en", width: int = WIDE, **options: Any
    ) -> Page:
        """A browser of its own, signed in as this person or as nobody."""
        viewport = {"width": width, "height": 1000}
        options = {"viewport": viewport, "locale": language, "reduced_motion": "reduce", **options}
        context = await self.browser.new_context(base_url=self.url, **options)
        self._contexts.append(context)
        context.set_default_timeout(60_000)
        cookies = {"language": language, **({"deliberate": await sign_in(person)} if person else {})}
        await context.add_cookies(
            [{"name": name, "value": value, "url": self.url} for name, value in cookies.items()]
        )
        return await self.watched(context)

    async def watched(self, context: BrowserContext) -> Page:
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self.hear(page, message))
        page.on("crash", lambda crashed: self.complaints.append(f"{crashed.url}: crashed"))
        return page

    def hear(self, page: Page, message: ConsoleMessage) -> None:
        is_icon = message.location["url"].endswith("/favicon.ico")  # asked for beside JSON and files
        if message.type in ("error", "warning") and not MEANT.search(message.text) and not is_icon:
            self.complaints.append(f"{page.url}: {message.type}: {message.text}")

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()


@contextmanager
def without_complaints(visit: Visit) -> Iterator[None]:
    yield
    assert not visit.complaints, "\n".join(visit.complaints)


async def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    found: int = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found


async def press(page: Page, key: str, *, sure: bool = False) -> None:
    """A key of the console, until its page is there: between two pages a key is heard by neither."""
    async with page.expect_navigation():
        await page.keyboard.press(key)
        if sure:
            await expect(page.get_by_role("dialog")).to_be_visible()
            await page.keyboard.press("Shift+Tab")  # the cautious answer has the focus first
            await page.keyboard.press("Enter")
