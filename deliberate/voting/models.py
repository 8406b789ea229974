"""Votes, the roll frozen at their opening, and ballots.

A vote knows its subject by key and its group; no meeting.
"""

from datetime import datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from deliberate.assessments.models import Pair


class Vote(Model):
    """Opened and closed. Everything its result depends on is copied here at opening and never changes
    after.
    """

    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int
    group = fields.ForeignKeyField("assessments.Group", on_delete=fields.RESTRICT)
    group_id: int
    subject = fields.CharField(max_length=40, db_index=True)  # "statement-5", "question-3", "record-1"
    gate = fields.CharField(max_length=40)  # the key interests are weighed by: "question-3", "record-1"
    wording = fields.IntField(default=1)  # version of what is voted on
    text: Pair = fields.JSONField()  # what is put to the vote, as shown
    kind = fields.CharField(max_length=12)  # rules.VoteKind
    mode = fields.CharField(max_length=12)  # rules.Mode
    state = fields.CharField(max_length=12)  # rules.VoteState
    round = fields.IntField(default=1)
    terms: dict[str, Any] = (
        fields.JSONField()
    )  # rules.Terms: changeable, method parameters, quorum as found at opening
    entitled = fields.IntField(default=0)  # length of the roll
    opened_at: datetime | None = fields.DatetimeField(null=True)
    closed_at: datetime | None = fields.DatetimeField(null=True)
    counted_at: datetime | None = fields.DatetimeField(null=True)
    result: dict[str, Any] | None = fields.JSONField(null=True)

    class Meta:
        table = "voting_vote"


class RollEntry(Model):
    """Who may cast, frozen at opening. A recusal during the vote strikes the name, with its moment."""

    id: int = fields.IntField(primary_key=True)
    vote = fields.ForeignKeyField("voting.Vote", on_delete=fields.RESTRICT, related_name="roll")
    vote_id: int
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    person_id: int  # unique (vote, person)
    chair = fields.BooleanField(default=False)  # whose choice may decide a tie
    struck_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "voting_roll_entry"


class Pseudonym(Model):
    """Under which name a member's ratings are kept, per group.

    Read only where rights and feedback are worked out.
    """

    id: int = fields.IntField(primary_key=True)
    group = fields.ForeignKeyField("assessments.Group", on_delete=fields.RESTRICT)
    group_id: int
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    person_id: int  # unique (group, person)
    code = fields.CharField(max_length=20)  # unique (group, code); unrelated to any id, order or initials

    class Meta:
        table = "voting_pseudonym"


class Ballot(Model):
    """The ballot that counts for one voter. UNIQUE (vote, voter) has the last word."""

    id: int = fields.BigIntField(primary_key=True)
    vote = fields.ForeignKeyField("voting.Vote", on_delete=fields.RESTRICT, related_name="ballots")
    vote_id: int
    voter = fields.CharField(max_length=40)  # "person-5" in a named vote, a pseudonym in a confidential one
    choice = fields.CharField(max_length=20, null=True)
    rating: int | None = fields.SmallIntField(null=True)  # 1-9; null with a reason is "no answer"
    reason = fields.TextField(default="")
    key = fields.CharField(max_length=64)  # made by the client: same key, same answer
    salt = fields.CharField(max_length=64)
    number = fields.IntField()  # of its journal entry
    revision = fields.IntField(default=1)
    set_aside = fields.BooleanField(default=False)  # its voter was recused while the vote was open

    class Meta:
        table = "voting_ballot"


class BallotTrace(Model):
    """A ballot as it was before its voter changed it."""

    id: int = fields.BigIntField(primary_key=True)
    vote = fields.ForeignKeyField("voting.Vote", on_delete=fields.RESTRICT)
    vote_id: int
    voter = fields.CharField(max_length=40)
    revision = fields.IntField()  # unique (vote, voter, revision)
    choice = fields.CharField(max_length=20, null=True)
    rating: int | None = fields.SmallIntField(null=True)
    reason = fields.TextField(default="")
    salt = fields.CharField(max_length=64)
    key = fields.CharField(max_length=64)
    number = fields.IntField()

    class Meta:
        table = "voting_ballot_trace"
