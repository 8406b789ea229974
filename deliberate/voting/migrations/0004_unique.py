"""What may exist once, of the tables and columns of 0003. See 0002."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("voting", "0003_rounds")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX voting_round_one_group_number ON voting_round (group_id, number)",
            reverse_sql="DROP INDEX voting_round_one_group_number",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX voting_vote_one_replaces ON voting_vote (replaces_id)",
            reverse_sql="DROP INDEX voting_vote_one_replaces",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX voting_rating_draft_one_round_voter "
            "ON voting_rating_draft (round_id, voter)",
            reverse_sql="DROP INDEX voting_rating_draft_one_round_voter",
        ),
    ]
