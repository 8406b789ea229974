"""Which paper a proxy stands on."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("meetings", "0006_minutes_unique")]

    operations = [
        ops.AddField(
            model_name="Proxy",
            name="mandate",
            field=fields.CharField(default="", db_default="", max_length=300),
        ),
        ops.AddField(model_name="Proxy", name="salt", field=fields.CharField(null=True, max_length=64)),
    ]
