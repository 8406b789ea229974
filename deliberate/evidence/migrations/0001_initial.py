import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="EvidenceItem",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "assessment",
                    fields.ForeignKeyField(
                        "assessments.Assessment",
                        source_field="assessment_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("code", fields.CharField(max_length=40)),
                ("kind", fields.CharField(max_length=30)),
                (
                    "title",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                (
                    "description",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                (
                    "source",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("level", fields.CharField(default="", max_length=20)),
                ("url", fields.CharField(default="", max_length=1000)),
                ("added_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "evidence_item", "app": "evidence", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EvidenceSubject",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "item",
                    fields.ForeignKeyField(
                        "evidence.EvidenceItem",
                        source_field="item_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="subjects",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("subject", fields.CharField(db_index=True, max_length=40)),
            ],
            options={
                "table": "evidence_subject",
                "app": "evidence",
                "pk_attr": "id",
                "table_description": 'An item bears on a subject, named by key: "question-12".',
            },
            bases=["Model"],
        ),
    ]
