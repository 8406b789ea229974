import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="RiskQuestion",
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
                ("code", fields.CharField(max_length=40)),
                ("kind", fields.CharField(max_length=40)),
                (
                    "title",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                (
                    "text",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                (
                    "hazard",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("position", fields.IntField(default=0)),
                ("stage", fields.CharField(max_length=20)),
                ("revealed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={"table": "questions_question", "app": "questions", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Conclusion",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "question",
                    fields.ForeignKeyField(
                        "questions.RiskQuestion",
                        source_field="question_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="conclusions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("version", fields.IntField()),
                ("language", fields.CharField(max_length=2)),
                ("answer", fields.TextField(unique=False)),
                ("status", fields.CharField(max_length=30)),
                ("severity", fields.CharField(max_length=20)),
                ("likelihood", fields.CharField(max_length=20)),
                ("certainty", fields.CharField(max_length=20)),
                ("unknowns", fields.TextField(default="", unique=False)),
                ("divergent", fields.TextField(default="", unique=False)),
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
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("adopted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "adopted_by",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="adopted_by_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "questions_conclusion",
                "app": "questions",
                "pk_attr": "id",
                "table_description": "The group's answer to the question as drafted by its chair or the secretariat, versioned, signed by",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Opinion",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "question",
                    fields.ForeignKeyField(
                        "questions.RiskQuestion",
                        source_field="question_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="opinions",
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
                ("stage", fields.CharField(max_length=12)),
                ("version", fields.IntField(default=0)),
                (
                    "draft",
                    fields.JSONField(
                        null=True, encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("draft_saved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("set_aside_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "questions_opinion",
                "app": "questions",
                "pk_attr": "id",
                "table_description": "One member's reasoned opinion on one question: unseen by others until the reveal.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Comment",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "question",
                    fields.ForeignKeyField(
                        "questions.RiskQuestion",
                        source_field="question_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="comments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "opinion",
                    fields.ForeignKeyField(
                        "questions.Opinion",
                        source_field="opinion_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("opinion_version", fields.IntField(null=True)),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "questions.Comment",
                        source_field="parent_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="answers",
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
                ("stance", fields.CharField(max_length=12)),
                ("language", fields.CharField(max_length=2)),
                ("text", fields.TextField(unique=False)),
                ("key", fields.CharField(max_length=64)),
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "questions_comment",
                "app": "questions",
                "pk_attr": "id",
                "table_description": "After the reveal: a stance and a text on an opinion or on the question, answers form threads.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OpinionVersion",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "opinion",
                    fields.ForeignKeyField(
                        "questions.Opinion",
                        source_field="opinion_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="versions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("version", fields.IntField()),
                ("language", fields.CharField(max_length=2)),
                ("position", fields.TextField(unique=False)),
                ("reasons", fields.TextField(unique=False)),
                ("status", fields.CharField(max_length=30)),
                ("severity", fields.CharField(max_length=20)),
                ("likelihood", fields.CharField(max_length=20)),
                ("certainty", fields.CharField(max_length=20)),
                ("unknowns", fields.TextField(default="", unique=False)),
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "questions_opinion_version",
                "app": "questions",
                "pk_attr": "id",
                "table_description": "A submitted text, every submission is a new numbered version.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Citation",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "opinion_version",
                    fields.ForeignKeyField(
                        "questions.OpinionVersion",
                        source_field="opinion_version_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="citations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "item",
                    fields.ForeignKeyField(
                        "evidence.EvidenceItem",
                        source_field="item_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("passage", fields.CharField(default="", max_length=300)),
            ],
            options={"table": "questions_citation", "app": "questions", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Reopening",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "question",
                    fields.ForeignKeyField(
                        "questions.RiskQuestion",
                        source_field="question_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="reopenings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("stage", fields.CharField(max_length=20)),
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
                "table": "questions_reopening",
                "app": "questions",
                "pk_attr": "id",
                "table_description": "A question taken back after its adoption: a deviation, with its reason, printed in the record.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Statement",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "question",
                    fields.ForeignKeyField(
                        "questions.RiskQuestion",
                        source_field="question_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="statements",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("code", fields.CharField(max_length=40)),
                ("position", fields.IntField(default=0)),
                ("version", fields.IntField(default=1)),
            ],
            options={"table": "questions_statement", "app": "questions", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Wording",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "statement",
                    fields.ForeignKeyField(
                        "questions.Statement",
                        source_field="statement_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="wordings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("version", fields.IntField()),
                (
                    "text",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("reason", fields.TextField(default="", unique=False)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "questions_wording",
                "app": "questions",
                "pk_attr": "id",
                "table_description": "The text of a statement, version by version, a vote names the version it was about.",
            },
            bases=["Model"],
        ),
    ]
