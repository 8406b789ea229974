"""The dossier as people meet it: each document found by those who may read one of its questions."""

from typing import Any

import pytest

from deliberate.evidence.models import EvidenceItem, subjects_of
from tests.people.helpers import JSON, browser_of
from tests.questions.helpers import make_evidence
from tests.support.builders import World, make_question, make_world, recuse

READERS = ("secretariat", "chair", "expert")
OTHERS = ("committee_chair", "member", "stakeholder", "administrator", "signed_in", "foreign_secretariat")
FORM = {
    "code": "L-9",
    "kind": "literature",
    "level": "C",
    "title_fr": "Une série",
    "title_en": "A series",
    "source_fr": "Une revue",
    "source_en": "A journal",
    "description_fr": "Douze cas.",
    "description_en": "Twelve <b>cases</b>.",
    "url": "https://example.org/paper",
}


@pytest.fixture
async def world(server: Any) -> World:
    return await make_world()


def path_of(world: World) -> str:
    return f"/a/{world.assessment.slug}/evidence"


async def test_a_document_is_found_by_who_may_read_one_of_its_questions(server: Any, world: World) -> None:
    shared = await make_evidence(world, "L-1", world.question, world.other_question)
    own = await make_evidence(world, "L-2", world.question)
    foreign = await make_evidence(world, "L-3", world.other_question)
    loose = await make_evidence(world, "L-4")
    expected = {
        "secretariat": {shared.id, own.id, foreign.id, loose.id},
        "chair": {shared.id, own.id},
        "expert": {shared.id, own.id},
        "recused": set(),
        "other_expert": {shared.id, foreign.id},
        **{persona: set() for persona in OTHERS},
    }
    for persona, found in expected.items():
        browser = await browser_of(server, world[persona])
        for item in (shared, own, foreign, loose):
            status = (await browser.get(f"/evidence/{item.id}")).status_code
            assert status == (200 if item.id in found else 404), (persona, item.code)
    page = (await (await browser_of(server, world["expert"])).get(f"/evidence/{shared.id}")).text
    assert "Question I-1" in page and "Question P-1" not in page


async def test_a_recusal_takes_the_documents_of_that_question_only(server: Any, world: World) -> None:
    second = await make_question(world.assessment, world.infection, "I-2")
    closed = await make_evidence(world, "L-1", world.question)
    both = await make_evidence(world, "L-2", world.question, second)
    browser = await browser_of(server, world["expert"])
    assert (await browser.get(f"/evidence/{closed.id}")).status_code == 200
    await recuse(world["expert"], world.assessment, f"question-{world.question.id}", world["chair"])
    assert (await browser.get(f"/evidence/{closed.id}")).status_code == 404
    page = (await browser.get(f"/evidence/{both.id}")).text
    assert "Question I-2" in page and "Question I-1" not in page
    dossier = (await browser.get(path_of(world))).text
    assert "L-2" in dossier and "L-1" not in dossier and "Question I-1" not in dossier


async def test_the_dossier_shows_one_question_at_a_time(server: Any, world: World) -> None:
    second = await make_question(world.assessment, world.infection, "I-2")
    await make_evidence(world, "L-1", world.question)
    await make_evidence(world, "L-2", second)
    browser = await browser_of(server, world["expert"])
    first = (await browser.get(path_of(world))).text
    assert "Document L-1" in first and "Document L-2" not in first and "(1)" in first
    other = (await browser.get(f"{path_of(world)}?subject=question-{second.id}")).text
    assert "Document L-2" in other and "Document L-1" not in other
    for subject in (f"question-{world.other_question.id}", "none", "question-999"):
        assert (await browser.get(f"{path_of(world)}?subject={subject}")).status_code == 404, subject


async def test_a_long_dossier_comes_in_pages(server: Any, world: World) -> None:
    for number in range(55):
        await make_evidence(world, f"L-{number:02}", world.question)
    browser = await browser_of(server, world["expert"])
    first, second = [(await browser.get(f"{path_of(world)}?page={number}")).text for number in (1, 2)]
    assert "Document L-49" in first and "Document L-50" not in first and "Document L-50" in second
    assert (await browser.get(f"{path_of(world)}?page=x")).status_code == 200
    question = (await browser.get(f"/questions/{world.question.id}")).text
    assert "25 more documents" in question


async def test_nobody_outside_the_working_groups_has_a_dossier(server: Any, world: World) -> None:
    for persona in READERS:
        assert (await (await browser_of(server, world[persona])).get(path_of(world))).status_code == 200, (
            persona
        )
    for persona in ("recused", *OTHERS):
        assert (await (await browser_of(server, world[persona])).get(path_of(world))).status_code == 404, (
            persona
        )


async def test_the_secretariat_adds_a_document_and_says_what_it_bears_on(server: Any, world: World) -> None:
    browser, key = await browser_of(server, world["secretariat"]), f"question-{world.question.id}"
    assert (await browser.get(f"{path_of(world)}/new")).status_code == 200
    made = await browser.post(path_of(world), data={**FORM, "subjects": key}, headers=JSON)
    item_id = made.json()["item"]
    page = (await browser.get(f"/evidence/{item_id}")).text
    assert "A series" in page and "Twelve &lt;b&gt;cases&lt;/b&gt;." in page
    other = f"question-{world.other_question.id}"
    await browser.post(f"/evidence/{item_id}/questions", data={"subjects": [other]})
    assert await subjects_of(item_id) == [other]
    foreign = await make_world()
    stolen = {"subjects": [f"question-{foreign.question.id}"]}
    assert (await browser.post(f"/evidence/{item_id}/questions", data=stolen)).status_code == 422
    assert await subjects_of(item_id) == [other]


async def test_an_incomplete_document_keeps_what_was_typed(server: Any, world: World) -> None:
    browser = await browser_of(server, world["secretariat"])
    answer = await browser.post(path_of(world), data={**FORM, "title_en": "", "url": "javascript:alert(1)"})
    assert answer.status_code == 422
    assert (
        "Une série" in answer.text and 'href="#f-title_en"' in answer.text and 'href="#f-url"' in answer.text
    )
    assert await EvidenceItem.all().count() == 0


async def test_nobody_else_adds_or_links(server: Any, world: World) -> None:
    item = await make_evidence(world, "L-1", world.question)
    for persona in ("chair", "expert", "recused", "other_chair", *OTHERS):
        browser = await browser_of(server, world[persona])
        assert (await browser.get(f"{path_of(world)}/new")).status_code == 404, persona
        for headers in ({}, JSON):
            for path in (path_of(world), f"/evidence/{item.id}/questions"):
                answer = await browser.post(path, data={}, headers=headers)
                assert answer.status_code == 404, (persona, path)


async def test_the_board_counts_the_documents(server: Any, world: World) -> None:
    await make_evidence(world, "L-1", world.question)
    board = (
        await (await browser_of(server, world["secretariat"])).get(f"/a/{world.assessment.slug}/board")
    ).text
    assert f"subject=question-{world.question.id}" in board and "Documents" in board
