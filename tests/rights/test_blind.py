"""Blind means blind: what others wrote or chose is on no page, in no JSON and in no frame before its time."""

import asyncio
import html
import json
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
import websockets

from deliberate.live.models import Entry
from deliberate.people.models import Person
from deliberate.questions.actions import reveal_opinions
from deliberate.voting import actions as voting
from deliberate.voting.models import Pseudonym
from tests.rights.conftest import Scene
from tests.rights.places import Place, places_of, routes_of, welcome
from tests.support.objects import (
    CANNOT_JUDGE,
    COMMENT,
    CORRECTION_DRAFT,
    DRAFT,
    NAMED_REASON,
    OPINION,
    PROPOSAL,
    RATING_DRAFT,
    REASONS,
    SECOND_DRAFT,
)

JSON = {"Accept": "application/json"}
OWN = {
    OPINION: "expert",
    DRAFT: "chair",
    CORRECTION_DRAFT: "stakeholder",
    RATING_DRAFT: "expert",
    PROPOSAL: "expert",
}
CANARIES = (
    OPINION,
    DRAFT,
    REASONS,
    SECOND_DRAFT,
    NAMED_REASON,
    CANNOT_JUDGE,
    CORRECTION_DRAFT,
    COMMENT,
    RATING_DRAFT,
    PROPOSAL,
)
QUESTION = {"secretariat", "chair", "expert"}
AFTER: Mapping[str, set[str]] = {
    OPINION: QUESTION | {"recused"},  # recused from the other question
    REASONS: QUESTION | {"recused"},
    DRAFT: {"chair"},
    SECOND_DRAFT: set(),
    NAMED_REASON: QUESTION,
    CANNOT_JUDGE: QUESTION,
    CORRECTION_DRAFT: {"stakeholder"},
    COMMENT: set(),  # the round is still open
    RATING_DRAFT: {"expert"},
    PROPOSAL: {"expert", "secretariat"},  # not answered yet
}
# Where an opinion, a ballot or a draft could show after the reveal.
TOLD_AFTER = ("/questions/", "/opinions/", "/statements/", "/votes/", "/rounds/", "/meetings/", "/hearings/")


@pytest.fixture(scope="module")
def engine() -> str:
    """What is shown does not depend on the engine; the matrix runs on both."""
    return "sqlite"


@pytest_asyncio.fixture(scope="module")
async def seen(scene: Scene) -> AsyncIterator[Mapping[str, set[str]]]:
    """Everything each persona can be shown before any reveal, once."""
    yield {persona: await crawl(scene, persona) for persona in scene.people}


async def crawl(scene: Scene, persona: str, only: tuple[str, ...] = ("",)) -> set[str]:
    """All pages and JSON that exist for this persona, and all frames of all topics, as plain texts."""
    client = scene.browsers[persona]
    texts = set(await frames(scene, persona)) if scene.people[persona] else set()
    for place in known_to(scene, persona):
        if place.url.startswith(only):
            for headers in ({}, JSON):
                answer = await client.get(place.url, headers=headers)
                texts.add(html.unescape(answer.text))
    return texts


def known_to(scene: Scene, persona: str) -> Iterator[Place]:
    for route in routes_of(scene.server.app, "GET"):
        for place in places_of(route, scene.made):
            if persona in welcome(route, place, scene.people):
                yield place


async def frames(scene: Scene, persona: str) -> list[str]:
    """What the socket replays of every topic there is, from the first entry on."""
    topics = sorted(set(await Entry.all().values_list("topic", flat=True)))
    token = scene.browsers[persona].cookies["deliberate"]
    headers = {"Cookie": f"deliberate={token}", "Origin": scene.server.url}
    address, told = f"{scene.server.ws_url}/live", []
    async with (
        websockets.connect(address, additional_headers=headers, proxy=None) as line,
        asyncio.timeout(120),
    ):
        for topic in topics:
            await line.send(json.dumps({"watch": topic, "after": 0}))
        answered = 0
        while answered < len(topics):
            told.append(str(await line.recv()))
            answered += any(key in json.loads(told[-1]) for key in ("watching", "refused"))
    return told


async def test_before_the_reveal_nobody_meets_a_word_of_another(seen: Mapping[str, set[str]]) -> None:
    met = {
        (persona, canary)
        for persona, texts in seen.items()
        for canary in CANARIES
        if any(canary in text for text in texts)
    }
    own = {(author, canary) for canary, author in OWN.items()}
    assert met == own | {("secretariat", PROPOSAL)}  # the crawl looks where it would be


async def test_before_the_result_nobody_meets_a_rating_or_a_choice_of_another(scene: Scene) -> None:
    for vote in (scene.made.rating, scene.made.choice, scene.made.committee_vote):
        for persona in scene.people:
            answer = await scene.browsers[persona].get(f"/votes/{vote}", headers=JSON)
            if answer.status_code == 200:
                told = answer.json()
                assert told["result"] is None and told["own"] is None, (vote, persona)


async def test_a_pseudonym_never_stands_beside_a_name(scene: Scene, seen: Mapping[str, set[str]]) -> None:
    codes = await Pseudonym.all().values_list("code", flat=True)
    names = {person.name for person in scene.made.world.experts}
    assert codes
    for persona, texts in seen.items():
        for text in texts:
            assert not any(code in text for code in codes) or not tells_both(text, codes, names), persona


def tells_both(text: str, codes: Collection[str], names: Collection[str]) -> bool:
    """A page with both at all, or one object of a JSON answer."""
    try:
        told = json.loads(text)
    except ValueError:
        return any(name in text for name in names)
    return any(mixes(each, codes, names) for each in objects_in(told))


def objects_in(told: Any) -> Iterator[dict[str, Any]]:
    if isinstance(told, dict):
        yield told
        told = list(told.values())
    if isinstance(told, list):
        for each in told:
            yield from objects_in(each)


def mixes(told: Mapping[str, Any], codes: Collection[str], names: Collection[str]) -> bool:
    plain = [str(value) for value in told.values() if isinstance(value, str | int)]
    return any(code in value for code in codes for value in plain) and any(
        name in value for name in names for value in plain
    )


# Last: the reveals change the world.


async def test_after_the_reveal_those_entitled_meet_it_and_nobody_else(scene: Scene) -> None:
    await reveal_all(scene)
    for persona in scene.people:
        texts = await crawl(scene, persona, only=TOLD_AFTER)
        met = {canary for canary in CANARIES if any(canary in text for text in texts)}
        assert met == {canary for canary, readers in AFTER.items() if persona in readers}, persona


async def reveal_all(scene: Scene) -> None:
    made, office = scene.made, scene.made.world["secretariat"]
    for number, expert in enumerate(raters(scene)):
        await voting.cast_ballot(made.rating, expert, None, 5 + number, "", f"key-of-{expert.id}")
    await reveal_opinions(made.blind, office)
    for vote in (made.rating, made.choice):
        await voting.close_vote(vote, office)
        await voting.reveal_vote(vote, office)


def raters(scene: Scene) -> list[Person]:
    """Those who have not answered yet, so that the result may be shown."""
    return [person for number, person in enumerate(scene.made.world.experts) if number not in (1, 2)]
