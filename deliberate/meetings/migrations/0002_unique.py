"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("meetings", "0001_initial")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX meetings_agenda_item_one_meeting_position "
            "ON meetings_agenda_item (meeting_id, position)",
            reverse_sql="DROP INDEX meetings_agenda_item_one_meeting_position",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX meetings_item_vote_one_vote ON meetings_item_vote (vote_id)",
            reverse_sql="DROP INDEX meetings_item_vote_one_vote",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX meetings_attendance_one_meeting_person "
            "ON meetings_attendance (meeting_id, person_id) WHERE until IS NULL",
            reverse_sql="DROP INDEX meetings_attendance_one_meeting_person",
        ),
    ]
