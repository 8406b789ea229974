"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("record", "0001_initial")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX record_record_one_assessment_version "
            "ON record_record (assessment_id, version)",
            reverse_sql="DROP INDEX record_record_one_assessment_version",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX record_seal_one_assessment ON record_seal (assessment_id)",
            reverse_sql="DROP INDEX record_seal_one_assessment",
        ),
    ]
