"""Risk questions, the statements to rate, opinions with their reasons, comments, and the group's
conclusion.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.expressions import F

from deliberate.assessments.models import Assessment, Pair
from deliberate.consensus.protocol import read_protocol
from deliberate.errors import NotFound
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.model import Model
from deliberate.questions.rules import Stage, check_may_read
from deliberate.questions.scales import Scales
from deliberate.questions.statement_rules import StatementState
from deliberate.questions.texts import Assessed, ConclusionText, OpinionText


class RiskQuestion(Model):
    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int
    group = fields.ForeignKeyField("assessments.Group", on_delete=fields.RESTRICT)
    group_id: int
    code = fields.CharField(max_length=40)  # unique (assessment, code)
    kind = fields.CharField(max_length=40)  # a code of Assessment.risk_kinds
    title: Pair = fields.JSONField()
    text: Pair = fields.JSONField()
    hazard: Pair = fields.JSONField()
    position = fields.IntField(default=0)
    stage = fields.CharField(max_length=20)  # rules.Stage
    revealed_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "questions_question"


class Statement(Model):
    id: int = fields.IntField(primary_key=True)
    question = fields.ForeignKeyField(
        "questions.RiskQuestion", on_delete=fields.RESTRICT, related_name="statements"
    )
    question_id: int
    code = fields.CharField(max_length=40)  # unique (question, code)
    position = fields.IntField(default=0)
    version = fields.IntField(default=1)  # of the wording now in force
    state = fields.CharField(
        max_length=20, default=StatementState.DRAFT, db_default=StatementState.DRAFT
    )  # statement_rules.StatementState
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)
    withdrawn_reason: str | None = fields.TextField(null=True)
    withdrawn_salt: str | None = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "questions_statement"


class StatementOrigin(Model):
    """One statement that came from another: a split has several children, a merge several parents."""

    id: int = fields.IntField(primary_key=True)
    statement = fields.ForeignKeyField(
        "questions.Statement", on_delete=fields.RESTRICT, related_name="origins"
    )
    statement_id: int  # unique (statement, parent)
    parent = fields.ForeignKeyField(
        "questions.Statement", on_delete=fields.RESTRICT, related_name="offspring"
    )
    parent_id: int
    how = fields.CharField(max_length=12)  # statement_rules.How
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "questions_statement_origin"


class StatementProposal(Model):
    """Words that a panellist proposes while the first round is open. Who, no page tells anybody else."""

    id: int = fields.IntField(primary_key=True)
    question = fields.ForeignKeyField(
        "questions.RiskQuestion", on_delete=fields.RESTRICT, related_name="proposals"
    )
    question_id: int
    by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    by_id: int
    about = fields.ForeignKeyField(  # the statement it is a variant of, where it is one
        "questions.Statement", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    about_id: int | None
    text: Pair = fields.JSONField()  # in one language at least
    reason = fields.TextField()
    salt = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()
    state = fields.CharField(max_length=12)  # proposal_rules.ProposalState
    answer = fields.TextField(default="")  # why it was declined
    answer_salt: str | None = fields.CharField(max_length=64, null=True)
    answered_at: datetime | None = fields.DatetimeField(null=True)
    answered_by = fields.ForeignKeyField(
        "people.Person", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    answered_by_id: int | None
    statement = fields.ForeignKeyField(  # what it became
        "questions.Statement", null=True, on_delete=fields.RESTRICT, related_name="proposals"
    )
    statement_id: int | None

    class Meta:
        table = "questions_proposal"


class Wording(Model):
    """The text of a statement, version by version, a vote names the version it was about."""

    id: int = fields.IntField(primary_key=True)
    statement = fields.ForeignKeyField(
        "questions.Statement", on_delete=fields.RESTRICT, related_name="wordings"
    )
    statement_id: int
    version = fields.IntField()  # unique (statement, version)
    text: Pair = fields.JSONField()
    reason = fields.TextField(default="")
    salt: str | None = fields.CharField(
        max_length=64, null=True
    )  # none where the file of the assessment spoke
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "questions_wording"


class Opinion(Model):
    """One member's reasoned opinion on one question: unseen by others until the reveal."""

    id: int = fields.IntField(primary_key=True)
    question = fields.ForeignKeyField(
        "questions.RiskQuestion", on_delete=fields.RESTRICT, related_name="opinions"
    )
    question_id: int
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    author_id: int  # unique (question, author)
    stage = fields.CharField(max_length=12)  # rules.OpinionStage
    version = fields.IntField(default=0)  # the last submitted one; 0 while only a draft
    draft: dict[str, Any] | None = fields.JSONField(
        null=True
    )  # unsubmitted text, autosaved, its author's alone
    draft_saved_at: datetime | None = fields.DatetimeField(null=True)
    set_aside_at: datetime | None = fields.DatetimeField(null=True)  # its author was kept out of the question

    class Meta:
        table = "questions_opinion"


class OpinionVersion(Model):
    """A submitted text, every submission is a new numbered version."""

    id: int = fields.IntField(primary_key=True)
    opinion = fields.ForeignKeyField("questions.Opinion", on_delete=fields.RESTRICT, related_name="versions")
    opinion_id: int
    version = fields.IntField()  # unique (opinion, version)
    language = fields.CharField(max_length=2)
    position = fields.TextField()
    reasons = fields.TextField()  # Markdown
    status = fields.CharField(max_length=30)  # rules.RiskStatus
    severity = fields.CharField(max_length=20)  # a rank of the protocol's scale as text, or "not_assessable"
    likelihood = fields.CharField(max_length=20)
    certainty = fields.CharField(max_length=20)
    unknowns = fields.TextField(default="")
    salt = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "questions_opinion_version"

    def as_text(self) -> OpinionText:
        """As it was written; `citations` must have been fetched."""
        cited = sorted(self.citations, key=lambda citation: citation.id)
        return OpinionText(
            self.position,
            self.reasons,
            Assessed(self.status, self.severity, self.likelihood, self.certainty, self.unknowns),
            self.language,
            tuple((citation.item_id, citation.passage) for citation in cited),
        )


class Citation(Model):
    id: int = fields.IntField(primary_key=True)
    opinion_version = fields.ForeignKeyField(
        "questions.OpinionVersion", on_delete=fields.RESTRICT, related_name="citations"
    )
    opinion_version_id: int
    item = fields.ForeignKeyField("evidence.EvidenceItem", on_delete=fields.RESTRICT)
    item_id: int
    passage = fields.CharField(max_length=300, default="")  # page, table, paragraph

    class Meta:
        table = "questions_citation"


class Comment(Model):
    """After the reveal: a stance and a text on an opinion or on the question, answers form threads."""

    id: int = fields.IntField(primary_key=True)
    question = fields.ForeignKeyField(
        "questions.RiskQuestion", on_delete=fields.RESTRICT, related_name="comments"
    )
    question_id: int
    opinion = fields.ForeignKeyField("questions.Opinion", null=True, on_delete=fields.RESTRICT)
    opinion_id: int | None
    opinion_version: int | None = fields.IntField(null=True)  # the version it answers
    parent = fields.ForeignKeyField(
        "questions.Comment", null=True, on_delete=fields.RESTRICT, related_name="answers"
    )
    parent_id: int | None
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    author_id: int
    stance = fields.CharField(max_length=12)  # rules.Stance
    language = fields.CharField(max_length=2)
    text = fields.TextField()  # Markdown
    key = fields.CharField(
        max_length=64
    )  # made by the client: sending again is harmless; unique (author, key)
    salt = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "questions_comment"


class Conclusion(Model):
    """The group's answer to the question as drafted by its chair or the secretariat, versioned, signed by
    adoption.
    """

    id: int = fields.IntField(primary_key=True)
    question = fields.ForeignKeyField(
        "questions.RiskQuestion", on_delete=fields.RESTRICT, related_name="conclusions"
    )
    question_id: int
    version = fields.IntField()  # unique (question, version)
    language = fields.CharField(max_length=2)
    answer = fields.TextField()  # Markdown
    status = fields.CharField(max_length=30)
    severity = fields.CharField(max_length=20)
    likelihood = fields.CharField(max_length=20)
    certainty = fields.CharField(max_length=20)
    unknowns = fields.TextField(default="")
    divergent = fields.TextField(default="")  # positions that differ, with their reasons; always printed
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    author_id: int
    salt = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()
    adopted_at: datetime | None = fields.DatetimeField(null=True)
    adopted_by = fields.ForeignKeyField(
        "people.Person", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    adopted_by_id: int | None

    class Meta:
        table = "questions_conclusion"

    def as_text(self) -> ConclusionText:
        return ConclusionText(
            self.answer,
            Assessed(self.status, self.severity, self.likelihood, self.certainty, self.unknowns),
            self.language,
            self.divergent,
        )


class Reopening(Model):
    """A question taken back after its adoption: a deviation, with its reason, printed in the record."""

    id: int = fields.IntField(primary_key=True)
    question = fields.ForeignKeyField(
        "questions.RiskQuestion", on_delete=fields.RESTRICT, related_name="reopenings"
    )
    question_id: int
    stage = fields.CharField(max_length=20)  # the one it came back from
    reason = fields.TextField()
    salt = fields.CharField(max_length=64)
    by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    by_id: int
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "questions_reopening"


# Read-only lookups, also for later domains


@dataclass(frozen=True)
class StatementText:
    """A statement with the wording in force."""

    id: int
    question_id: int
    code: str
    version: int
    text: Pair
    state: str = StatementState.DRAFT


async def find_question(question_id: int) -> RiskQuestion:
    question = await RiskQuestion.get_or_none(id=question_id)
    if question is None:
        raise NotFound()
    return question


async def assessment_of(question_id: int) -> int:
    """The assessment a question belongs to for good."""
    row = await RiskQuestion.filter(id=question_id).first().values("assessment_id")
    if row is None:
        raise NotFound()
    return int(row["assessment_id"])


async def seen_by(person_id: int, question_id: int) -> tuple[RiskQuestion, Standing]:
    """The question and the person's standing; NotFound for whoever may not read it."""
    question = await find_question(question_id)
    standing = await standing_of(person_id, question.assessment_id)
    check_may_read(standing, question.id, question.group_id, Stage(question.stage))
    return question, standing


async def questions_of(assessment_id: int) -> list[RiskQuestion]:
    return await RiskQuestion.filter(assessment_id=assessment_id).order_by("position", "id")


async def statement_texts(question_ids: Iterable[int]) -> dict[int, StatementText]:
    """The statements of these questions by id, in order, each with the wording in force."""
    rows = (
        await Wording.filter(statement__question_id__in=list(question_ids), version=F("statement__version"))
        .order_by("statement__question_id", "statement__position", "statement_id")
        .values(
            "statement_id", "statement__question_id", "statement__code", "statement__state", "version", "text"
        )
    )
    return {
        row["statement_id"]: StatementText(
            row["statement_id"],
            row["statement__question_id"],
            row["statement__code"],
            row["version"],
            row["text"],
            row["statement__state"],
        )
        for row in rows
    }


async def re_rates_all(question_id: int) -> bool:
    """Whether the protocol puts settled statements to the panel again in every round."""
    row = await RiskQuestion.filter(id=question_id).first().values("assessment__protocol")
    return row is not None and read_protocol(row["assessment__protocol"]).rounds.re_rate == "all"


async def gate_of(subject: str) -> tuple[str, int] | None:
    """The key by which interests in `subject` are weighed, and its group: "statement-5" -> ("question-3", 2).

    None when it is neither a statement nor a question.
    """
    kind, _, ident = subject.rpartition("-")
    if not (ident.isascii() and ident.isdigit() and len(ident) < 10):
        return None
    if kind == "statement":
        row = await Statement.filter(id=int(ident)).first().values("question_id", "question__group_id")
        return (f"question-{row['question_id']}", row["question__group_id"]) if row else None
    if kind == "question":
        row = await RiskQuestion.filter(id=int(ident)).first().values("group_id")
        return (subject, row["group_id"]) if row else None
    return None


async def newest_version(opinion_id: int) -> OpinionVersion | None:
    """The last submitted text, with its citations."""
    rows = OpinionVersion.filter(opinion_id=opinion_id).order_by("-version")
    return await rows.first().prefetch_related("citations")


async def newest_conclusion(question_id: int) -> Conclusion | None:
    return await Conclusion.filter(question_id=question_id).order_by("-version").first()


async def scales_of(assessment_id: int) -> Scales:
    """The scales the protocol of the assessment fixes."""
    row = await Assessment.filter(id=assessment_id).first().values("protocol")
    return scales_from(row["protocol"]) if row else Scales()


def scales_from(protocol: dict[str, Any]) -> Scales:
    read = read_protocol(protocol)
    return Scales(read.risk.severity_scale, read.risk.likelihood_scale, read.certainty.scale)
