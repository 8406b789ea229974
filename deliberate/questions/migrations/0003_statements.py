from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("questions", "0002_unique")]

    operations = [
        ops.AddField(
            model_name="Statement",
            name="state",
            field=fields.CharField(default="draft", db_default="draft", max_length=20),
        ),
        ops.AddField(
            model_name="Statement",
            name="withdrawn_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="Statement",
            name="withdrawn_reason",
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddField(
            model_name="Statement",
            name="withdrawn_salt",
            field=fields.CharField(null=True, max_length=64),
        ),
        ops.AddField(model_name="Wording", name="salt", field=fields.CharField(null=True, max_length=64)),
        ops.CreateModel(
            name="StatementOrigin",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "statement",
                    fields.ForeignKeyField(
                        "questions.Statement",
                        source_field="statement_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="origins",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "questions.Statement",
                        source_field="parent_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="offspring",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("how", fields.CharField(max_length=12)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "questions_statement_origin", "app": "questions", "pk_attr": "id"},
            bases=["Model"],
        ),
    ]
