"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("questions", "0001_initial")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX questions_question_one_assessment_code "
            "ON questions_question (assessment_id, code)",
            reverse_sql="DROP INDEX questions_question_one_assessment_code",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX questions_statement_one_question_code "
            "ON questions_statement (question_id, code)",
            reverse_sql="DROP INDEX questions_statement_one_question_code",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX questions_wording_one_statement_version "
            "ON questions_wording (statement_id, version)",
            reverse_sql="DROP INDEX questions_wording_one_statement_version",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX questions_opinion_one_question_author "
            "ON questions_opinion (question_id, author_id)",
            reverse_sql="DROP INDEX questions_opinion_one_question_author",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX questions_opinion_version_one_opinion_version "
            "ON questions_opinion_version (opinion_id, version)",
            reverse_sql="DROP INDEX questions_opinion_version_one_opinion_version",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX questions_comment_one_author_key ON questions_comment (author_id, key)",
            reverse_sql="DROP INDEX questions_comment_one_author_key",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX questions_conclusion_one_question_version "
            "ON questions_conclusion (question_id, version)",
            reverse_sql="DROP INDEX questions_conclusion_one_question_version",
        ),
    ]
