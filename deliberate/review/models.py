"""The committee's reading: comments on sections of a version, an answer to each, and the vote that adopts."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class ReviewComment(Model):
    id: int = fields.IntField(primary_key=True)
    record = fields.ForeignKeyField("record.Record", on_delete=fields.RESTRICT, related_name="comments")
    record_id: int
    section = fields.CharField(max_length=60)  # key of a section of the record's content
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    author_id: int
    kind = fields.CharField(max_length=12)  # rules.CommentKind: blocking, correction, wording, question
    text = fields.TextField()
    language = fields.CharField(max_length=2)
    key = fields.CharField(max_length=64)  # unique (author, key)
    salt = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "review_comment"


class Answer(Model):
    """One per comment: accepted, modified or rejected, with the reason."""

    id: int = fields.IntField(primary_key=True)
    comment = fields.ForeignKeyField(
        "review.ReviewComment", on_delete=fields.RESTRICT, related_name="answers"
    )
    comment_id: int  # unique
    outcome = fields.CharField(max_length=12)  # rules.AnswerOutcome
    text = fields.TextField()
    author = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    author_id: int
    salt = fields.CharField(max_length=64)
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "review_answer"


class Adoption(Model):
    """A version proposed for adoption, and the committee's vote on it. A vote that does not adopt may be followed

    by another one: the last counts, the journal tells all.
    """

    id: int = fields.IntField(primary_key=True)
    record = fields.ForeignKeyField("record.Record", on_delete=fields.RESTRICT, related_name="adoptions")
    record_id: int  # unique
    vote = fields.ForeignKeyField("voting.Vote", null=True, on_delete=fields.RESTRICT)
    vote_id: int | None  # unique
    proposed_by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    proposed_by_id: int
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "review_adoption"
