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
            "CREATE UNIQUE INDEX hearings_interests_text_one_stakeholder_version "
            "ON hearings_interests_text (stakeholder_id, version)",
            reverse_sql="DROP INDEX hearings_interests_text_one_stakeholder_version",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX hearings_contribution_one_stakeholder_version "
            "ON hearings_contribution (stakeholder_id, version)",
            reverse_sql="DROP INDEX hearings_contribution_one_stakeholder_version",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX hearings_minutes_text_one_hearing_version "
            "ON hearings_minutes_text (hearing_id, version)",
            reverse_sql="DROP INDEX hearings_minutes_text_one_hearing_version",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX hearings_heard_one_hearing_person ON hearings_heard (hearing_id, person_id)",
            reverse_sql="DROP INDEX hearings_heard_one_hearing_person",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX hearings_draft_one_hearing_person_kind "
            "ON hearings_draft (hearing_id, person_id, kind)",
            reverse_sql="DROP INDEX hearings_draft_one_hearing_person_kind",
        ),
    ]
