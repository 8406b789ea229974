"""Every page that the router knows, in both languages:

accessible by the rules of WCAG 2.2 AA, and no wider than a phone.
"""

import json
import os
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Response, expect

from tests.journeys.conftest import House
from tests.rights.places import NOBODY, OTHER, places_of, routes_of, welcome
from tests.support.browser import NARROW, WIDE, needs_chromium, overflow

pytestmark = [pytest.mark.browser, needs_chromium]
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}
# What is wrong, and the inks that are not `known`: a colour, size and weight in which text stands, with all
# that is under it. Contrast hangs on these alone and is measured at the first element of each: measuring it
# at each text of each page took half of the time.
LOOK = """async (asked) => {
  if (!("axe" in window)) return null;
  const [known, rules] = JSON.parse(asked);
  const seen = new Set(known ?? []), fresh = [];
  if (known) {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      if (!texts.currentNode.data.trim()) continue;
      const on = texts.currentNode.parentElement, own = getComputedStyle(on);
      const ink = [own.color, own.fontSize, own.fontWeight, own.textShadow, own.visibility, own.display];
      for (let under = on; under; under = under.parentElement) {
        const ground = getComputedStyle(under);
        if (ground.display === "none") ink.push("hidden");
        if (ground.opacity !== "1" || ground.filter !== "none") ink.push(ground.opacity, ground.filter);
        if (ground.backgroundImage !== "none") ink.push(ground.backgroundImage);
        if (ground.backgroundColor !== "rgba(0, 0, 0, 0)") ink.push(ground.backgroundColor);
        if (ground.position !== "static") ink.push(ground.position);
      }
      if (seen.has(ink.join(" "))) continue;
      seen.add(ink.join(" "));
      fresh.push(ink.join(" "));
      on.setAttribute("data-ink", "");
    }
    axe.configure({rules: [{id: "color-contrast", selector: "[data-ink]"}]});
  }
  return JSON.stringify({fresh, violations: (await axe.run(document, rules)).violations});
}"""
# Who looks at a page: in French the one who can do most on it, in English the one who comes to read it.
LOOKERS = {
    "fr": ("administrator", "secretariat", "committee_chair", "chair", "expert", "member", "anonymous"),
    "en": ("anonymous", "stakeholder", "member", "expert", "chair", "secretariat", "administrator"),
}
# The first page is another one for each of them.
HOMES = {"fr": ("expert", "secretariat"), "en": ("chair", "stakeholder")}
SCHEME = {"fr": "light", "en": "dark"}
FILES = {  # a browser stores these
    "export_agenda",
    "send_bundle",
    "send_protocol",
    "send_ratings",
    "public_protocol",
    "public_ratings",
    "show_minutes_pdf",
    "show_public_minutes_pdf",
}
AXE = Axe().axe_script
FORM_IN_PARAGRAPH = re.compile(r"<p[ >](?:(?!</p>|<p[ >]).)*<form", re.S)
SHOTS = os.environ.get("DELIBERATE_TEST_SCREENSHOTS")


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_page_is_accessible_and_fits_a_phone(house: House, language: str) -> None:
    wrong: list[str] = []
    seen = 0
    inks: set[str] = set()
    pages: dict[str, Page] = {}
    homes = [(persona, "/") for persona in HOMES[language]]
    for persona, url in (*homes, *sights(house, language)):
        if persona not in pages:
            person = house.made.world.people.get(persona)
            pages[persona] = await house.visit.page(person, language=language, color_scheme=SCHEME[language])
            await pages[persona].add_init_script(AXE)
        response = await pages[persona].goto(url, wait_until="load")
        assert response
        if (text := await page_in(response)) is not None:
            seen += 1
            found = await look_at(pages[persona], f"{language}-{persona}{url}", inks)
            if FORM_IN_PARAGRAPH.search(text):
                found.append("a form in a paragraph ends it: what follows stands outside")
            wrong += [f"{url} by {persona}: {each}" for each in found]
    assert seen > 40 and not wrong, "\n".join(wrong)


async def test_a_page_that_is_wrong_would_be_seen(house: House) -> None:
    page = await house.visit.page()
    wide = "<div style='width: 600px'>Wide</div>"
    await page.set_content(f"<html lang='en'><title>Wrong</title><img src='data:,'>{wide}")
    found = await look_at(page, "wrong")
    assert "image-alt" in found[0] and "wider than a phone" in found[-1]
    inks: set[str] = set()
    for text in ("<p style='color: #333'>Dark", "<p style='color: #999'>Pale"):
        await page.set_content(f"<html lang='en'><title>Wrong</title><main><h1>Dark</h1>{text}</main>")
        found = await look_at(page, "pale", inks)
        assert [each.split(":")[0] for each in found] == ["color-contrast"] * ("Pale" in text)


async def test_a_refused_form_is_accessible_too(house: House) -> None:
    page = await house.visit.page(house.made.world["expert"])
    await page.goto(f"/questions/{house.made.blind}/opinion")
    await page.get_by_label("Your position").fill("")
    await page.get_by_role("button", name="Submit my opinion").click()
    await expect(page.locator("#problems")).to_be_focused()
    assert await look_at(page, "refused-opinion") == []
    await page.goto("/interests")
    await page.get_by_label("I have nothing to declare").uncheck()
    await page.get_by_role("button", name="Sign my declaration").click()
    await expect(page.locator("#problems")).to_be_focused()
    assert await look_at(page, "refused-declaration") == []


def sights(house: House, language: str) -> Iterator[tuple[str, str]]:
    """Who looks at what: in French every state of a page, in English each page once."""
    lookers = LOOKERS[language]
    for route in routes_of(house.server.app, "GET"):
        if route.name in FILES:
            continue
        for place in places_of(route, house.made):
            who = welcome(route, place, lookers)
            if place.home not in (OTHER, NOBODY) or "anyone" in route.who:  # type: ignore[attr-defined]
                yield next(persona for persona in lookers if persona in who), place.url
                if language == "en":
                    break


async def page_in(response: Response) -> str | None:
    """Its HTML; None for a fragment, a file or JSON."""
    is_html = response.headers.get("content-type", "").startswith("text/html")
    text = await response.text() if is_html else ""
    return text if "<html" in text else None


async def look_at(page: Page, name: str, inks: set[str] | None = None) -> list[str]:
    """What is wrong. With `inks`, contrast is measured where an ink is not among them; they are added."""
    asked = json.dumps([None if inks is None else sorted(inks), RULES])
    answer = await page.evaluate(LOOK, asked)
    if answer is None:  # its address was not gone to: nobody brought axe along
        await page.evaluate(AXE)
        answer = await page.evaluate(LOOK, asked)
    found = json.loads(answer)
    if inks is not None:
        inks.update(found["fresh"])
    wrong = [f"{each['id']}: {each['help']} {targets(each)}" for each in found["violations"]]
    await take(page, name, WIDE)
    await page.set_viewport_size({"width": NARROW, "height": 844})
    if (more := await overflow(page)) > 0:
        wrong.append(f"{more} pixels wider than a phone")
    await take(page, name, NARROW)
    await page.set_viewport_size({"width": WIDE, "height": 1000})
    return wrong


def targets(violation: dict) -> str:
    return "; ".join(f"{node['target']} {node['html'][:200]}" for node in violation["nodes"][:3])


async def take(page: Page, name: str, width: int) -> None:
    if SHOTS:
        await page.screenshot(path=f"{SHOTS}/{name.strip('/').replace('/', '_')}-{width}.png", full_page=True)
