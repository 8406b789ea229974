"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("hearings", "0001_initial")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX hearings_stakeholder_one_assessment_name "
            "ON hearings_stakeholder (assessment_id, name)",
            reverse_sql="DROP INDEX hearings_stakeholder_one_assessment_name",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX hearings_spokesperson_one_stakeholder_person "
            "ON hearings_spokesperson (stakeholder_id, person_id)",
            reverse_sql="DROP INDEX hearings_spokesperson_one_stakeholder_person",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX hearings_contribution_one_stakeholder_version "
            "ON hearings_contribution (stakeholder_id, version)",
            reverse_sql="DROP INDEX hearings_contribution_one_stakeholder_version",
        ),
    ]
