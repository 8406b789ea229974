"""The record as HTML: the page that stands alone, and documents too long for one page."""

import re
from typing import Any

import pytest

from deliberate.live.journal import acting
from deliberate.record import render
from deliberate.record.compile import Content, compile_content
from deliberate.record.content.facts import load_facts
from deliberate.record.render import (
    Entry,
    asked_page,
    is_paged,
    link,
    own_templates,
    render_sections,
    standalone_html,
)
from deliberate.web import i18n
from tests.record.story import make_story
from tests.support.builders import NOW, World, make_world

pytestmark = pytest.mark.usefixtures("database")
ADOPTION = {
    "vote": 9,
    "meeting": {"fr": "Séance", "en": "Meeting"},
    "closed_at": "2026-11-23T10:00:00+00:00",
    "entitled": 4,
    "outcome": "adopted",
    "counts": {"for": 3, "against": 1},
    "ballots": [{"name": "Member 2", "choice": "against", "rating": None, "reason": "<b>No</b>"}],
}


async def content_of(world: World) -> Content:
    async with acting(world.assessment.id, None):
        return compile_content(await load_facts(world.assessment.id), version=1, as_of=7, now=NOW)


async def test_the_page_of_the_bundle_stands_alone_without_scripts() -> None:
    html = standalone_html(await content_of(await make_story()), "fr", ADOPTION)
    assert "<script" not in html and not re.search(r"\son\w+=", html)
    assert not re.search(r"<(link|img|iframe|source)\b|@import|url\((?!#)", html)
    assert 'lang="fr"' in html and "Ce qui reste inconnu" in html and "Adoption par la commission" in html
    assert "&lt;b&gt;No&lt;/b&gt;" in html and "The group holds the risk for" in html


async def test_the_page_of_the_bundle_says_what_the_checklist_lacks() -> None:
    content = await content_of(await make_world())
    assert content["reporting"]["export"] == "incomplete"
    assert "items of the ACCORD reporting checklist are missing." in standalone_html(content, "en")


async def test_rendering_in_another_language_leaves_that_of_the_request_alone() -> None:
    content = await content_of(await make_story())
    i18n.speak("en")
    assert "What remains unknown" not in standalone_html(content, "fr")
    assert i18n.language() == "en"
    assert "What remains unknown" in standalone_html(content, "en")


async def test_every_section_is_rendered_and_every_link_inside_has_its_goal() -> None:
    content = await content_of(await make_story(blind=False))
    html = standalone_html(content, "en", ADOPTION)
    goals = set(re.findall(r'\sid="([^"]+)"', html))
    assert {each["key"] for each in content["sections"]} <= goals
    assert set(re.findall(r'href="#([^"]+)"', html)) <= goals
    identifiers = re.findall(r'\sid="([^"]+)"', html)
    assert len(identifiers) == len(set(identifiers))


async def test_two_rounds_share_an_axis_and_their_figures_stand_in_a_table() -> None:
    content = await content_of(await make_story())
    (section,) = render_sections(own_templates(), content, "en", ["question-I-1"])
    assert "Round 1" in section.html and "Round 2" in section.html
    assert "appropriate, with agreement" in section.html and "too few ratings to analyse" in section.html
    assert "Rounds of rating of I-1.1" in section.html


async def test_a_long_record_is_shown_in_pages_and_its_links_say_which(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = await content_of(await make_story())
    assert not is_paged(content["sections"])
    monkeypatch.setattr(render, "ON_ONE_PAGE", 4)
    assert is_paged(content["sections"])
    html = "".join(section.html for section in render_sections(own_templates(), content, "en"))
    assert 'href="?section=question-I-1#question-I-1"' in html
    assert 'href="#question-I-1"' in standalone_html(content, "en")


@pytest.mark.parametrize(
    ("asked", "typed", "page"),
    [
        ({}, {}, 1),
        ({"page": "2"}, {}, 2),
        ({"page": "99"}, {}, 2),
        ({"page": "x"}, {}, 1),
        ({"page": "1", "section": "votes"}, {}, 2),
        ({"comment": "votes"}, {}, 2),
        ({}, {"section": "votes"}, 2),
        ({"section": "nowhere"}, {}, 1),
    ],
)
async def test_the_page_shown_is_that_of_the_section_asked_for(
    asked: dict[str, str], typed: dict[str, Any], page: int
) -> None:
    contents = [Entry(key, key, at, link(key, True)) for key, at in (("aim", 1), ("votes", 2))]
    assert asked_page(asked, contents, typed) == page


async def test_the_annex_marks_in_words_the_rows_whose_answers_differ() -> None:
    content = await content_of(await make_story())
    (section,) = render_sections(own_templates(), content, "en", ["annex"])
    marked = re.findall(r'<tr class="differs">.*?</tr>', str(section.html), re.DOTALL)
    assert len(marked) == sum(row["highlight"] for row in content["annex"]["rows"]) > 0
    assert all("answers differ" in row for row in marked)
    assert "Attrition, round by round" in section.html
    assert str(section.html).count("tag is-waits") == len(marked)


async def test_a_statement_shows_how_it_moved_and_how_it_was_worded() -> None:
    world = await make_story()
    content = await content_of(world)
    statement = content["questions"][0]["statements"][0]
    statement["wordings"].append(
        {
            "version": 2,
            "text": {"fr": "Un autre", "en": "Another"},
            "reason": "Clearer.",
            "at": NOW.isoformat(),
        }
    )
    (section,) = render_sections(own_templates(), content, "en", ["question-I-1"])
    assert "Rated in both rounds" in section.html and "Scheibe" in section.html
    assert "<ins>Another</ins>" in section.html and "Clearer." in section.html


async def test_the_method_lists_every_parameter_and_marks_the_defaults_to_confirm() -> None:
    content = await content_of(await make_story())
    (section,) = render_sections(own_templates(), content, "en", ["method"])
    assert str(section.html).count("</code> †") == len(content["method"]["to_confirm"])
    assert "chair_<wbr>rates" in section.html and "run the meetings and do not rate" in section.html


async def test_a_record_compiled_before_there_was_an_annex_is_still_shown() -> None:
    content = await content_of(await make_story())
    content["sections"] = [each for each in content["sections"] if each["key"] != "annex"]
    del content["annex"], content["questions"][0]["statements"][0]["steps"]
    assert "The group holds the risk for" in standalone_html(content, "en")
