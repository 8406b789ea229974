"""Questions from their founding to the lock: the row, the entry, and who is refused."""

from pathlib import Path
from typing import Any

import pytest

from deliberate.assessments.actions import found_assessment
from deliberate.assessments.file import read_assessment
from deliberate.errors import Invalid, NotAllowed, NotFound, Refused
from deliberate.evidence.models import EvidenceItem, EvidenceSubject, evidence_of
from deliberate.interests.models import Declaration
from deliberate.live.hub import Watcher, hub
from deliberate.live.journal import commitment
from deliberate.people.actions import CONSOLE
from deliberate.questions import actions, statements
from deliberate.questions.founding import add_evidence_items, add_questions
from deliberate.questions.models import (
    Conclusion,
    Opinion,
    Reopening,
    RiskQuestion,
    Statement,
    gate_of,
    newest_conclusion,
    questions_of,
    scales_of,
    seen_by,
    statement_texts,
)
from deliberate.questions.rules import OpinionStage, Stage
from tests.questions.helpers import CONCLUSION, at_stage, entries, kinds, opinion, write
from tests.support.builders import World, make_assessment, make_world, pair

EVERYBODY_ELSE = [
    "expert",
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
MESOTHERAPY = Path(__file__).parents[2] / "config" / "assessments" / "mesotherapy.toml"


@pytest.fixture
async def world(database: Any) -> World:
    return await make_world()


async def stage_of(question: RiskQuestion) -> str:
    return (await RiskQuestion.get(id=question.id)).stage


async def test_the_secretariat_adds_a_question_with_its_statements(world: World) -> None:
    question = await actions.add_question(
        world.assessment.id,
        group_id=world.infection.id,
        code="I-9",
        kind="infectious",
        title=pair("New"),
        text=pair("What?"),
        hazard=pair("Abscess"),
        statements=[("I-9.1", pair("One")), ("I-9.2", pair("Two"))],
        actor=world["secretariat"],
    )
    assert [found.code for found in await questions_of(world.assessment.id)] == ["I-1", "P-1", "I-9"]
    assert [found.text["en"] for found in (await statement_texts([question.id])).values()] == ["One", "Two"]
    [entry] = await entries(world, f"question-{question.id}")
    assert (entry["kind"], entry["details"]) == (
        "question_added",
        {"group": world.infection.id, "statements": 2},
    )


@pytest.mark.parametrize("actor", ["chair", *EVERYBODY_ELSE])
async def test_nobody_else_prepares_a_question(world: World, actor: str) -> None:
    with pytest.raises(NotFound):
        await actions.add_question(
            world.assessment.id,
            group_id=world.infection.id,
            code="I-9",
            kind="infectious",
            title=pair("New"),
            text=pair("What?"),
            hazard=pair("Abscess"),
            statements=[],
            actor=world[actor],
        )
    with pytest.raises(NotFound):
        await actions.open_opinions(world.question.id, world[actor])
    await at_stage(world.question, Stage.EVIDENCE_READY)
    with pytest.raises(NotFound):
        await actions.reveal_opinions(world.question.id, world[actor])
    with pytest.raises(NotFound):
        await actions.lock_questions(world.assessment.id, world[actor])
    assert await entries(world) == []


@pytest.mark.parametrize("wrong", ["committee", "foreign", "code"])
async def test_a_question_has_a_code_of_its_own_and_a_working_group_of_its_assessment(
    world: World, wrong: str
) -> None:
    foreign = await make_world()
    group = {"committee": world.committee, "foreign": foreign.infection}.get(wrong, world.infection)
    with pytest.raises(Refused):
        await actions.add_question(
            world.assessment.id,
            group_id=group.id,
            code="I-1" if wrong == "code" else "I-9",
            kind="",
            title=pair("New"),
            text=pair("What?"),
            hazard=pair("Abscess"),
            statements=[],
            actor=world["secretariat"],
        )


async def test_the_file_of_an_assessment_brings_its_questions_and_its_dossier(database: Any) -> None:
    file = read_assessment(MESOTHERAPY.read_text("utf-8"))
    assessment, made = await found_assessment(file, CONSOLE, also=[add_questions, add_evidence_items])
    questions = await questions_of(assessment.id)
    assert made and [found.code for found in questions] == [entry.code for entry in file.questions]
    assert {found.stage for found in questions} == {Stage.ASSIGNED}
    found = await statement_texts([questions[0].id])
    assert [statement.text for statement in found.values()] == [
        entry.text.model_dump() for entry in file.questions[0].statements
    ]
    assert await EvidenceItem.filter(assessment=assessment).count() == len(file.evidence)
    for_all = {entry.code for entry in file.evidence if entry.questions == "all"}
    assert for_all <= {item.code for item in await evidence_of(f"question-{questions[-1].id}")}
    rows = await EvidenceSubject.all().count()
    again, made = await found_assessment(file, CONSOLE, also=[add_questions, add_evidence_items])
    assert (again.id, made) == (assessment.id, False)
    assert await EvidenceSubject.all().count() == rows


async def test_opening_and_revealing_are_told_and_signed(world: World) -> None:
    signed: list[int] = []
    hub.on_checkpoint, before = signed.append, hub.on_checkpoint
    watcher = Watcher(world["expert"].id)
    hub.watch(watcher, f"question-{world.question.id}")
    try:
        await actions.open_opinions(world.question.id, world["secretariat"])
        assert await stage_of(world.question) == Stage.EVIDENCE_READY
        await write(world, world.experts[0])
        await write(world, world.experts[1])
        assert await actions.reveal_opinions(world.question.id, world["secretariat"]) == 2
    finally:
        hub.on_checkpoint = before
        hub.unwatch(watcher, f"question-{world.question.id}")
    found = await RiskQuestion.get(id=world.question.id)
    assert found.stage == Stage.OPINION_DRAFT and found.revealed_at is not None
    assert {row.stage for row in await Opinion.all()} == {OpinionStage.REVEALED}
    assert await kinds(world) == [
        "opinions_opened",
        "opinion_submitted",
        "opinion_submitted",
        "opinions_revealed",
    ]
    assert signed == [world.assessment.id] * 2
    assert len(watcher.take()) == 4


async def test_an_opening_or_a_reveal_out_of_turn_is_refused(world: World) -> None:
    secretariat = world["secretariat"]
    for stage in Stage:
        await at_stage(world.question, stage)
        if stage is not Stage.ASSIGNED:
            with pytest.raises(Refused):
                await actions.open_opinions(world.question.id, secretariat)
        if stage is not Stage.EVIDENCE_READY:
            with pytest.raises(Refused):
                await actions.reveal_opinions(world.question.id, secretariat)
    assert await entries(world) == []


async def test_nothing_is_revealed_when_nobody_has_written(world: World) -> None:
    await at_stage(world.question, Stage.EVIDENCE_READY)
    with pytest.raises(Refused):
        await actions.reveal_opinions(world.question.id, world["secretariat"])
    assert await stage_of(world.question) == Stage.EVIDENCE_READY


@pytest.mark.parametrize("actor", ["secretariat", "chair"])
async def test_a_conclusion_is_written_in_versions_and_the_same_again_is_the_same(
    world: World, actor: str
) -> None:
    await at_stage(world.question, Stage.OPINION_DRAFT)
    first = await actions.write_conclusion(world.question.id, CONCLUSION, world[actor], based_on=0)
    again = await actions.write_conclusion(world.question.id, CONCLUSION, world[actor], based_on=0)
    other = actions.ConclusionText("Otherwise.", CONCLUSION.assessed, "en")
    second = await actions.write_conclusion(world.question.id, other, world[actor], based_on=1)
    assert (first.id, first.version, second.version) == (again.id, 1, 2)
    written = (await entries(world, f"question-{world.question.id}"))[0]
    assert written["details"] == {
        "about": f"conclusion-{first.id}",
        "version": 1,
        "commitment": commitment(CONCLUSION.content(), first.salt),
    }
    assert await kinds(world) == ["conclusion_written"] * 2


async def test_a_conclusion_written_meanwhile_is_not_overwritten(world: World) -> None:
    await at_stage(world.question, Stage.OPINION_DRAFT)
    await actions.write_conclusion(world.question.id, CONCLUSION, world["chair"], based_on=0)
    other = actions.ConclusionText("Otherwise.", CONCLUSION.assessed, "en")
    with pytest.raises(Refused):
        await actions.write_conclusion(world.question.id, other, world["secretariat"], based_on=0)
    assert await Conclusion.all().count() == 1


@pytest.mark.parametrize("actor", EVERYBODY_ELSE)
async def test_nobody_else_concludes_adopts_rewords_or_reopens(world: World, actor: str) -> None:
    await at_stage(world.question, Stage.OPINION_DRAFT)
    await actions.write_conclusion(world.question.id, CONCLUSION, world["chair"])
    statement = await Statement.filter(question=world.question).first()
    before = await entries(world)
    with pytest.raises(NotFound):
        await actions.write_conclusion(world.question.id, CONCLUSION, world[actor])
    with pytest.raises(NotFound):
        await actions.adopt_conclusion(world.question.id, 1, world[actor])
    with pytest.raises(NotFound):
        await statements.reword_statement(statement.id, pair("Other"), "Clearer.", world[actor])
    await at_stage(world.question, Stage.OPINION_ADOPTED)
    with pytest.raises(NotFound):
        await actions.reopen_question(world.question.id, "New data.", world[actor])
    assert await entries(world) == before


async def test_the_chair_alone_adopts_the_newest_version(world: World) -> None:
    await at_stage(world.question, Stage.OPINION_DRAFT)
    with pytest.raises(Refused):  # there is none yet
        await actions.adopt_conclusion(world.question.id, 0, world["chair"])
    await actions.write_conclusion(world.question.id, CONCLUSION, world["secretariat"])
    with pytest.raises(NotFound):
        await actions.adopt_conclusion(world.question.id, 1, world["secretariat"])
    with pytest.raises(Refused):
        await actions.adopt_conclusion(world.question.id, 7, world["chair"])
    await actions.adopt_conclusion(world.question.id, 1, world["chair"])
    adopted = await newest_conclusion(world.question.id)
    assert adopted is not None and adopted.adopted_at and adopted.adopted_by_id == world["chair"].id
    assert await stage_of(world.question) == Stage.OPINION_ADOPTED
    with pytest.raises(Refused):
        await actions.adopt_conclusion(world.question.id, 1, world["chair"])
    assert await kinds(world) == ["conclusion_written", "conclusion_adopted"]


async def test_a_chair_without_a_valid_declaration_reads_nothing_and_does_nothing(world: World) -> None:
    await at_stage(world.question, Stage.OPINION_DRAFT)
    chair = world["chair"]
    await actions.write_conclusion(world.question.id, CONCLUSION, chair)
    await Declaration.filter(person=chair).delete()
    statement = await Statement.filter(question=world.question).first()
    for act in (
        seen_by(chair.id, world.question.id),
        actions.write_conclusion(world.question.id, CONCLUSION, chair),
        actions.adopt_conclusion(world.question.id, 1, chair),
        statements.reword_statement(statement.id, pair("Other"), "Clearer.", chair),
    ):
        with pytest.raises(NotAllowed):
            await act


async def test_the_assessment_is_locked_as_a_whole_and_opinions_become_final(world: World) -> None:
    await at_stage(world.question, Stage.EVIDENCE_READY)
    await write(world, world["expert"])
    await actions.reveal_opinions(world.question.id, world["secretariat"])
    await at_stage(world.question, Stage.OPINION_ADOPTED)
    with pytest.raises(Refused):
        await actions.lock_questions(world.assessment.id, world["secretariat"])
    assert await stage_of(world.question) == Stage.OPINION_ADOPTED
    await at_stage(world.other_question, Stage.OPINION_ADOPTED)
    locked = await actions.lock_questions(world.assessment.id, world["secretariat"])
    assert locked == [world.question.id, world.other_question.id]
    assert (await Opinion.get(author=world["expert"])).stage == OpinionStage.FINAL
    assert (await kinds(world))[-1] == "question_locked"
    assert await actions.lock_questions(world.assessment.id, world["secretariat"]) == []


async def test_a_reopening_leaves_its_reason_and_lets_members_revise(world: World) -> None:
    await at_stage(world.question, Stage.EVIDENCE_READY)
    await write(world, world["expert"])
    await actions.reveal_opinions(world.question.id, world["secretariat"])
    for question in (world.question, world.other_question):
        await at_stage(question, Stage.OPINION_ADOPTED)
    await actions.lock_questions(world.assessment.id, world["secretariat"])
    with pytest.raises(Invalid):
        await actions.reopen_question(world.question.id, "", world["secretariat"])
    with pytest.raises(NotAllowed):
        await actions.reopen_question(world.question.id, "New data.", world["chair"])
    await actions.reopen_question(world.question.id, "New data of the agency.", world["secretariat"])
    assert await stage_of(world.question) == Stage.OPINION_DRAFT
    deviation = await Reopening.get(question=world.question)
    entry = (await entries(world, f"question-{world.question.id}"))[-1]
    assert entry["kind"] == "question_reopened"
    assert entry["details"] == {
        "stage": "locked",
        "commitment": commitment({"reason": deviation.reason}, deviation.salt),
    }
    await write(world, world["expert"], opinion("Changed by the new data."))
    assert (await Opinion.get(author=world["expert"])).stage == OpinionStage.REVISED
    with pytest.raises(Refused):  # it was revealed once
        await actions.reveal_opinions(world.question.id, world["secretariat"])


async def test_what_does_not_exist_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        await actions.open_opinions(999, world["secretariat"])
    with pytest.raises(NotFound):
        await statements.reword_statement(999, pair("x"), "x", world["secretariat"])
    assert await gate_of("statement-999") is None
    assert await gate_of("question-x") is None


async def test_later_domains_find_the_gate_of_a_subject_and_the_scales(world: World) -> None:
    statement = await Statement.filter(question=world.question).first()
    gate = (f"question-{world.question.id}", world.infection.id)
    assert await gate_of(f"statement-{statement.id}") == gate
    assert await gate_of(f"question-{world.question.id}") == gate
    other = await make_assessment(protocol={"risk": {"severity_scale": "WHO_5", "likelihood_scale": "CIOMS"}})
    assert (await scales_of(other.id)).severity == "WHO_5"
    assert (await scales_of(world.assessment.id)).likelihood == "HAS_5"
