"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("interests", "0001_initial")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX interests_declaration_one_person_version "
            "ON interests_declaration (person_id, version)",
            reverse_sql="DROP INDEX interests_declaration_one_person_version",
        ),
    ]
