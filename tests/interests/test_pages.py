"""Declaring interests and following those of a group, on a real server."""

import re
from datetime import timedelta
from typing import Any

import pytest

from deliberate.errors import NotFound
from deliberate.interests.models import Declaration, Interest, InterestDecision, latest_declaration
from deliberate.live.client import LiveClient
from deliberate.people.models import Person
from tests.people.helpers import JSON, browser_of
from tests.support.builders import NOW, World, declare, join, make_person, make_world, sign_in

FOLLOWERS = ("secretariat", "chair", "other_chair", "committee_chair")
OTHERS = (
    "expert",
    "undeclared",
    "recused",
    "other_expert",
    "member",
    "stakeholder",
    "administrator",
    "signed_in",
    "foreign_secretariat",
)
LINE = {
    "section_0": "capital",
    "organisation_0": "Laboratoire O'Brien",
    "description_0": "Shares",
    "major_0": "yes",
}


@pytest.fixture
async def world(server: Any) -> World:
    return await make_world()


def words(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def decision(world: World, person: Person, **changes: str) -> dict[str, str]:
    return {
        "person": str(person.id),
        "subject": f"question-{world.question.id}",
        "outcome": "recused_item",
        "category": "capital",
        "reason": "Holds shares in the maker.",
        **changes,
    }


# My declaration


async def test_a_declaration_is_signed_and_shown_with_the_day_it_ends(server: Any, world: World) -> None:
    browser = await browser_of(server, world["undeclared"])
    assert "You have not signed a declaration yet" in (await browser.get("/interests")).text
    assert "Sign your declaration of interests" in (await browser.get("/")).text
    signed = await browser.post("/interests", data=LINE)
    assert (signed.status_code, signed.headers["location"]) == (303, "/interests")
    page = (await browser.get("/interests")).text
    assert "Counts until" in page and 'value="Laboratoire O&#39;Brien"' in page
    assert "Sign your declaration" not in (await browser.get("/")).text
    facts = (await browser.get("/interests", headers=JSON)).json()
    assert facts["valid"] and [link["organisation"] for link in facts["interests"]] == ["Laboratoire O'Brien"]
    assert (await Interest.get()).major


async def test_nothing_to_declare_is_one_tick_and_twice_is_once(server: Any, world: World) -> None:
    browser = await browser_of(server, world["undeclared"])
    sent = {"nothing_to_declare": "yes", "section_0": "", "organisation_0": " ", "description_0": ""}
    first = (await browser.post("/interests", data=sent, headers=JSON)).json()
    assert (await browser.post("/interests", data=sent, headers=JSON)).json() == first
    assert first["version"] == 1 and await Declaration.filter(person=world["undeclared"]).count() == 1


async def test_an_incomplete_line_is_named_and_nothing_typed_is_lost(server: Any, world: World) -> None:
    browser = await browser_of(server, world["undeclared"])
    answer = await browser.post("/interests", data={**LINE, "section_0": "", "description_0": ""})
    assert answer.status_code == 422
    assert "Line 1: choose the kind of interest." in words(answer.text)
    assert 'href="#f-description_0"' in answer.text and "O&#39;Brien" in answer.text
    neither = await browser.post("/interests", data={})
    assert neither.status_code == 422 and "say that you have none" in neither.text
    assert await latest_declaration(world["undeclared"].id) is None


async def test_more_lines_are_to_be_had_without_scripts(server: Any, world: World) -> None:
    browser = await browser_of(server, world["undeclared"])
    many = {
        f"{name}_{number}": text
        for number in range(3)
        for name, text in (("section", "other"), ("organisation", f"Society {number}"))
    }
    page = (await browser.post("/interests", data={**many, "more": "yes"})).text
    assert "Society 2" in page and 'name="organisation_4"' in page
    assert await latest_declaration(world["undeclared"].id) is None


async def test_an_old_declaration_waits_to_be_renewed(server: Any, world: World) -> None:
    person = world["undeclared"]
    browser = await browser_of(server, person)
    await declare(person, NOW - timedelta(days=345))
    assert "Renew your declaration of interests" in (await browser.get("/")).text
    await declare(person, NOW - timedelta(days=400))
    assert "no longer counts" in (await browser.get("/interests")).text


async def test_who_sits_nowhere_is_not_asked_to_declare(server: Any, world: World) -> None:
    for persona in ("signed_in", "administrator", "secretariat", "stakeholder"):
        assert (
            "declaration of interests" not in (await (await browser_of(server, world[persona])).get("/")).text
        )


async def test_one_reads_what_was_decided_on_ones_interests(server: Any, world: World) -> None:
    page = words((await (await browser_of(server, world["recused"])).get("/interests")).text)
    assert "recused from this question" in page and "Holds shares in the maker." in page
    assert "I-1" in page
    assert "Question I-1" not in page  # for the recused person the question does not exist


# Those of an assessment


async def test_the_secretariat_and_chairs_see_their_members_and_nobody_else_does(
    server: Any, world: World
) -> None:
    path = f"/a/{world.assessment.slug}/interests"
    for persona in FOLLOWERS:
        browser = await browser_of(server, world[persona])
        page = (await browser.get(path)).text
        own = {"chair": "Expert 0", "other_chair": "Other expert", "committee_chair": "Member 0"}.get(persona)
        for name in ("Expert 0", "Other expert", "Member 0"):
            assert (name in page) is (own is None or name == own), (persona, name)
    for persona in OTHERS:
        browser = await browser_of(server, world[persona])
        assert (await browser.get(path)).status_code == 404, persona
        for headers in ({}, JSON):
            answer = await browser.post(path, data=decision(world, world["expert"]), headers=headers)
            assert answer.status_code == 404, persona
            assert (await browser.post(path, data={}, headers=headers)).status_code == 404, persona


async def test_the_list_says_who_has_no_valid_declaration(server: Any, world: World) -> None:
    browser = await browser_of(server, world["chair"])
    page = words((await browser.get(f"/a/{world.assessment.slug}/interests")).text)
    assert "1 without a valid declaration" in page
    assert page.index("Undeclared") < page.index("Expert 0")


async def test_a_chair_reads_the_declared_interests_and_decides(server: Any, world: World) -> None:
    expert = await browser_of(server, world["expert"])
    await expert.post("/interests", data=LINE)
    chair, path = await browser_of(server, world["chair"]), f"/a/{world.assessment.slug}/interests"
    page = (await chair.get(f"{path}?person={world['expert'].id}")).text
    assert "Laboratoire O&#39;Brien" in page and "I-1 Question I-1" in page and "P-1" not in page
    assert f'action="{path}"' in page
    assert re.search(r'value="recused_item" checked', page)  # a major link suggests it
    answer = await chair.post(path, data=decision(world, world["expert"]))
    assert answer.status_code == 303
    assert (await expert.get(f"/questions/{world.question.id}")).status_code == 404
    told = (await chair.get(path, headers=JSON)).json()
    [member] = [each for each in told["members"] if each["person"] == world["expert"].id]
    assert member["decisions"] == {f"question-{world.question.id}": "recused_item"}


async def test_a_decision_that_is_not_complete_keeps_what_was_typed(server: Any, world: World) -> None:
    chair, path = await browser_of(server, world["chair"]), f"/a/{world.assessment.slug}/interests"
    for changes, field in (
        ({"category": ""}, "category"),
        ({"reason": ""}, "reason"),
        ({"subject": f"question-{world.other_question.id}"}, "subject"),
        ({"subject": "question-999"}, "subject"),
    ):
        answer = await chair.post(path, data=decision(world, world["expert"], **changes))
        assert answer.status_code == 422 and f'href="#f-{field}"' in answer.text, changes
    assert not await InterestDecision.filter(person=world["expert"]).exists()
    assert (await chair.get(f"{path}?person={world['other_expert'].id}")).status_code == 404
    assert (await chair.get(f"{path}?person=x")).status_code == 404


async def test_a_large_group_is_listed_a_page_at_a_time(server: Any, world: World) -> None:
    for number in range(60):
        person = await make_person(f"Zz {number:02}")
        await join(person, world.assessment, "expert", world.infection)
    chair, path = await browser_of(server, world["chair"]), f"/a/{world.assessment.slug}/interests"
    first, second = (await chair.get(path)).text, (await chair.get(f"{path}?page=2")).text
    assert "Zz 00" in first and "Zz 59" not in first and "Zz 59" in second
    assert (await chair.get(f"{path}?page=nonsense")).status_code == 200


async def test_the_members_of_a_group_hear_who_is_kept_out_and_others_do_not(
    server: Any, world: World
) -> None:
    topic = f"group-{world.infection.id}"
    for persona in ("secretariat", "chair", "expert", "recused"):
        async with LiveClient(server.url, f"deliberate={await sign_in(world[persona])}") as live:
            await live.watch(topic)
    for persona in ("other_expert", "member", "stakeholder", "administrator", "foreign_secretariat"):
        async with LiveClient(server.url, f"deliberate={await sign_in(world[persona])}") as live:
            with pytest.raises(NotFound):
                await live.watch(topic)
