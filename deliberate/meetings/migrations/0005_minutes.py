import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("meetings", "0004_unique")]

    operations = [
        ops.CreateModel(
            name="Minutes",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "meeting",
                    fields.ForeignKeyField(
                        "meetings.Meeting",
                        source_field="meeting_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("state", fields.CharField(max_length=12)),
                ("circulated_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("amend_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("approved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "approved_by",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="approved_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "approved_in",
                    fields.ForeignKeyField(
                        "meetings.Meeting",
                        source_field="approved_in_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "frozen",
                    fields.JSONField(
                        null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("salt", fields.CharField(default="", max_length=64)),
                ("entry", fields.IntField(null=True)),
            ],
            options={
                "table": "meetings_minutes",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "Of one meeting, from the first word to the frozen text. Made when the first section is taken up.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MinutesSection",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "minutes",
                    fields.ForeignKeyField(
                        "meetings.Minutes",
                        source_field="minutes_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="sections",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("key", fields.CharField(max_length=20)),
                ("gate", fields.CharField(default="", max_length=40)),
                (
                    "title",
                    fields.JSONField(
                        null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("version", fields.IntField(default=0)),
                ("text", fields.TextField(default="", unique=False)),
                ("written_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "writer",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="writer_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("circulated_version", fields.IntField(default=0)),
                (
                    "holder",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="holder_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("held_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("taken_from_id", fields.IntField(null=True)),
                ("word", fields.CharField(default="", max_length=300)),
            ],
            options={
                "table": "meetings_minutes_section",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "The opening, an item or the closing, from the moment somebody writes on it. One writer at a time.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MinutesText",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "section",
                    fields.ForeignKeyField(
                        "meetings.MinutesSection",
                        source_field="section_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="texts",
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
                ("restored", fields.IntField(null=True)),
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("entry", fields.IntField()),
            ],
            options={
                "table": "meetings_minutes_text",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "One version of a section. None is ever changed.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MinutesDraft",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "section",
                    fields.ForeignKeyField(
                        "meetings.MinutesSection",
                        source_field="section_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="drafts",
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
                ("text", fields.TextField(unique=False)),
                ("based_on", fields.IntField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "meetings_minutes_draft",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "What somebody typed and has not stored. Nobody else reads it, and no entry tells of it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MinutesAmendment",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "section",
                    fields.ForeignKeyField(
                        "meetings.MinutesSection",
                        source_field="section_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="amendments",
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
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("entry", fields.IntField()),
                ("verdict", fields.CharField(default="", max_length=12)),
                ("answer", fields.TextField(default="", unique=False)),
                ("answer_salt", fields.CharField(default="", max_length=64)),
                (
                    "answered_by",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="answered_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "meetings_minutes_amendment",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "What a member wants changed in circulated minutes, and the answer.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MinutesCorrection",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "section",
                    fields.ForeignKeyField(
                        "meetings.MinutesSection",
                        source_field="section_id",
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
                ("text", fields.TextField(unique=False)),
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("entry", fields.IntField()),
            ],
            options={
                "table": "meetings_minutes_correction",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "What was found wrong after the approval: it stands beside the frozen text, which does not change.",
            },
            bases=["Model"],
        ),
    ]
