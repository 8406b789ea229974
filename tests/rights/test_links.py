"""What a page offers, its reader may follow: no link into nothing, no button for an act of others."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urldefrag

import pytest
from starlette.routing import Match, Route

from tests.rights.conftest import ANONYMOUS, Scene

LINK = re.compile(r'<a\b[^>]*?\bhref="(/[^"]*)"')
PART = re.compile(r'\bdata-part="(/[^"]*)"')
POST = re.compile(r'<form\b[^>]*?\bmethod="post"[^>]*>')
ACTION = re.compile(r'\b(?:action|data-autosave)="(/[^"]*)"')
MOST = 5  # addresses of one shape, such as /questions/7 and /questions/8: the next ones are alike
# By which words of `who` each persona may come.
TAGS = {
    "administrator": {"administrator"},
    "secretariat": {"secretariat"},
    "foreign_secretariat": {"secretariat"},
    "chair": {"chair"},
    "other_chair": {"chair"},
    "expert": {"expert"},
    "other_expert": {"expert"},
    "recused": {"expert"},
    "undeclared": {"expert"},
    "committee_chair": {"committee_chair"},
    "member": {"member"},
    "stakeholder": {"stakeholder"},
    "rival": {"stakeholder"},
    "signed_in": set[str](),
    ANONYMOUS: set[str](),
}


@pytest.fixture(scope="module")
def engine() -> str:
    return "sqlite"


async def test_every_link_and_form_that_a_page_shows_is_for_its_reader(scene: Scene) -> None:
    wrong: list[str] = []
    for persona in scene.people:
        pages = await walk(scene, persona)
        wrong += [
            f"{persona}: {source} leads to {url}: {status}"
            for url, (source, status) in pages.items()
            if status
        ]
        assert len(pages) > (10 if TAGS[persona] and persona != "undeclared" else 5), persona
    assert not wrong, "\n".join(wrong)


async def walk(scene: Scene, persona: str) -> dict[str, tuple[str, str]]:
    """Every address that this persona comes to from the first page: (where it was found, what is wrong)."""
    client, seen, ahead = scene.browsers[persona], dict[str, tuple[str, str]](), [("/", "the start")]
    shapes = Counter[str]()
    while ahead:
        url, source = ahead.pop()
        shape = re.sub(r"\d+", "0", url)
        if url in seen or shapes[shape] == MOST:
            continue
        shapes[shape] += 1
        answer = await client.get(url)
        seen[url] = (source, "" if answer.status_code < 400 else str(answer.status_code))
        if answer.headers.get("content-type", "").startswith("text/html"):
            ahead += [(found, url) for found in links_in(answer.text) if found not in seen]
            for action in set(acts_in(answer.text)):
                seen.setdefault(f"POST {action}", (url, why_not(scene, persona, action)))
    return seen


def links_in(text: str) -> Iterator[str]:
    for found in [*LINK.findall(text), *PART.findall(text)]:
        yield urldefrag(html.unescape(found)).url


def acts_in(text: str) -> Iterator[str]:
    for form in POST.findall(text):
        yield from (html.unescape(action) for action in ACTION.findall(form))


def why_not(scene: Scene, persona: str, action: str) -> str:
    """What is wrong with offering this act to this persona, by what its route declares."""
    scope = {"type": "http", "method": "POST", "path": action, "root_path": "", "headers": []}
    for route in scene.server.app.routes:
        if isinstance(route, Route) and route.matches(scope)[0] is Match.FULL:
            who: frozenset[str] = route.who  # type: ignore[attr-defined]
            may = {"anyone"} | TAGS[persona] | ({"signed_in"} if persona != ANONYMOUS else set())
            return "" if who & may else f"is for {sorted(who)}"
    return "no such act"
