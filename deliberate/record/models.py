"""The consensus record, version by version, and the seal on the adopted one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise import fields

from deliberate.assessments.models import Assessment, Group, Pair, memberships_of
from deliberate.assessments.rules import GroupKind, Role
from deliberate.errors import NotFound
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.model import Model
from deliberate.people.models import Person
from deliberate.questions.models import RiskQuestion
from deliberate.questions.rules import Stage
from deliberate.record.rules import RecordState, check_reads
from deliberate.voting.models import Vote
from deliberate.voting.rules import VoteState


class Record(Model):
    """A compiled version: what the stored facts said as of one journal number.

    Never edited, only compiled again.
    """

    id: int = fields.IntField(primary_key=True)
    assessment: fields.ForeignKeyRelation[Assessment] = fields.ForeignKeyField(
        "assessments.Assessment", on_delete=fields.RESTRICT
    )
    assessment_id: int
    version: int = fields.IntField()  # unique (assessment, version)
    state: str = fields.CharField(max_length=24)  # rules.RecordState
    as_of: int = fields.IntField()  # the journal number it speaks of
    content: dict[str, Any] = fields.JSONField()  # of versions compiled before RecordContent; else empty
    digest: str = fields.CharField(max_length=64)  # SHA-256 of its RFC 8785 bytes
    changed: list[str] = fields.JSONField()  # keys of the sections that differ from the version before
    compiled_by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    compiled_by_id: int
    compiled_at: datetime = fields.DatetimeField()

    class Meta:
        table = "record_record"


HEAD = ("id", "assessment_id", "version", "state", "as_of", "digest", "changed", "compiled_at")


class RecordContent(Model):
    """A version as JSON: page, file and bundle show this and nothing else.

    Apart, for it has megabytes, and SQLite would walk through them to whatever stands behind in a row.
    """

    id: int = fields.IntField(primary_key=True)
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField(
        "record.Record", on_delete=fields.RESTRICT, related_name=False
    )
    record_id: int  # unique
    content: dict[str, Any] = fields.JSONField()

    class Meta:
        table = "record_content"


class Seal(Model):
    """The bundle of the adopted record: once per assessment, by two persons."""

    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int  # unique
    record: fields.ForeignKeyRelation[Record] = fields.ForeignKeyField(
        "record.Record", on_delete=fields.RESTRICT
    )
    record_id: int
    proposed_by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    proposed_by_id: int
    sealed_by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    sealed_by_id: int
    number: int = fields.IntField()  # of the sealing journal entry
    fingerprint: str = fields.CharField(max_length=64)  # of the signing key
    adoption: dict[str, Any] = (
        fields.JSONField()
    )  # the committee's vote, as the pages and the bundle print it
    bundle: bytes | None = fields.BinaryField(null=True)  # null from the sealing entry until it is built
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "record_seal"


class ReportingText(Model):
    """What the secretariat wrote for one ACCORD item. The last version holds."""

    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int
    item = fields.CharField(max_length=4)  # consensus.accord.IDS; unique (assessment, item, version)
    version: int = fields.IntField()
    kind = fields.CharField(max_length=16)  # rules.ReportingKind
    text: Pair = fields.JSONField()
    salt = fields.CharField(max_length=64)
    by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "people.Person", null=True, on_delete=fields.RESTRICT, related_name=False
    )
    by_id: int | None  # null: it came with the file of the assessment
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "record_reporting_text"


# Read-only lookups, also for review. The content is large: only what shows it loads it.


async def head_of(record_id: int) -> Record:
    """The version without its content.

    Raises:
        NotFound: there is none.
    """
    record = await Record.filter(id=record_id).only(*HEAD).first()
    if record is None:
        raise NotFound()
    return record


async def versions_of(assessment_id: int) -> list[Record]:
    """All versions without their contents, the newest first."""
    return await Record.filter(assessment_id=assessment_id).only(*HEAD).order_by("-version")


async def newest_of(assessment_id: int) -> Record | None:
    return await Record.filter(assessment_id=assessment_id).only(*HEAD).order_by("-version").first()


async def content_of(record_id: int) -> dict[str, Any]:
    found = await RecordContent.filter(record_id=record_id).first().values("content")
    found = found or await Record.filter(id=record_id).first().values("content")
    if found is None:
        raise NotFound()
    content: dict[str, Any] = found["content"]
    return content


async def content_before(record: Record) -> dict[str, Any] | None:
    """The content of the version before this one."""
    before = Record.filter(assessment_id=record.assessment_id, version__lt=record.version)
    found = await before.order_by("-version").first().values("id")
    return await content_of(found["id"]) if found else None


async def committee_of(assessment_id: int) -> Group | None:
    """The committee that reads the record."""
    committees = Group.filter(assessment_id=assessment_id, kind=GroupKind.COMMITTEE)
    return await committees.order_by("position", "id").first()


async def seen_by(person_id: int, record_id: int) -> tuple[Record, Standing, Group | None]:
    """The version without its content, the person's standing, and the committee; NotFound for other
    people.
    """
    record = await head_of(record_id)
    committee = await committee_of(record.assessment_id)
    standing = await standing_of(person_id, record.assessment_id)
    check_reads(standing, committee.id if committee else None, record.state)
    return record, standing, committee


async def seal_of(assessment_id: int) -> Seal | None:
    """The seal without its bundle."""
    columns = [name for name in Seal._meta.db_fields if name != "bundle"]
    return await Seal.filter(assessment_id=assessment_id).only(*columns).first()


async def bundle_of(assessment_id: int) -> bytes | None:
    """The sealed bundle; None before the adoption, and while it is being built."""
    found = await Seal.filter(assessment_id=assessment_id).first().values("bundle")
    return bytes(found["bundle"]) if found and found["bundle"] is not None else None


async def is_built(assessment_id: int) -> bool:
    return await Seal.filter(assessment_id=assessment_id).exclude(bundle=None).exists()


async def adopted_records() -> list[dict[str, Any]]:
    """What the public may read: title, address and moment of adoption, the last one first."""
    rows = Seal.filter(record__state=RecordState.ADOPTED).order_by("-at")
    found = await rows.values("assessment__title", "assessment__slug", "at")
    return [
        {"title": row["assessment__title"], "slug": row["assessment__slug"], "at": row["at"]} for row in found
    ]


async def reporting_text(assessment_id: int, item: str) -> ReportingText | None:
    """What holds for one item."""
    rows = ReportingText.filter(assessment_id=assessment_id, item=item)
    return await rows.order_by("-version").first().prefetch_related("by")


async def reporting_texts(assessment_id: int) -> dict[str, ReportingText]:
    """What holds for each item of which anything was ever written."""
    rows = ReportingText.filter(assessment_id=assessment_id).order_by("version").prefetch_related("by")
    return {row.item: row for row in await rows}


@dataclass(frozen=True)
class Extent:
    """How much a compilation reads: said beside its button."""

    questions: int
    votes: int


async def overview(assessment_id: int) -> Extent:
    return Extent(
        questions=await RiskQuestion.filter(assessment_id=assessment_id).count(),
        votes=await Vote.filter(assessment_id=assessment_id, state=VoteState.COUNTED).count(),
    )


async def ready_to_compile(person_id: int) -> list[dict[str, Any]]:
    """Assessments this person prepares in which every question is concluded and no version is in review."""
    seats = await memberships_of(person_id)
    ids = [seat["assessment_id"] for seat in seats if seat["role"] == Role.SECRETARIAT]
    if not ids:
        return []
    stages = RiskQuestion.filter(assessment_id__in=ids).distinct().values_list("assessment_id", "stage")
    asked: dict[int, set[str]] = {}
    for assessment_id, stage in await stages:
        asked.setdefault(assessment_id, set()).add(stage)
    done = [key for key, found in asked.items() if found <= {Stage.OPINION_ADOPTED, Stage.LOCKED}]
    records = (
        Record.filter(assessment_id__in=done)
        .order_by("version")
        .values("id", "assessment_id", "version", "state")
    )
    newest = {row["assessment_id"]: row for row in await records} if done else {}
    rows = await Assessment.filter(id__in=done).values("id", "slug", "title") if done else []
    found = [
        {**row, **{"record": None, "version": 0, "state": None}, **last(newest, row["id"])} for row in rows
    ]
    return [each for each in found if each["state"] in (None, RecordState.COMPILING)]


def last(newest: Mapping[int, dict[str, Any]], assessment_id: int) -> dict[str, Any]:
    row = newest.get(assessment_id)
    return {"record": row["id"], "version": row["version"], "state": row["state"]} if row else {}
