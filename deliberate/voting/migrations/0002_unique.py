"""What may exist once. The ORM would drop such constraints without a word, so they are plain SQL."""

from tortoise import migrations
from tortoise.migrations import operations


class Migration(migrations.Migration):
    dependencies = [("voting", "0001_initial")]

    operations = [
        operations.RunSQL(
            "CREATE UNIQUE INDEX voting_roll_entry_one_vote_person ON voting_roll_entry (vote_id, person_id)",
            reverse_sql="DROP INDEX voting_roll_entry_one_vote_person",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX voting_pseudonym_one_group_person ON voting_pseudonym (group_id, person_id)",
            reverse_sql="DROP INDEX voting_pseudonym_one_group_person",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX voting_pseudonym_one_group_code ON voting_pseudonym (group_id, code)",
            reverse_sql="DROP INDEX voting_pseudonym_one_group_code",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX voting_ballot_one_vote_voter ON voting_ballot (vote_id, voter)",
            reverse_sql="DROP INDEX voting_ballot_one_vote_voter",
        ),
        operations.RunSQL(
            "CREATE UNIQUE INDEX voting_ballot_trace_one_vote_voter_revision "
            "ON voting_ballot_trace (vote_id, voter, revision)",
            reverse_sql="DROP INDEX voting_ballot_trace_one_vote_voter_revision",
        ),
    ]
