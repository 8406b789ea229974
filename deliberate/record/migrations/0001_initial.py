import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Record",
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
                ("version", fields.IntField()),
                ("state", fields.CharField(max_length=24)),
                ("as_of", fields.IntField()),
                (
                    "content",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("digest", fields.CharField(max_length=64)),
                (
                    "changed",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                (
                    "compiled_by",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="compiled_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("compiled_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "record_record",
                "app": "record",
                "pk_attr": "id",
                "table_description": "A compiled version: what the stored facts said as of one journal number.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Seal",
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
                (
                    "record",
                    fields.ForeignKeyField(
                        "record.Record",
                        source_field="record_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "proposed_by",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="proposed_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "sealed_by",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="sealed_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.IntField()),
                ("fingerprint", fields.CharField(max_length=64)),
                (
                    "adoption",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("bundle", fields.BinaryField(null=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "record_seal",
                "app": "record",
                "pk_attr": "id",
                "table_description": "The bundle of the adopted record: once per assessment, by two persons.",
            },
            bases=["Model"],
        ),
    ]
