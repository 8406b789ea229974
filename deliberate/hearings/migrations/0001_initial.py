from tortoise import migrations
from tortoise.migrations import operations as ops
import functools
from json import dumps, loads
from tortoise.fields.base import OnDelete
from tortoise import fields


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Stakeholder",
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
                ("name", fields.CharField(max_length=300)),
                ("interests", fields.TextField(default="", unique=False)),
            ],
            options={
                "table": "hearings_stakeholder",
                "app": "hearings",
                "pk_attr": "id",
                "table_description": "An organisation that is heard.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Contribution",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "stakeholder",
                    fields.ForeignKeyField(
                        "hearings.Stakeholder",
                        source_field="stakeholder_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="contributions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("version", fields.IntField()),
                (
                    "author",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="author_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("title", fields.CharField(max_length=300)),
                ("text", fields.TextField(unique=False)),
                ("language", fields.CharField(max_length=2)),
                ("may_publish", fields.BooleanField(default=True)),
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "hearings_contribution",
                "app": "hearings",
                "pk_attr": "id",
                "table_description": "The written viewpoint of an organisation: one answer, versioned, annexed in full.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Hearing",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "stakeholder",
                    fields.ForeignKeyField(
                        "hearings.Stakeholder",
                        source_field="stakeholder_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="hearings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "meeting",
                    fields.ForeignKeyField(
                        "meetings.Meeting",
                        source_field="meeting_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "themes",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("state", fields.CharField(max_length=20)),
                ("convened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("held_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("minutes", fields.TextField(default="", unique=False)),
                ("minutes_version", fields.IntField(default=0)),
                ("minutes_sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("correct_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("locked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("salt", fields.CharField(default="", max_length=64)),
            ],
            options={
                "table": "hearings_hearing",
                "app": "hearings",
                "pk_attr": "id",
                "table_description": "One organisation's hearing, from convocation to locked minutes. It may take place in a meeting.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Correction",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "hearing",
                    fields.ForeignKeyField(
                        "hearings.Hearing",
                        source_field="hearing_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="corrections",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "author",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="author_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("text", fields.TextField(unique=False)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("accepted", fields.BooleanField(null=True)),
                ("answer", fields.TextField(default="", unique=False)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("salt", fields.CharField(max_length=64)),
            ],
            options={
                "table": "hearings_correction",
                "app": "hearings",
                "pk_attr": "id",
                "table_description": "What the heard party wants changed in the minutes, and the answer.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Spokesperson",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "stakeholder",
                    fields.ForeignKeyField(
                        "hearings.Stakeholder",
                        source_field="stakeholder_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="spokespersons",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "person",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "hearings_spokesperson",
                "app": "hearings",
                "pk_attr": "id",
                "table_description": "Who speaks for an organisation.",
            },
            bases=["Model"],
        ),
    ]
