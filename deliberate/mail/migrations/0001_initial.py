from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="OutboxMessage",
            fields=[
                ("id", fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("to", fields.CharField(max_length=254)),
                ("subject", fields.CharField(max_length=300)),
                ("body", fields.TextField(unique=False)),
                ("calendar", fields.TextField(default="", unique=False)),
                ("secret", fields.BooleanField(default=False)),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("tries", fields.IntField(default=0)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("given_up_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("failure", fields.CharField(default="", max_length=300)),
            ],
            options={
                "table": "mail_outbox_message",
                "app": "mail",
                "pk_attr": "id",
                "table_description": "Waits until `due_at`, then it has left (`sent_at`) or was given up, and `failure` says why.",
            },
            bases=["Model"],
        ),
    ]
