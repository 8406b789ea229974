import functools
from json import dumps, loads

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("meetings", "0008_published_minutes")]

    operations = [
        ops.CreateModel(
            name="UsualAgenda",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "assessment",
                    fields.ForeignKeyField(
                        "assessments.Assessment",
                        source_field="assessment_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("name", fields.CharField(max_length=120)),
                (
                    "lines",
                    fields.JSONField(encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads),
                ),
                ("saved_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "saved_by",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="saved_by_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "meetings_usual_agenda",
                "app": "meetings",
                "pk_attr": "id",
                "table_description": "The items of an agenda under a name, without a meeting.",
            },
            bases=["Model"],
        ),
    ]
