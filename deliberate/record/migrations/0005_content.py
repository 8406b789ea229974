"""The content of a version beside its head. Versions compiled before keep theirs where it is."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("record", "0004_unique_reporting")]

    operations = [
        ops.CreateModel(
            name="RecordContent",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "record",
                    fields.ForeignKeyField(
                        "record.Record",
                        source_field="record_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "content",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
            ],
            options={
                "table": "record_content",
                "app": "record",
                "pk_attr": "id",
                "table_description": "A version as JSON: page, file and bundle show this and nothing else.",
            },
            bases=["Model"],
        ),
    ]
