"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX evidence_item_one_assessment_code ON evidence_item (assessment_id, code)",
            reverse_sql="DROP INDEX evidence_item_one_assessment_code",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX evidence_subject_one_item_subject ON evidence_subject (item_id, subject)",
            reverse_sql="DROP INDEX evidence_subject_one_item_subject",
        ),
    ]
