"""The dossier: what the deliberation may cite, by question."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tortoise import fields
from tortoise.functions import Count

from deliberate.assessments.models import Pair
from deliberate.live.model import Model


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


@dataclass(frozen=True)
class Listed:
    """One document in a list: everything but its description."""

    id: int
    code: str
    kind: str
    title: Pair
    source: Pair
    level: str


LISTED = ("id", "code", "kind", "title", "source", "level")


async def evidence_of(subject: str) -> list[Listed]:
    """The documents that bear on `subject`, by code. Who may read the subject may read them."""
    rows = EvidenceItem.filter(subjects__subject=subject).order_by("code")
    return [Listed(**row) for row in await rows.values(*LISTED)]


async def linked_among(subject: str, item_ids: Collection[int]) -> set[int]:
    """Which of `item_ids` bear on `subject`."""
    if not item_ids:
        return set()
    rows = EvidenceSubject.filter(subject=subject, item_id__in=list(item_ids))
    return set(await rows.values_list("item_id", flat=True))


async def subjects_of(item_id: int) -> list[str]:
    return list(
        await EvidenceSubject.filter(item_id=item_id).order_by("id").values_list("subject", flat=True)
    )


# A subject is of one assessment. It is never named beside it: SQLite would look through all items of the
# assessment instead of those of the subject.


async def counts_by_subject(subjects: Collection[str]) -> dict[str, int]:
    """How many documents each of these subjects has, in one query."""
    rows = EvidenceSubject.filter(subject__in=subjects)
    counts = await rows.annotate(count=Count("id")).group_by("subject").values("subject", "count")
    return {row["subject"]: row["count"] for row in counts}


async def documents_page(
    assessment_id: int, subject: str | None, first: int, size: int
) -> tuple[list[Listed], int]:
    """One page of the documents that bear on `subject` (None: on nothing), and how many there are."""
    rows = EvidenceItem.filter(subjects__subject=subject)
    if subject is None:
        rows = EvidenceItem.filter(assessment_id=assessment_id, subjects__id__isnull=True)
    found = await rows.order_by("code").offset(first).limit(size).values(*LISTED)
    return [Listed(**row) for row in found], await rows.count()
