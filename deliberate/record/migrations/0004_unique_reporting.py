"""One text of an item for each version; plain SQL, see 0002."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("record", "0003_reporting")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX record_reporting_text_one_assessment_item_version "
            "ON record_reporting_text (assessment_id, item, version)",
            reverse_sql="DROP INDEX record_reporting_text_one_assessment_item_version",
        ),
    ]
