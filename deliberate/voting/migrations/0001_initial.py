import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Pseudonym",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
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
                ("code", fields.CharField(max_length=20)),
            ],
            options={
                "table": "voting_pseudonym",
                "app": "voting",
                "pk_attr": "id",
                "table_description": "Under which name a member's ratings are kept, per group.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Vote",
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
                ("subject", fields.CharField(db_index=True, max_length=40)),
                ("gate", fields.CharField(max_length=40)),
                ("wording", fields.IntField(default=1)),
                (
                    "text",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("kind", fields.CharField(max_length=12)),
                ("mode", fields.CharField(max_length=12)),
                ("state", fields.CharField(max_length=12)),
                ("round", fields.IntField(default=1)),
                (
                    "terms",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("entitled", fields.IntField(default=0)),
                ("opened_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("counted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "result",
                    fields.JSONField(
                        null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
            ],
            options={
                "table": "voting_vote",
                "app": "voting",
                "pk_attr": "id",
                "table_description": "Opened and closed. Everything its result depends on is copied here at opening and never changes",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Ballot",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "vote",
                    fields.ForeignKeyField(
                        "voting.Vote",
                        source_field="vote_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="ballots",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("voter", fields.CharField(max_length=40)),
                ("choice", fields.CharField(null=True, max_length=20)),
                ("rating", fields.SmallIntField(null=True)),
                ("reason", fields.TextField(default="", unique=False)),
                ("key", fields.CharField(max_length=64)),
                ("salt", fields.CharField(max_length=64)),
                ("number", fields.IntField()),
                ("revision", fields.IntField(default=1)),
                ("set_aside", fields.BooleanField(default=False)),
            ],
            options={
                "table": "voting_ballot",
                "app": "voting",
                "pk_attr": "id",
                "table_description": "The ballot that counts for one voter. UNIQUE (vote, voter) has the last word.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="BallotTrace",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "vote",
                    fields.ForeignKeyField(
                        "voting.Vote",
                        source_field="vote_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("voter", fields.CharField(max_length=40)),
                ("revision", fields.IntField()),
                ("choice", fields.CharField(null=True, max_length=20)),
                ("rating", fields.SmallIntField(null=True)),
                ("reason", fields.TextField(default="", unique=False)),
                ("salt", fields.CharField(max_length=64)),
                ("key", fields.CharField(max_length=64)),
                ("number", fields.IntField()),
            ],
            options={
                "table": "voting_ballot_trace",
                "app": "voting",
                "pk_attr": "id",
                "table_description": "A ballot as it was before its voter changed it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="RollEntry",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "vote",
                    fields.ForeignKeyField(
                        "voting.Vote",
                        source_field="vote_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="roll",
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
                ("chair", fields.BooleanField(default=False)),
                ("struck_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "voting_roll_entry",
                "app": "voting",
                "pk_attr": "id",
                "table_description": "Who may cast, frozen at opening. A recusal during the vote strikes the name, with its moment.",
            },
            bases=["Model"],
        ),
    ]
