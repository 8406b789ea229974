"""What the file of an assessment says of questions and dossier, stored in the act that founds it.

Steps for `assessments.actions.found_assessment(…, also=[add_questions, add_evidence_items])`, which has
checked the rights. Many rows at once: an assessment may have 300 questions and 5,000 references.
"""

from collections.abc import Mapping

from deliberate.assessments.file import AssessmentFile, EvidenceFile
from deliberate.assessments.models import Assessment, Group
from deliberate.evidence.actions import add_documents
from deliberate.evidence.rules import Document
from deliberate.live.journal import Note
from deliberate.questions.models import RiskQuestion, Statement, Wording
from deliberate.questions.rules import Stage, subject_of

BATCH = 500


async def add_questions(
    note: Note, assessment: Assessment, groups: Mapping[str, Group], file: AssessmentFile
) -> None:
    """Every question, given to its working group, with its statements."""
    await RiskQuestion.bulk_create(
        [
            RiskQuestion(
                assessment_id=assessment.id,
                group_id=groups[question.group].id,
                code=question.code,
                kind=question.kind or "",
                title=question.title.model_dump(),
                text=question.text.model_dump(),
                hazard=question.hazard.model_dump(),
                position=position,
                stage=Stage.ASSIGNED,
            )
            for position, question in enumerate(file.questions)
        ],
        batch_size=BATCH,
    )
    ids = await ids_by_code(assessment.id)
    await add_statements(note, ids, file)
    for question in file.questions:
        await note(
            subject_of(ids[question.code]),
            "question_added",
            group=groups[question.group].id,
            statements=len(question.statements),
        )


async def add_statements(note: Note, ids: Mapping[str, int], file: AssessmentFile) -> None:
    await Statement.bulk_create(
        [
            Statement(question_id=ids[question.code], code=statement.code, position=position)
            for question in file.questions
            for position, statement in enumerate(question.statements)
        ],
        batch_size=BATCH,
    )
    rows = await Statement.filter(question_id__in=list(ids.values())).values_list("question_id", "code", "id")
    statement_ids = {(question_id, code): statement_id for question_id, code, statement_id in rows}
    await Wording.bulk_create(
        [
            Wording(
                statement_id=statement_ids[ids[question.code], statement.code],
                version=1,
                text=statement.text.model_dump(),
                at=note.now,
            )
            for question in file.questions
            for statement in question.statements
        ],
        batch_size=BATCH,
    )


async def add_evidence_items(
    note: Note, assessment: Assessment, groups: Mapping[str, Group], file: AssessmentFile
) -> None:
    """The dossier, each document bearing on its questions: after `add_questions`, whose keys it needs."""
    ids = await ids_by_code(assessment.id)
    documents = []
    for entry in file.evidence:
        codes = ids if entry.questions == "all" else entry.questions
        documents.append((document_of(entry), [subject_of(ids[code]) for code in codes]))
    await add_documents(note, assessment.id, documents)


async def ids_by_code(assessment_id: int) -> dict[str, int]:
    rows = (
        await RiskQuestion.filter(assessment_id=assessment_id).order_by("position").values_list("code", "id")
    )
    return {code: question_id for code, question_id in rows}


def document_of(entry: EvidenceFile) -> Document:
    return Document(
        code=entry.code,
        kind=entry.kind,
        title=entry.title.model_dump(),
        description=entry.description.model_dump(),
        source=entry.source.model_dump(),
        level=entry.level or "",
    )
