"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("meetings", "0005_minutes")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX meetings_minutes_one_meeting ON meetings_minutes (meeting_id)",
            reverse_sql="DROP INDEX meetings_minutes_one_meeting",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX meetings_minutes_section_one_minutes_key ON meetings_minutes_section (minutes_id, key)",
            reverse_sql="DROP INDEX meetings_minutes_section_one_minutes_key",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX meetings_minutes_text_one_section_version ON meetings_minutes_text (section_id, version)",
            reverse_sql="DROP INDEX meetings_minutes_text_one_section_version",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX meetings_minutes_draft_one_section_person ON meetings_minutes_draft (section_id, person_id)",
            reverse_sql="DROP INDEX meetings_minutes_draft_one_section_person",
        ),
    ]
