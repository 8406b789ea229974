"""The page that needs no other file."""

import pytest
from axe_playwright_python.async_playwright import Axe
from lxml import html

from tests.analyse.sheets import run, wide
from tests.analyse.test_tables import PANELS, two_rounds_in_groups
from tests.support.browser import needs_chromium

LINKS = (
    "src",
    "href",
    "srcset",
    "data",
    "action",
    "poster",
    "background",
    "{http://www.w3.org/1999/xlink}href",
)


def page(tmp_path, content, *options):
    file = tmp_path / "page.html"
    result = run("-", "--html", file, *options, stdin=content)
    assert result.exit_code == 0, result.output
    return file, html.fromstring(file.read_text("utf-8"))


@pytest.mark.parametrize("content", [wide(PANELS), two_rounds_in_groups()], ids=["one round", "two rounds"])
def test_it_loads_nothing_and_runs_nothing(content, tmp_path):
    _file, document = page(tmp_path, content)
    for element in document.iter():
        assert all(element.get(name, "#").startswith("#") for name in LINKS), html.tostring(element)
        assert not [name for name in element.attrib if name.startswith("on") or name == "style"]
    assert document.xpath("//script | //link | //iframe | //img | //object") == []
    style = "".join(document.xpath("//style/text()"))
    assert "@layer tokens" in style and "url(" not in style and "@import" not in style
    policy = document.xpath("//meta[@http-equiv]/@content")
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_names_are_text_whatever_they_hold(tmp_path):
    name = '<b>O\'Brien</b> & "<script>alert(1)</script>"'
    _, document = page(tmp_path, b'rater,"' + name.replace('"', '""').encode() + b'"\nA,5\n')
    assert document.xpath("//h3")[0].text_content() == name
    assert document.xpath('//b[text() = "O\'Brien"] | //script') == []


def test_every_item_has_its_chart_its_table_and_the_classes_of_all_methods(tmp_path):
    _, document = page(tmp_path, wide(PANELS))
    charts = document.xpath("//*[local-name() = 'svg' and contains(@class, 'distribution')]")
    assert len(charts) == len(document.xpath("//figure//table")) == len(PANELS)
    identities = document.xpath("//@id")
    assert len(identities) == len(set(identities))
    first = document.get_element_by_id("item-1").text_content()
    assert all(word in first for word in ("RAM, classic table", "HAS formal consensus", "COMET", "AWMF"))
    assert "appropriate, with agreement" in first and "disagreement index 0.164" in first
    assert "answers differ" in document.get_element_by_id("sensitivity").text_content()


def test_a_method_keeps_to_its_own_class(tmp_path):
    _, document = page(tmp_path, wide(PANELS), "--method", "COMET_70_15")
    first = document.get_element_by_id("item-1").text_content()
    assert "COMET" in first and "RAM" not in first and "AWMF" not in first
    assert document.xpath("//section[@id = 'sensitivity']") == []


def test_a_grid_shows_its_five_columns(tmp_path):
    _, document = page(tmp_path, wide({"s1": [1] * 14 + [2, 3, 4, 5]}), "--method", "GRADE_GRID")
    first = document.get_element_by_id("item-1").text_content()
    assert "clearly for" in first and "strongly for" in first
    assert document.xpath("//*[local-name() = 'svg' and contains(@class, 'distribution')]") == []


def test_rounds_and_groups_are_on_the_page(tmp_path):
    _, document = page(tmp_path, two_rounds_in_groups())
    assert len(document.xpath("//*[local-name() = 'svg' and contains(@class, 'rounds')]")) == 2
    assert "patients" in document.get_element_by_id("item-1").text_content()
    assert "From round 1 to round 2" in document.get_element_by_id("rounds").text_content()


def test_the_page_speaks_french(tmp_path):
    _, document = page(tmp_path, wide(PANELS), "--language", "fr")
    assert document.get("lang") == "fr"
    text = document.text_content()
    assert (
        "Vue d’ensemble" in text and "appropriée, avec accord" in text and "indice de désaccord 0,164" in text
    )


@pytest.mark.browser
@needs_chromium
async def test_the_page_passes_the_accessibility_rules_and_asks_the_network_for_nothing(chromium, tmp_path):
    asked = []
    for content, language in ((wide(PANELS), "fr"), (two_rounds_in_groups(), "en")):
        file, _ = page(tmp_path, content, "--language", language)
        tab = await chromium.new_page(viewport={"width": 390, "height": 800})
        tab.on("request", lambda request: asked.append(request.url))
        await tab.goto(file.as_uri())
        found = await Axe().run(tab)
        assert found.response["violations"] == []
        assert await tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await tab.close()
    assert [url for url in asked if not url.startswith("file:")] == []
