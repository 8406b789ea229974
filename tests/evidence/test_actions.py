"""Adding and linking documents: the rows, the entries, and who is refused."""

import json
from typing import Any

import pytest

from deliberate.errors import Invalid, NotFound
from deliberate.evidence.actions import add_evidence, digest_of, link_evidence
from deliberate.evidence.models import (
    EvidenceItem,
    counts_by_subject,
    evidence_of,
    linked_among,
    subjects_of,
)
from deliberate.evidence.rules import Document
from deliberate.live.models import Entry
from tests.support.builders import World, make_world, pair

DOCUMENT = Document("L-1", "literature", pair("A case series"), pair("Twelve cases."), pair("A journal"), "C")
NOT_THE_SECRETARIAT = [
    "chair",
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
]


@pytest.fixture
async def world(database: Any) -> World:
    return await make_world()


def keys(world: World) -> tuple[str, str]:
    return f"question-{world.question.id}", f"question-{world.other_question.id}"


async def told(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    rows = await Entry.filter(journal=world.assessment.id).order_by("number")
    return [(row.topic, row.kind, json.loads(row.body)["details"]) for row in rows]


async def test_a_document_is_added_to_its_questions_and_they_hear_of_it(world: World) -> None:
    first, second = keys(world)
    item = await add_evidence(world.assessment.id, DOCUMENT, [first, second], world["secretariat"])
    assert [listed.code for listed in await evidence_of(first)] == ["L-1"]
    assert await counts_by_subject([first, second]) == {first: 1, second: 1}
    about = {"about": f"evidence-{item.id}"}
    assert await told(world) == [
        (f"assessment-{world.assessment.id}", "evidence_added", {**about, "digest": digest_of(DOCUMENT)}),
        (first, "evidence_linked", about),
        (second, "evidence_linked", about),
    ]


async def test_linking_says_only_what_changed(world: World) -> None:
    first, second = keys(world)
    item = await add_evidence(world.assessment.id, DOCUMENT, [first], world["secretariat"])
    before = await told(world)
    await link_evidence(item.id, [second], world["secretariat"])
    await link_evidence(item.id, [second], world["secretariat"])
    assert await subjects_of(item.id) == [second]
    assert await linked_among(first, [item.id]) == set()
    assert await linked_among(second, [item.id, 999]) == {item.id}
    assert [(topic, kind) for topic, kind, _ in (await told(world))[len(before) :]] == [
        (second, "evidence_linked"),
        (first, "evidence_unlinked"),
    ]


@pytest.mark.parametrize("actor", NOT_THE_SECRETARIAT)
async def test_nobody_else_keeps_the_dossier(world: World, actor: str) -> None:
    item = await add_evidence(world.assessment.id, DOCUMENT, [], world["secretariat"])
    before = await told(world)
    with pytest.raises(NotFound):
        await add_evidence(world.assessment.id, DOCUMENT, [], world[actor])
    with pytest.raises(NotFound):
        await link_evidence(item.id, [keys(world)[0]], world[actor])
    assert await told(world) == before


async def test_an_incomplete_document_leaves_no_trace(world: World) -> None:
    bad = Document("", "rumour", {}, {}, {})
    for document, subjects in ((bad, []), (DOCUMENT, ["vote-1"])):
        with pytest.raises(Invalid):
            await add_evidence(world.assessment.id, document, subjects, world["secretariat"])
    assert await EvidenceItem.all().count() == 0 and await told(world) == []


async def test_a_code_is_given_once_in_an_assessment(world: World) -> None:
    await add_evidence(world.assessment.id, DOCUMENT, [], world["secretariat"])
    with pytest.raises(Invalid):
        await add_evidence(world.assessment.id, DOCUMENT, [], world["secretariat"])
    other = await make_world()
    await add_evidence(other.assessment.id, DOCUMENT, [], other["secretariat"])


async def test_a_document_that_is_not_there_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await link_evidence(999, [], world["secretariat"])
