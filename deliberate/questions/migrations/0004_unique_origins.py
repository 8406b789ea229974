"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("questions", "0003_statements")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX questions_statement_origin_one_statement_parent "
            "ON questions_statement_origin (statement_id, parent_id)",
            reverse_sql="DROP INDEX questions_statement_origin_one_statement_parent",
        ),
    ]
