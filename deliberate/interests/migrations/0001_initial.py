from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Declaration",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
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
                ("version", fields.IntField()),
                ("nothing_to_declare", fields.BooleanField()),
                ("signed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("salt", fields.CharField(max_length=64)),
            ],
            options={
                "table": "interests_declaration",
                "app": "interests",
                "pk_attr": "id",
                "table_description": "One person's signed declaration, a new one supersedes, nothing is overwritten.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Interest",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "declaration",
                    fields.ForeignKeyField(
                        "interests.Declaration",
                        source_field="declaration_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="interests",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("section", fields.CharField(max_length=30)),
                ("organisation", fields.CharField(max_length=300)),
                ("description", fields.TextField(unique=False)),
                ("since", fields.CharField(default="", max_length=20)),
                ("until", fields.CharField(default="", max_length=20)),
                ("major", fields.BooleanField(default=False)),
            ],
            options={"table": "interests_interest", "app": "interests", "pk_attr": "id"},
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InterestDecision",
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
                ("subject", fields.CharField(max_length=40)),
                ("outcome", fields.CharField(max_length=20)),
                ("category", fields.CharField(default="", max_length=30)),
                ("reason", fields.TextField(unique=False)),
                ("salt", fields.CharField(max_length=64)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="decided_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("decided_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "interests_decision",
                "app": "interests",
                "indexes": [Index(fields=["assessment_id", "person_id"])],
                "pk_attr": "id",
                "table_description": "What one person may do with one subject, decided by somebody for a reason, the latest one holds.",
            },
            bases=["Model"],
        ),
    ]
