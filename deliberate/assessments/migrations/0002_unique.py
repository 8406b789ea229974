"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("assessments", "0001_initial")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX assessments_group_one_assessment_code "
            "ON assessments_group (assessment_id, code)",
            reverse_sql="DROP INDEX assessments_group_one_assessment_code",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX assessments_membership_one_assessment_person_role_group "
            "ON assessments_membership (assessment_id, person_id, role, coalesce(group_id, 0)) WHERE until IS NULL",
            reverse_sql="DROP INDEX assessments_membership_one_assessment_person_role_group",
        ),
    ]
