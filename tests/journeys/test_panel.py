"""Two rounds on a real panel, in the browser: the first rated here, the second loaded from the panel's file.

The ratings are found beside the repository (tests/consensus/shared.py), never copied into it. Where they are
missing the test fails and says so.
"""

import pytest
from playwright.async_api import Page, expect

from deliberate.assessments.models import Assessment
from deliberate.questions.models import RiskQuestion, Statement, Wording
from tests.consensus.shared import rows, shared_file, vectors
from tests.journeys.conftest import House
from tests.record.story import rate
from tests.support.browser import NARROW, needs_chromium, overflow
from tests.support.builders import NOW, World, make_question, make_world

pytestmark = [pytest.mark.browser, needs_chromium]
FIRST = (6, 7, 8, 9, 3)
PANEL = "unisante_round2"


async def test_two_rounds_of_a_real_panel_reproduce_its_published_quartiles(house: House) -> None:
    file = shared_file("ratings", PANEL, "ratings_long_round2.csv")
    world = await make_panel()
    page = await house.visit.page(world["secretariat"])
    await page.goto(f"/a/{world.assessment.slug}/ratings")
    await expect(page.locator("tbody tr")).to_have_count(10)  # the first round, rated here

    await page.get_by_label("The file").set_input_files(file)
    await expect(page.get_by_role("textbox", name="Round")).to_have_value("2")
    await page.get_by_role("button", name="Read the file").click()
    preview = page.locator("#preview")
    await expect(preview.get_by_text("Nothing is loaded yet.")).to_be_visible()
    await expect(preview.locator("tbody tr")).to_have_count(10)
    await page.get_by_role("button", name="Load round 2").click()
    await expect(page.get_by_text("10 statements have their round 2, with 230 answers.")).to_be_visible()

    published = rows(PANEL, "published_round2.csv")
    assert await shown(page) == {
        row["item"]: tuple(number(row[name]) for name in ("n", "median", "q1", "q3")) for row in published
    }
    await expect(page.locator("tbody tr", has_text="imported")).to_have_count(10)

    await page.get_by_label("The file").set_input_files(file)
    await page.get_by_role("textbox", name="Round").fill("2")
    await page.get_by_role("button", name="Read the file").click()
    await expect(page.get_by_text("This file is loaded already as round 2")).to_be_visible()
    await see_the_annex(page, world)
    await on_a_phone(house, world)


async def see_the_annex(page: Page, world: World) -> None:
    """The record marks the rows that the golden numbers say depend on the method."""
    await page.goto(f"/a/{world.assessment.slug}/record")
    await page.get_by_role("button", name="Compile version 1").click()
    annex = page.locator("#annex")
    second = annex.locator("tr.differs", has=page.locator('td[data-label="Round"]', has_text="2"))
    marked = await second.get_by_role("rowheader").get_by_role("link").all_inner_texts()
    assert [code.strip() for code in marked] == vectors()[PANEL]["totals"]["sensitivity_rows_highlighted"]
    assert all("answers differ" in text for text in await second.all_inner_texts())


async def on_a_phone(house: House, world: World) -> None:
    page = await house.visit.page(world["secretariat"], language="fr", width=NARROW)
    await page.goto(f"/a/{world.assessment.slug}/ratings")
    await expect(page.get_by_role("heading", name="Charger un tour coté ailleurs")).to_be_visible()
    assert await overflow(page) == 0


async def shown(page: Page) -> dict[str, tuple[str, ...]]:
    """(n, median, Q1, Q3) of the second round by statement, as the page of results writes them."""
    found = {}
    for row in await page.locator("#results tbody tr", has_text="imported").all():
        code = await row.get_by_role("rowheader").inner_text()
        cells = [row.locator(f'td[data-label="{name}"]') for name in ("n", "median", "Q1", "Q3")]
        found[code.strip()] = tuple([await cell.inner_text() for cell in cells])
    return found


def number(text: str) -> str:
    """As an English page writes it: 7.0 is 7."""
    return text.removesuffix(".0")


async def make_panel() -> World:
    """An assessment with the ten statements of the panel, rated once by five experts of its group."""
    world = await make_world(experts=5)
    await Assessment.filter(id=world.assessment.id).update(protocol={"method": "HAS_RCF"})
    await world.assessment.refresh_from_db()
    question = await make_question(world.assessment, world.infection, "U-1", statements=0)
    for place, row in enumerate(rows(PANEL, "items_round2.csv"), 1):
        statement = await add_statement(question, place, row["item"], row["label_fr"])
        await rate(world, question, statement, world.experts, FIRST)
    return world


async def add_statement(question: RiskQuestion, place: int, code: str, text: str) -> Statement:
    statement = await Statement.create(question=question, code=code, position=place)
    await Wording.create(statement=statement, version=1, text={"fr": text, "en": text}, at=NOW)
    return statement
