"""One content for each version; plain SQL, see 0002."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("record", "0005_content")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX record_content_one_record ON record_content (record_id)",
            reverse_sql="DROP INDEX record_content_one_record",
        ),
    ]
