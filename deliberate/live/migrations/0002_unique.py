"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("live", "0001_initial")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX live_entry_one_journal_number ON live_entry (journal, number)",
            reverse_sql="DROP INDEX live_entry_one_journal_number",
        ),
    ]
