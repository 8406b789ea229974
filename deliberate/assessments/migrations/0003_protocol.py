import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("assessments", "0002_unique")]

    operations = [
        ops.AddField(
            model_name="Assessment",
            name="protocol_frozen_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Assessment", name="frozen_hash", field=fields.CharField(null=True, max_length=64)
        ),
        ops.CreateModel(
            name="ProtocolDeviation",
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
                ("key", fields.CharField(max_length=80)),
                (
                    "old",
                    fields.JSONField(
                        null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                (
                    "new",
                    fields.JSONField(
                        null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("reason", fields.TextField(unique=False)),
                ("salt", fields.CharField(max_length=64)),
                (
                    "by",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="by_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("hash_before", fields.CharField(max_length=64)),
                ("hash_after", fields.CharField(max_length=64)),
            ],
            options={"table": "assessments_protocol_deviation", "app": "assessments", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
