from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Adoption",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "record",
                    fields.ForeignKeyField(
                        "record.Record",
                        source_field="record_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="adoptions",
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
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "review_adoption",
                "app": "review",
                "pk_attr": "id",
                "table_description": "A version proposed for adoption, and the committee's vote on it. A vote that does not adopt may be followed",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ReviewComment",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "record",
                    fields.ForeignKeyField(
                        "record.Record",
                        source_field="record_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="comments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("section", fields.CharField(max_length=60)),
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
                ("kind", fields.CharField(max_length=12)),
                ("text", fields.TextField(unique=False)),
                ("language", fields.CharField(max_length=2)),
                ("key", fields.CharField(max_length=64)),
                ("salt", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "review_comment", "app": "review", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Answer",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "comment",
                    fields.ForeignKeyField(
                        "review.ReviewComment",
                        source_field="comment_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="answers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("outcome", fields.CharField(max_length=12)),
                ("text", fields.TextField(unique=False)),
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
            ],
            options={
                "table": "review_answer",
                "app": "review",
                "pk_attr": "id",
                "table_description": "One per comment: accepted, modified or rejected, with the reason.",
            },
            bases=["Model"],
        ),
    ]
