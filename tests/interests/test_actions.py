"""Signing and deciding: the row, the entry, the news, and who is refused."""

import json
from typing import Any

import pytest

from deliberate.errors import Invalid, NotAllowed, NotFound, Refused
from deliberate.interests.actions import content_of, decide_interest, sign_declaration
from deliberate.interests.models import (
    Declaration,
    Interest,
    InterestDecision,
    decisions_in_force,
    standing_of,
    standings_of,
)
from deliberate.interests.rules import Link, Outcome
from deliberate.live.hub import Watcher, hub
from deliberate.live.journal import Note, commitment
from deliberate.live.models import HOUSE, Entry
from deliberate.people.models import Person
from tests.support.builders import World, declare, make_person, make_world

LINKS = [
    Link("capital", "Laboratoire O'Brien", "Shares", "2021", "", True),
    Link("other", "Société", "Congress"),
]


@pytest.fixture
async def world(database: Any) -> World:
    return await make_world()


async def entries(journal: int, topic: str) -> list[dict[str, Any]]:
    return [
        json.loads(row.body) for row in await Entry.filter(journal=journal, topic=topic).order_by("number")
    ]


async def decide(world: World, actor: Person, person: Person, **changes: Any) -> InterestDecision:
    given: dict[str, Any] = {
        "subject": f"question-{world.question.id}",
        "group_id": world.infection.id,
        "outcome": Outcome.RECUSED_ITEM,
        "category": "capital",
        "reason": "Holds shares in the maker.",
        **changes,
    }
    return await decide_interest(world.assessment.id, person.id, actor=actor, **given)


async def test_signing_opens_the_deliberation_and_commits_to_what_was_declared(world: World) -> None:
    person = world["undeclared"]
    assert not (await standing_of(person.id, world.assessment.id)).declared
    declaration = await sign_declaration(person, False, LINKS, person)
    assert (await standing_of(person.id, world.assessment.id)).declared
    assert await Interest.filter(declaration=declaration).count() == 2
    [entry] = await entries(HOUSE, f"person-{person.id}")
    assert entry["kind"] == "declaration_signed" and entry["actor"] == person.id
    assert entry["details"] == {
        "about": f"declaration-{declaration.id}",
        "version": 1,
        "commitment": commitment(content_of(person.id, 1, LINKS), declaration.salt),
    }
    assert "Laboratoire" not in json.dumps(entry)


async def test_signing_twice_on_one_day_is_one_declaration_and_a_change_is_a_new_one(world: World) -> None:
    person = world["undeclared"]
    first = await sign_declaration(person, False, LINKS, person)
    again = await sign_declaration(person, False, LINKS, person)
    changed = await sign_declaration(person, True, [], person)
    assert (again.id, changed.version) == (first.id, 2)
    assert await Declaration.filter(person=person).count() == 2
    assert len(await entries(HOUSE, f"person-{person.id}")) == 2


async def test_nobody_signs_for_another_and_an_incomplete_declaration_leaves_no_trace(world: World) -> None:
    person = world["undeclared"]
    with pytest.raises(NotAllowed):
        await sign_declaration(person, True, [], world["secretariat"])
    with pytest.raises(Invalid):
        await sign_declaration(person, False, [], person)
    assert not await Declaration.filter(person=person).exists()
    assert await Entry.all().count() == 0


@pytest.mark.parametrize("actor", ["secretariat", "chair"])
async def test_a_recusal_closes_the_question_at_once_and_says_so(world: World, actor: str) -> None:
    expert, topic = world["expert"], f"group-{world.infection.id}"
    subject = f"question-{world.question.id}"
    assert (await standing_of(expert.id, world.assessment.id)).reads(subject, world.infection.id)
    watcher, neighbour = Watcher(expert.id), Watcher(world.experts[1].id)
    hub.join(watcher)
    hub.join(neighbour)
    hub.watch(neighbour, topic)
    try:
        decision = await decide(world, world[actor], expert)
    finally:
        hub.leave(watcher)
        hub.leave(neighbour)
    assert not (await standing_of(expert.id, world.assessment.id)).reads(subject, world.infection.id)
    assert watcher.recheck and not neighbour.recheck
    [news] = [json.loads(frame) for frame in neighbour.take()]
    assert (news["kind"], news["about"]) == ("interest_decided", f"person-{expert.id}")
    [entry] = await entries(world.assessment.id, topic)
    assert entry["details"] == {
        "about": f"person-{expert.id}",
        "decision": decision.id,
        "subject": subject,
        "outcome": "recused_item",
        "category": "capital",
        "commitment": commitment(
            {"person": expert.id, "subject": subject, "reason": decision.reason}, decision.salt
        ),
    }
    assert "shares" not in json.dumps(entry)


async def test_the_latest_decision_holds_and_the_others_stay(world: World) -> None:
    expert, subject = world["expert"], f"question-{world.question.id}"
    await decide(world, world["chair"], expert)
    await decide(
        world, world["secretariat"], expert, outcome=Outcome.NONE, category="capital", reason="Sold."
    )
    assert (await standing_of(expert.id, world.assessment.id)).reads(subject, world.infection.id)
    rows = await InterestDecision.filter(person=expert).order_by("id")
    assert [(row.outcome, row.category) for row in rows] == [("recused_item", "capital"), ("none", "")]
    in_force = [row for row in await decisions_in_force(world.assessment.id) if row.person_id == expert.id]
    assert [row.outcome for row in in_force] == ["none"]


async def test_the_same_decision_again_changes_nothing(world: World) -> None:
    first = await decide(world, world["chair"], world["expert"])
    again = await decide(world, world["chair"], world["expert"])
    assert first.id == again.id
    assert len(await entries(world.assessment.id, f"group-{world.infection.id}")) == 1


async def test_an_exclusion_from_the_group_closes_all_its_questions(world: World) -> None:
    await decide(
        world,
        world["secretariat"],
        world["expert"],
        subject=f"group-{world.infection.id}",
        outcome=Outcome.EXCLUDED_GROUP,
    )
    standing = (await standings_of(world.assessment.id, [world["expert"].id]))[world["expert"].id]
    assert not standing.reads(f"question-{world.question.id}", world.infection.id)
    assert standing == await standing_of(world["expert"].id, world.assessment.id)


@pytest.mark.parametrize(
    "actor",
    [
        "expert",
        "undeclared",
        "recused",
        "other_chair",
        "other_expert",
        "committee_chair",
        "member",
        "stakeholder",
        "administrator",
        "signed_in",
        "foreign_secretariat",
    ],
)
async def test_nobody_else_decides(world: World, actor: str) -> None:
    with pytest.raises(NotFound):
        await decide(world, world[actor], world.experts[1])
    assert not await InterestDecision.filter(person=world.experts[1]).exists()


async def test_a_chair_without_a_valid_declaration_does_not_decide(world: World) -> None:
    chair = world["chair"]
    await Declaration.filter(person=chair).delete()
    with pytest.raises(NotAllowed):
        await decide(world, chair, world["expert"])
    await declare(chair)
    await decide(world, chair, world["expert"])


async def test_who_does_not_sit_in_the_group_is_not_recused_from_it(world: World) -> None:
    for stranger in (world["other_expert"], world["stakeholder"], await make_person()):
        with pytest.raises(Refused):
            await decide(world, world["secretariat"], stranger)


async def test_a_group_of_another_assessment_is_not_found(world: World) -> None:
    other = await make_world()
    with pytest.raises(NotFound):
        await decide(world, world["secretariat"], world["expert"], group_id=other.infection.id)


async def test_what_follows_from_a_decision_shares_its_fate(world: World) -> None:
    heard: list[tuple[int, str, str]] = []

    async def strike(note: Note, person_id: int, subject: str, outcome: Outcome) -> None:
        heard.append((person_id, subject, outcome))
        await note("vote-1", "name_struck")

    async def fail(note: Note, person_id: int, subject: str, outcome: Outcome) -> None:
        raise Refused("No.")

    await decide(world, world["chair"], world["expert"], also=[strike])
    assert heard == [(world["expert"].id, f"question-{world.question.id}", "recused_item")]
    assert len(await entries(world.assessment.id, "vote-1")) == 1
    with pytest.raises(Refused):
        await decide(world, world["chair"], world.experts[1], also=[strike, fail])
    assert len(await entries(world.assessment.id, "vote-1")) == 1
    assert not await InterestDecision.filter(person=world.experts[1]).exists()
