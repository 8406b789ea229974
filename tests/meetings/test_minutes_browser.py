"""Minutes in a real browser: two writers, a line that breaks, a sign-in that ends, and no word lost."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from deliberate.meetings import actions
from deliberate.meetings.minutes_models import MinutesDraft, MinutesText
from tests.conftest import serving
from tests.meetings.meetings import world_in_meeting
from tests.support.browser import Visit, needs_chromium
from tests.support.builders import sign_in

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture
def engine() -> str:
    """Once is enough: what is tested here is the browser."""
    return "sqlite"


@pytest_asyncio.fixture
async def server(settings: Any, listener: Any) -> AsyncIterator[Any]:
    """In the loop of the browser."""
    async with serving(settings, listener) as running:
        yield running


@pytest_asyncio.fixture
async def visit(chromium: Any, server: Any) -> Any:
    found = Visit(chromium, server.url)
    yield found
    await found.close()


def account(page: Page) -> Any:
    return page.get_by_label("Account of this section")


async def texts() -> list[str]:
    return list(await MinutesText.all().order_by("version").values_list("text", flat=True))


async def test_two_writers_on_one_section_lose_no_word(visit: Visit) -> None:
    world, meeting = await world_in_meeting()
    url = f"/meetings/{meeting.id}/minutes"
    hers, his = await visit.page(world["chair"]), await visit.page(world["secretariat"])

    await hers.goto(url)
    await hers.get_by_role("button", name="Write: Opening").click()
    await his.goto(f"{url}/opening")
    await expect(his.locator("#holder")).to_contain_text("Chair is writing in this section")
    await account(hers).press_sequentially("The chair opens the meeting")
    await expect(hers.locator("[data-autosave-status]")).to_contain_text("Draft saved")

    await his.get_by_label("Take the section over").fill("I finish this")
    await his.get_by_role("button", name="Take over").click()
    await expect(account(his)).to_have_value("The chair opens the meeting")  # what she had typed
    await expect(hers.locator("#holder")).to_contain_text("“I finish this”")
    await account(hers).press_sequentially(", and greets the guests.")  # nothing moved under her hands
    await expect(hers.locator("[data-autosave-status]")).to_contain_text("What you typed is kept")

    await account(his).fill("The chair opens the meeting at ten.")
    await his.get_by_role("button", name="Store and leave the section").click()
    await expect(his.locator("#flash")).to_contain_text("Version 2")
    await hers.get_by_role("button", name="Store and leave the section").click()
    await expect(hers.locator(".difference-one del").first).to_contain_text("at")
    await expect(hers.locator(".difference-one ins", has_text="greets")).to_be_attached()
    await expect(account(hers)).to_have_value("The chair opens the meeting, and greets the guests.")
    await account(hers).fill("The chair opens the meeting at ten, and greets the guests.")
    await hers.get_by_role("button", name="Store and leave the section").click()
    await expect(hers.locator("#opening")).to_contain_text("at ten, and greets the guests")
    await expect(his.locator("#opening")).to_contain_text("at ten, and greets the guests")  # by itself
    assert len(await texts()) == 3 and not await MinutesDraft.exists()


async def test_what_is_typed_without_connection_or_sign_in_comes_back(visit: Visit) -> None:
    world, meeting = await world_in_meeting()
    office = world["secretariat"]
    await actions.write_section(meeting.id, "opening", "First.", 0, office)
    url = f"/meetings/{meeting.id}/minutes/opening"
    page = await visit.page(office)
    await page.goto(url)
    await page.context.set_offline(True)
    await account(page).fill("First. Second, typed without a line.")
    await expect(page.locator("[data-autosave-status]")).to_contain_text("Not saved yet")
    await page.close()  # and the tab is gone, too
    assert not await MinutesDraft.exists()

    await page.context.set_offline(False)
    page = await page.context.new_page()
    await page.goto(url)
    await expect(account(page)).to_have_value("First. Second, typed without a line.")
    await expect(page.locator("[data-autosave-status]")).to_contain_text("Draft saved")
    assert (await MinutesDraft.get()).text == "First. Second, typed without a line."

    await page.context.clear_cookies(name="deliberate")  # signed out meanwhile
    await account(page).fill("First. Second. Third, typed signed out.")
    await page.get_by_role("button", name="Store and leave the section").click()
    await page.wait_for_url("**/sign-in")
    await page.context.add_cookies([{"name": "deliberate", "value": await sign_in(office), "url": visit.url}])
    await page.goto(url)
    await expect(account(page)).to_have_value("First. Second. Third, typed signed out.")
    await page.get_by_role("button", name="Store and leave the section").click()
    await expect(page.locator("#flash")).to_contain_text("Version 2")
    assert await texts() == ["First.", "First. Second. Third, typed signed out."]
    await page.goto(url)
    await expect(account(page)).to_have_value("First. Second. Third, typed signed out.")
    kept = await page.evaluate("Object.keys(localStorage).filter((key) => key.includes('typed'))")
    assert kept == [] and not await MinutesDraft.exists()
