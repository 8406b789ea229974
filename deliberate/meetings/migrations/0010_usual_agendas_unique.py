"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("meetings", "0009_usual_agendas")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX meetings_usual_agenda_one_assessment_name ON meetings_usual_agenda (assessment_id, name)",
            reverse_sql="DROP INDEX meetings_usual_agenda_one_assessment_name",
        ),
    ]
