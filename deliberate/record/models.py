"""The consensus record, version by version, and the seal on the adopted one."""

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model


class Record(Model):
    """A compiled version: what the stored facts said as of one journal number.

    Never edited, only compiled again.
    """

    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int
    version = fields.IntField()  # unique (assessment, version)
    state = fields.CharField(max_length=24)  # rules.RecordState
    as_of = fields.IntField()  # the journal number it speaks of
    content: dict[str, Any] = (
        fields.JSONField()
    )  # the record as JSON; page, file and bundle show this and nothing else
    digest = fields.CharField(max_length=64)  # SHA-256 of its RFC 8785 bytes
    compiled_by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    compiled_by_id: int
    compiled_at: datetime = fields.DatetimeField()

    class Meta:
        table = "record_record"


class Seal(Model):
    """The bundle of the adopted record: once per assessment, by two persons."""

    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int  # unique
    record = fields.ForeignKeyField("record.Record", on_delete=fields.RESTRICT)
    record_id: int
    proposed_by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    proposed_by_id: int
    sealed_by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    sealed_by_id: int
    number = fields.IntField()  # of the sealing journal entry
    fingerprint = fields.CharField(max_length=64)  # of the signing key
    bundle: bytes = fields.BinaryField()
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "record_seal"
