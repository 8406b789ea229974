"""Risk questions, the statements to rate, opinions with their reasons, comments, and the group's
conclusion.
"""

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from deliberate.assessments.models import Pair


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

    class Meta:
        table = "questions_statement"


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
