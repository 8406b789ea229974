"""The dossier: what the deliberation may cite, by question."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from deliberate.assessments.models import Pair


class EvidenceItem(Model):
    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int
    code = fields.CharField(max_length=40)  # unique (assessment, code)
    kind = fields.CharField(max_length=30)  # rules.EvidenceKind
    title: Pair = fields.JSONField()
    description: Pair = fields.JSONField()
    source: Pair = fields.JSONField()
    level = fields.CharField(max_length=20, default="")
    url = fields.CharField(max_length=1000, default="")
    added_at: datetime = fields.DatetimeField()

    class Meta:
        table = "evidence_item"


class EvidenceSubject(Model):
    """An item bears on a subject, named by key: "question-12"."""

    id: int = fields.IntField(primary_key=True)
    item = fields.ForeignKeyField("evidence.EvidenceItem", on_delete=fields.RESTRICT, related_name="subjects")
    item_id: int
    subject = fields.CharField(max_length=40, db_index=True)  # unique (item, subject)

    class Meta:
        table = "evidence_subject"
