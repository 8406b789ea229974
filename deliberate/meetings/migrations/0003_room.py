"""The floor, breaks, proxies, and an agenda that is a tree."""

import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("meetings", "0002_unique")]

    operations = [
        ops.CreateModel(
            name="Adjournment",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "meeting",
                    fields.ForeignKeyField(
                        "meetings.Meeting",
                        source_field="meeting_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="breaks",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("began_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "meetings_adjournment",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "A break of the meeting, from its announcement until it goes on.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FloorRequest",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "meeting",
                    fields.ForeignKeyField(
                        "meetings.Meeting",
                        source_field="meeting_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="floor",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "item",
                    fields.ForeignKeyField(
                        "meetings.AgendaItem",
                        source_field="item_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
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
                ("kind", fields.CharField(max_length=20)),
                (
                    "replies_to",
                    fields.ForeignKeyField(
                        "meetings.FloorRequest",
                        source_field="replies_to_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("began_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("left_seconds", fields.IntField(null=True)),
            ],
            options={
                "table": "meetings_floor_request",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "Somebody asks for the floor, waits, speaks and ends, or takes the request back.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ItemStretch",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "item",
                    fields.ForeignKeyField(
                        "meetings.AgendaItem",
                        source_field="item_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="stretches",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("began_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "meetings_item_stretch",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "How long an item was under way: one row from each opening to the close, the postponement or a break.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Proxy",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "meeting",
                    fields.ForeignKeyField(
                        "meetings.Meeting",
                        source_field="meeting_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="proxies",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "giver",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="giver_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "holder",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="holder_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("entered_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "meetings_proxy",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "A member who is away is represented by another who is there, entered by chair or secretariat.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Speech",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "request",
                    fields.ForeignKeyField(
                        "meetings.FloorRequest",
                        source_field="request_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="speeches",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("began_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "meetings_speech",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "A stretch of speaking without a pause.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="AgendaItem",
            name="carried_from",
            field=fields.ForeignKeyField(
                "meetings.AgendaItem",
                source_field="carried_from_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="AgendaItem",
            name="links",
            field=fields.JSONField(
                null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
            ),
        ),
        ops.AddField(
            model_name="AgendaItem",
            name="parent",
            field=fields.ForeignKeyField(
                "meetings.AgendaItem",
                source_field="parent_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="AgendaItem",
            name="presenting_minutes",
            field=fields.IntField(null=True),
        ),
        ops.AddField(
            model_name="Meeting",
            name="convened_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Meeting",
            name="floor_order",
            field=fields.CharField(default="least", db_default="least", max_length=12),
        ),
        ops.AddField(
            model_name="Meeting",
            name="speech_seconds",
            field=fields.IntField(default=180, db_default=180),
        ),
    ]
