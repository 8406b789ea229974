from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("journal", fields.IntField(db_index=True)),
                ("size", fields.IntField()),
                ("note", fields.TextField(unique=False)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "live_checkpoint",
                "app": "live",
                "pk_attr": "id",
                "table_description": "A signed statement of size and root. It is worth what leaves the machine.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Entry",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("journal", fields.IntField()),
                ("number", fields.IntField()),
                ("topic", fields.CharField(max_length=80)),
                ("kind", fields.CharField(max_length=60)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "actor",
                    fields.ForeignKeyField(
                        "people.Person",
                        source_field="actor_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("body", fields.TextField(unique=False)),
            ],
            options={
                "table": "live_entry",
                "app": "live",
                "indexes": [Index(fields=["journal", "topic", "number"])],
                "pk_attr": "id",
                "table_description": "One past fact. `body` is its RFC 8785 JSON, the leaf of the tree, the other columns repeat it for",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="JournalHead",
            fields=[
                ("id", fields.IntField(primary_key=True, unique=True, db_index=True)),
                ("turns", fields.BigIntField(default=0)),
                ("size", fields.IntField(default=0)),
                ("peaks", fields.TextField(default="0:", unique=False)),
            ],
            options={
                "table": "live_journal_head",
                "app": "live",
                "pk_attr": "id",
                "table_description": "The lock and the sum of one journal. Whoever writes it has the assessment's turn.",
            },
            bases=["Model"],
        ),
    ]
