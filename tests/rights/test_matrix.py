"""Every route and topic against every persona:

what one may not see does not exist, and refusals leave no trace.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from itertools import cycle
from typing import Any

import pytest
import websockets
from starlette.routing import Mount, Route, WebSocketRoute

from deliberate.app import create_app
from deliberate.settings import Settings
from deliberate.web.routing import PERSONAS
from tests.rights.conftest import ANONYMOUS, Scene
from tests.rights.places import (
    COMMITTEE,
    GROUP,
    HEARING,
    OFFICE,
    OTHER,
    QUESTION,
    Home,
    Place,
    places_of,
    routes_of,
    welcome,
)

JSON = {"Accept": "application/json"}
REFUSED = (401, 403, 404)


def test_every_route_says_whom_it_is_for_and_what_hangs_beside_is_known(tmp_path: Any) -> None:
    app = create_app(Settings(data_dir=tmp_path / "data"))
    for route in app.routes:
        if isinstance(route, Route):
            assert route.who and route.who <= PERSONAS, route.path  # type: ignore[attr-defined]
    others = {(type(route), route.path) for route in app.routes if not isinstance(route, Route)}
    assert others == {(WebSocketRoute, "/live"), (Mount, "/static")}
    doors = [(route.path, *sorted(route.methods or ())) for route in app.routes if isinstance(route, Route)]
    assert len(doors) == len(set(doors)) > 100  # none hides another


async def test_each_persona_reads_what_is_for_it_and_reading_changes_nothing(scene: Scene) -> None:
    wrong: list[str] = []
    async for route in unchanging(scene, "GET", wrong):
        for place in places_of(route, scene.made):
            wrong += await read_by_all(scene, route, place)
    assert not wrong, "\n".join(wrong)


async def unchanging(scene: Scene, method: str, wrong: list[str]) -> AsyncIterator[Route]:
    """The routes of this method, and in `wrong` which of them left a trace, among ten."""
    routes = list(routes_of(scene.server.app, method))
    before = await scene.digest()
    for first in range(0, len(routes), 10):
        for route in (ten := routes[first : first + 10]):
            yield route
        after = await scene.digest()
        changed = [table for table in after if after[table] != before[table]]
        wrong += [f"{method} changed {table}: {[route.path for route in ten]}" for table in changed]
        before = after


async def read_by_all(scene: Scene, route: Route, place: Place) -> list[str]:
    expected = welcome(route, place, scene.people)
    wrong = []
    for persona in scene.tried_by(scene.people):
        # A refusal in JSON says the same as the page that it spares us to render.
        headers = {} if persona in expected or persona == ANONYMOUS else JSON
        answer = await scene.browsers[persona].get(place.url, headers=headers)
        if (problem := misplaced(answer, persona, persona in expected)) is not None:
            wrong.append(f"GET {place.url} ({route.name}) by {persona}: {problem}")
    return wrong


def misplaced(answer: Any, persona: str, is_welcome: bool) -> str | None:
    """What is wrong with this answer, if anything."""
    to_sign_in = answer.status_code == 303 and answer.headers["location"] == "/sign-in"
    if is_welcome:
        good = answer.status_code < 400 and (not to_sign_in or persona != ANONYMOUS)
        good = good or answer.status_code in (409, 422)
    elif persona == ANONYMOUS:
        good = to_sign_in or answer.status_code in (401, 404)
    else:
        good = answer.status_code in (403, 404)
    return None if good else f"{answer.status_code}, although {'' if is_welcome else 'not '}for this persona"


async def test_a_refused_act_is_not_found_and_leaves_no_trace(scene: Scene) -> None:
    wrong: list[str] = []
    async for route in unchanging(scene, "POST", wrong):
        for place in places_of(route, scene.made):
            for persona in scene.tried_by(set(scene.people) - welcome(route, place, scene.people)):
                answer = await scene.browsers[persona].post(place.url, headers=JSON)
                if (problem := misplaced(answer, persona, False)) is not None:
                    wrong.append(f"POST {place.url} ({route.name}) by {persona}: {problem}")
    assert not wrong, "\n".join(wrong)


async def test_an_act_from_another_site_or_from_nowhere_is_refused(scene: Scene) -> None:
    """The headers in all their forms are tried in tests/web/test_guard.py; here no route escapes."""
    before = await scene.digest()
    for route in routes_of(scene.server.app, "POST"):
        place = places_of(route, scene.made)[0]
        client = scene.browsers[min(welcome(route, place, scene.people))]
        own = client.headers.pop("Origin")
        for headers in ({}, {"Origin": "https://evil.example"}):
            answer = await client.post(place.url, headers=headers)
            assert answer.status_code == 403, (route.path, headers)
        client.headers["Origin"] = own
    assert await scene.digest() == before


async def test_each_persona_hears_what_it_may_read_and_nothing_else(scene: Scene) -> None:
    topics = topics_of(scene)
    known = {topic.rpartition("-")[0] for topic in topics}
    assert known == set(scene.server.app.state.topics), "say below who hears of this topic"
    wrong = []
    for persona, person in scene.people.items():
        if person is None:
            continue
        heard = await watchable(scene, persona, list(topics))
        for topic, home in topics.items():
            expected = persona in set().union(*home.values())
            if (topic in heard) != expected:
                wrong.append(f"{topic} by {persona}: {'heard' if topic in heard else 'refused'}")
    assert not wrong, "\n".join(wrong)


def topics_of(scene: Scene) -> dict[str, Home]:
    made, world = scene.made, scene.made.world
    return {
        f"assessment-{world.assessment.id}": OFFICE,  # who comes and goes in which group,
        f"group-{world.infection.id}": GROUP,
        f"group-{world.pharmacology.id}": OTHER,
        f"group-{world.committee.id}": COMMITTEE,
        f"question-{made.question}": QUESTION,
        f"question-{made.blind}": GROUP,
        f"question-{world.other_question.id}": OTHER,
        f"vote-{made.rating}": QUESTION,
        f"vote-{made.choice}": QUESTION,
        f"vote-{made.committee_vote}": COMMITTEE,
        f"round-{made.open_round}": GROUP,
        f"meeting-{made.meeting}": GROUP,
        f"meeting-{made.committee_meeting}": COMMITTEE,
        f"minutes-{made.meeting}": GROUP,
        f"minutes-{made.committee_meeting}": COMMITTEE,
        f"hearing-{made.hearing}": HEARING,
        f"record-{made.record}": COMMITTEE,
        f"person-{world['expert'].id}": {"signed_in": {"expert"}},
        f"person-{world['chair'].id}": {"signed_in": {"chair"}},
        "question-999": {},
        "assessment-0": {},
    }


async def watchable(scene: Scene, persona: str, topics: list[str]) -> set[str]:
    """The topics of which the socket grants the watching to this persona."""
    token = scene.browsers[persona].cookies["deliberate"]
    address = f"{scene.server.ws_url}/live"
    headers = {"Cookie": f"deliberate={token}", "Origin": scene.server.url}
    heard, answered = set(), set()
    async with (
        websockets.connect(address, additional_headers=headers, proxy=None) as line,
        asyncio.timeout(120),
    ):
        for topic in topics:
            await line.send(json.dumps({"watch": topic}))
        while len(answered) < len(topics):
            frame = json.loads(await line.recv())
            heard |= {frame["watching"]} if "watching" in frame else set()
            answered |= {frame[key] for key in ("watching", "refused") if key in frame}
    return heard


async def test_nobody_signed_out_or_from_another_site_comes_to_the_socket(scene: Scene) -> None:
    address = f"{scene.server.ws_url}/live"
    token = scene.browsers["expert"].cookies["deliberate"]
    attempts = [
        {"Origin": scene.server.url},
        {"Cookie": f"deliberate={token}", "Origin": "https://evil.example"},
        {"Cookie": f"deliberate={token}", "Origin": "null"},
        {"Cookie": f"deliberate={token}"},
    ]
    for headers in attempts:
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with websockets.connect(address, additional_headers=headers, proxy=None):
                pass
        assert refused.value.response.status_code == 403, headers
    async with websockets.connect(
        address, additional_headers=attempts[1] | {"Origin": scene.server.url}, proxy=None
    ) as line:
        assert "hello" in json.loads(await line.recv())


# Last: these acts change the world.


async def test_an_act_exists_for_everybody_it_is_declared_for(scene: Scene) -> None:
    wrong = []
    routes = routes_of(scene.server.app, "POST")
    for route in sorted(routes, key=lambda route: LAST.index(route.name) if route.name in LAST else -1):
        for place in places_of(route, scene.made):
            personas = sorted(welcome(route, place, scene.people))
            for persona, url in zip(personas, cycle(place.urls), strict=False):
                client = await scene.new_browser(persona)  # some acts end the sign-in
                answer = await client.post(url, headers=JSON)
                if answer.status_code in REFUSED or answer.status_code >= 500:
                    wrong.append(f"POST {url} ({route.name}) by {persona}: {answer.status_code}")
                await client.aclose()
    assert not wrong, "\n".join(wrong)


# What ends something comes after everything that needs it.
LAST = ["remove_item", "end_membership", "remove_person"]
