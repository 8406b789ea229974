"""The roll says who votes for an absent member under a proxy."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("voting", "0004_unique")]

    operations = [
        ops.AddField(
            model_name="RollEntry",
            name="held_by",
            field=fields.ForeignKeyField(
                "people.Person",
                source_field="held_by_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.RESTRICT,
            ),
        ),
    ]
