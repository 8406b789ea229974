import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


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
                ("salt", fields.CharField(max_length=64)),
                ("added_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
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
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("title", fields.CharField(max_length=300)),
                ("text", fields.TextField(unique=False)),
                ("language", fields.CharField(max_length=2)),
                ("may_publish", fields.BooleanField(default=True)),
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("entry", fields.IntField()),
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
                ("questions", fields.TextField(default="", unique=False)),
                ("planned_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("place", fields.CharField(default="", max_length=300)),
                ("state", fields.CharField(max_length=20)),
                ("salt", fields.CharField(max_length=64)),
                ("convened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reply", fields.TextField(default="", unique=False)),
                ("reply_salt", fields.CharField(default="", max_length=64)),
                ("began_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("sent_version", fields.IntField(default=0)),
                ("minutes_sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("correct_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("approved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("locked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
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
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("passage", fields.TextField(default="", unique=False)),
                ("text", fields.TextField(unique=False)),
                ("more_follows", fields.BooleanField(default=False)),
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("entry", fields.IntField()),
                ("verdict", fields.CharField(default="", max_length=20)),
                ("answer", fields.TextField(default="", unique=False)),
                ("answer_salt", fields.CharField(default="", max_length=64)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
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
            name="Draft",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "hearing",
                    fields.ForeignKeyField(
                        "hearings.Hearing",
                        source_field="hearing_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
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
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("kind", fields.CharField(max_length=20)),
                (
                    "content",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "hearings_draft",
                "app": "hearings",
                "pk_attr": "id",
                "table_description": "What somebody is still writing. Nobody else reads it, and no entry tells of it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Heard",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "hearing",
                    fields.ForeignKeyField(
                        "hearings.Hearing",
                        source_field="hearing_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="heard",
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
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "hearings_heard",
                "app": "hearings",
                "pk_attr": "id",
                "table_description": "Who was heard, from arrival to leaving before the deliberation.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InterestsText",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "stakeholder",
                    fields.ForeignKeyField(
                        "hearings.Stakeholder",
                        source_field="stakeholder_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="interests",
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
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("text", fields.TextField(unique=False)),
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("entry", fields.IntField()),
            ],
            options={
                "table": "hearings_interests_text",
                "app": "hearings",
                "pk_attr": "id",
                "table_description": "What an organisation says of its own interests. It is published and does not exclude.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MinutesText",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "hearing",
                    fields.ForeignKeyField(
                        "hearings.Hearing",
                        source_field="hearing_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="minutes",
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
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("text", fields.TextField(unique=False)),
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("entry", fields.IntField()),
            ],
            options={
                "table": "hearings_minutes_text",
                "app": "hearings",
                "pk_attr": "id",
                "table_description": "One version of the minutes.",
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
