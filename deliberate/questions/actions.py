"""The life of questions, from preparing to locking, with their conclusions.

With `opinions.py` and `statements.py` the only writer of these tables. Every act asks standing and state
inside its transaction.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from deliberate.assessments.models import Group, Pair
from deliberate.assessments.rules import GroupKind
from deliberate.errors import Refused
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import Note, acting, commitment, new_salt
from deliberate.people.models import Person
from deliberate.questions import rules, texts
from deliberate.questions.models import (
    Conclusion,
    Opinion,
    Reopening,
    RiskQuestion,
    Statement,
    Wording,
    assessment_of,
    newest_conclusion,
    scales_of,
)
from deliberate.questions.rules import OpinionStage, Stage
from deliberate.questions.texts import ConclusionText


@asynccontextmanager
async def acting_on(question_id: int, actor: Person) -> AsyncIterator[tuple[Note, RiskQuestion, Standing]]:
    """One act on one question, by somebody who may read it: state and standing as they are inside."""
    async with acting(await assessment_of(question_id), actor) as note:
        question = await RiskQuestion.get(id=question_id)
        standing = await standing_of(actor.id, question.assessment_id, note.now)
        rules.check_may_read(standing, question.id, question.group_id, Stage(question.stage))
        yield note, question, standing


async def add_question(
    assessment_id: int,
    *,
    group_id: int,
    code: str,
    kind: str,
    title: Pair,
    text: Pair,
    hazard: Pair,
    statements: Sequence[tuple[str, Pair]],
    position: int = 0,
    actor: Person,
) -> RiskQuestion:
    """A question with its statements, (code, text) each, given to its working group at once.

    Those of an assessment's file come with its founding instead, see `founding.py`.
    """
    async with acting(assessment_id, actor) as note:
        rules.check_prepares(await standing_of(actor.id, assessment_id, note.now))
        await check_new(assessment_id, group_id, code)
        question = await RiskQuestion.create(
            assessment_id=assessment_id,
            group_id=group_id,
            code=code,
            kind=kind,
            title=title,
            text=text,
            hazard=hazard,
            position=position,
            stage=Stage.ASSIGNED,
        )
        await add_statements(question, statements, note)
        await note(subject_of(question), "question_added", group=group_id, statements=len(statements))
    return question


async def check_new(assessment_id: int, group_id: int, code: str) -> None:
    group = await Group.get_or_none(id=group_id, assessment_id=assessment_id)
    if group is None or group.kind != GroupKind.WORKING_GROUP:
        raise Refused("A question is examined by a working group of its assessment.")
    if await RiskQuestion.filter(assessment_id=assessment_id, code=code).exists():
        raise Refused("Another question has the code {code}. Give each its own.", code=code)


async def add_statements(question: RiskQuestion, statements: Sequence[tuple[str, Pair]], note: Note) -> None:
    for position, (code, text) in enumerate(statements):
        statement = await Statement.create(question_id=question.id, code=code, position=position)
        await Wording.create(statement_id=statement.id, version=1, text=text, at=note.now)


async def open_opinions(question_id: int, actor: Person) -> None:
    """The documents are complete: members may write, each unseen by the others."""
    async with acting_on(question_id, actor) as (note, question, standing):
        rules.check_prepares(standing)
        rules.check_step(Stage(question.stage), Stage.EVIDENCE_READY)
        await move(question, Stage.EVIDENCE_READY)
        await note(subject_of(question), "opinions_opened")
        note.checkpoint()


async def reveal_opinions(question_id: int, actor: Person) -> int:
    """Shows every submitted opinion to the group at once; returns how many."""
    async with acting_on(question_id, actor) as (note, question, standing):
        rules.check_prepares(standing)
        rules.check_step(Stage(question.stage), Stage.OPINION_DRAFT)
        if question.revealed_at is not None:  # only a reopening leads here again, with its reason
            raise Refused(rules.STEP_REFUSALS[Stage.OPINION_DRAFT])
        waiting = Opinion.filter(question_id=question_id, stage=OpinionStage.SUBMITTED, set_aside_at=None)
        shown: list[int] = await waiting.order_by("id").values_list("id", flat=True)  # type: ignore[assignment]
        rules.check_reveal(len(shown))
        await Opinion.filter(id__in=shown).update(stage=OpinionStage.REVEALED)
        question.revealed_at = note.now
        await move(question, Stage.OPINION_DRAFT)
        await note(subject_of(question), "opinions_revealed", opinions=shown)
        note.checkpoint()
    return len(shown)


async def write_conclusion(
    question_id: int, text: ConclusionText, actor: Person, based_on: int | None = None
) -> Conclusion:
    """A new version of the group's answer; the same text again is the version already there.

    `based_on`: the version the writer had read, 0 for none. Someone else's newer version is not overwritten.
    """
    async with acting_on(question_id, actor) as (note, question, standing):
        rules.check_conducts(standing, question.id, question.group_id)
        rules.check_concluding(Stage(question.stage))
        texts.check_conclusion(text, await scales_of(question.assessment_id))
        newest = await newest_conclusion(question_id)
        if newest and newest.as_text() == text:
            return newest
        rules.check_based_on(based_on, newest.version if newest else 0)
        salt = new_salt()
        conclusion = await Conclusion.create(
            question_id=question_id,
            version=newest.version + 1 if newest else 1,
            author_id=actor.id,
            salt=salt,
            at=note.now,
            **text.content(),
        )
        await note(
            subject_of(question),
            "conclusion_written",
            about=f"conclusion-{conclusion.id}",
            version=conclusion.version,
            commitment=commitment(text.content(), salt),
        )
    return conclusion


async def adopt_conclusion(question_id: int, version: int, actor: Person) -> None:
    """The chair signs `version`, which must be the newest, as the group's answer."""
    async with acting_on(question_id, actor) as (note, question, standing):
        rules.check_chairs(standing, question.id, question.group_id)
        rules.check_step(Stage(question.stage), Stage.OPINION_ADOPTED)
        newest = await newest_conclusion(question_id)
        rules.check_adopts(version, newest.version if newest else 0)
        await Conclusion.filter(question_id=question_id, version=version).update(
            adopted_at=note.now, adopted_by_id=actor.id
        )
        await move(question, Stage.OPINION_ADOPTED)
        await note(subject_of(question), "conclusion_adopted", version=version)


async def lock_questions(assessment_id: int, actor: Person) -> list[int]:
    """All questions or none: called when the record is frozen for the committee. Returns those locked now."""
    async with acting(assessment_id, actor) as note:
        rules.check_prepares(await standing_of(actor.id, assessment_id, note.now))
        questions = await RiskQuestion.filter(assessment_id=assessment_id).order_by("position", "id")
        rules.check_lockable({question.code: Stage(question.stage) for question in questions})
        locked = [question.id for question in questions if question.stage != Stage.LOCKED]
        await RiskQuestion.filter(id__in=locked).update(stage=Stage.LOCKED)
        await Opinion.filter(
            question_id__in=locked, stage__in=[OpinionStage.REVEALED, OpinionStage.REVISED]
        ).update(stage=OpinionStage.FINAL)
        for question_id in locked:
            await note(f"question-{question_id}", "question_locked")
        note.checkpoint()
    return locked


async def reopen_question(question_id: int, reason: str, actor: Person) -> None:
    """Back to the discussion: a deviation, whose reason the record prints."""
    async with acting_on(question_id, actor) as (note, question, standing):
        rules.check_conducts(standing, question.id, question.group_id)
        rules.check_reopens(Stage(question.stage), reason, standing)
        rules.check_step(Stage(question.stage), Stage.OPINION_DRAFT)
        reopening = await Reopening.create(
            question_id=question_id,
            stage=question.stage,
            reason=reason,
            salt=new_salt(),
            by_id=actor.id,
            at=note.now,
        )
        await note(
            subject_of(question),
            "question_reopened",
            stage=question.stage,
            commitment=commitment({"reason": reason}, reopening.salt),
        )
        await move(question, Stage.OPINION_DRAFT)


async def move(question: RiskQuestion, stage: Stage) -> None:
    question.stage = stage
    await question.save(update_fields=["stage", "revealed_at"])


def subject_of(question: RiskQuestion) -> str:
    return rules.subject_of(question.id)
