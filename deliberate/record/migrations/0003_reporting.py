import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("record", "0002_unique")]

    operations = [
        ops.CreateModel(
            name="ReportingText",
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
                ("item", fields.CharField(max_length=4)),
                ("version", fields.IntField()),
                ("kind", fields.CharField(max_length=16)),
                (
                    "text",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("salt", fields.CharField(max_length=64)),
                (
                    "by",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "record_reporting_text",
                "app": "record",
                "pk_attr": "id",
                "table_description": "What the secretariat wrote for one ACCORD item. The last version holds.",
            },
            bases=["Model"],
        ),
    ]
