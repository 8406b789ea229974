"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("review", "0001_initial")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX review_comment_one_author_key ON review_comment (author_id, key)",
            reverse_sql="DROP INDEX review_comment_one_author_key",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX review_answer_one_comment ON review_answer (comment_id)",
            reverse_sql="DROP INDEX review_answer_one_comment",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX review_adoption_one_vote ON review_adoption (vote_id)",
            reverse_sql="DROP INDEX review_adoption_one_vote",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX review_adoption_one_record ON review_adoption (record_id)",
            reverse_sql="DROP INDEX review_adoption_one_record",
        ),
    ]
