import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("voting", "0002_unique")]

    operations = [
        ops.CreateModel(
            name="Round",
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
                    "group",
                    fields.ForeignKeyField(
                        "assessments.Group",
                        source_field="group_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.IntField()),
                ("state", fields.CharField(max_length=12)),
                ("prepared_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("opened_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "deadline_at",
                    fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False),
                ),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("analysed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("fed_back_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "voting_round",
                "app": "voting",
                "pk_attr": "id",
                "table_description": "A written procedure of a group: several statements rated until a deadline, wherever one is.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Vote",
            name="rating_round",
            field=fields.ForeignKeyField(
                "voting.Round",
                source_field="rating_round_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="votes",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Vote",
            name="deadline_at",
            field=fields.DatetimeField(null=True, db_index=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(model_name="Vote", name="decision", field=fields.CharField(null=True, max_length=20)),
        ops.AddField(
            model_name="Vote",
            name="replaces",
            field=fields.ForeignKeyField(
                "voting.Vote",
                source_field="replaces_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Vote", name="replaces_reason", field=fields.TextField(null=True, unique=False)
        ),
        ops.AddField(
            model_name="Vote", name="replaces_salt", field=fields.CharField(null=True, max_length=64)
        ),
        ops.CreateModel(
            name="RoundExtension",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "round",
                    fields.ForeignKeyField(
                        "voting.Round",
                        source_field="round_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="extensions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "vote",
                    fields.ForeignKeyField(
                        "voting.Vote",
                        source_field="vote_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="extensions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("from_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("to_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
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
            ],
            options={
                "table": "voting_round_extension",
                "app": "voting",
                "pk_attr": "id",
                "table_description": "A deadline put off, with its reason: of a round, or of a written vote that stands alone.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RatingDraft",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "round",
                    fields.ForeignKeyField(
                        "voting.Round",
                        source_field="round_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("voter", fields.CharField(max_length=40)),
                (
                    "answers",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
            ],
            options={
                "table": "voting_rating_draft",
                "app": "voting",
                "pk_attr": "id",
                "table_description": "Ratings chosen in a round and not sent, autosaved: the rater's alone, missing at the close.",
            },
            bases=["Model"],
        ),
    ]
