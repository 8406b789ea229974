"""The committee's reading: comments on sections of a version, an answer to each, and the vote that adopts."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise import fields

from deliberate.live.model import Model
from deliberate.meetings.models import AgendaItem, Meeting
from deliberate.meetings.rules import MeetingState
from deliberate.people.models import Person
from deliberate.record.models import Record
from deliberate.voting.models import Vote, ballots_of, names_on_rolls, represented_in, votes_on
from deliberate.voting.rules import VoteKind, VoteState


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
    """A version proposed for adoption, and the vote that counts: the last one of the committee on it."""

    id: int = fields.IntField(primary_key=True)
    record = fields.ForeignKeyField("record.Record", on_delete=fields.RESTRICT, related_name="adoptions")
    record_id: int  # unique
    vote: fields.ForeignKeyNullableRelation[Vote] = fields.ForeignKeyField(
        "voting.Vote", null=True, on_delete=fields.RESTRICT
    )
    vote_id: int | None  # unique
    proposed_by: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "people.Person", on_delete=fields.RESTRICT, related_name=False
    )
    proposed_by_id: int
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "review_adoption"


# Read-only lookups


@dataclass(frozen=True)
class Said:
    """A comment with its answer, as the margin shows it."""

    id: int
    version: int  # of the record it was made on
    section: str
    kind: str
    text: str
    language: str
    author: str
    at: datetime
    outcome: str | None = None
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None


async def comments_on(record: Record) -> list[Said]:
    """The comments on this version and on those before it, with their answers, in two queries."""
    earlier = ReviewComment.filter(
        record__assessment_id=record.assessment_id, record__version__lte=record.version
    )
    rows = await earlier.order_by("id").values(
        "id", "record__version", "section", "kind", "text", "language", "author__name", "at"
    )
    answers = Answer.filter(comment_id__in=[row["id"] for row in rows]) if rows else None
    found = await answers.values("comment_id", "outcome", "text", "author__name", "at") if answers else []
    by_comment = {row["comment_id"]: row for row in found}
    return [said(row, by_comment.get(row["id"])) for row in rows]


def said(row: Mapping[str, Any], answer: Mapping[str, Any] | None) -> Said:
    told: dict[str, Any] = (
        {
            "outcome": answer["outcome"],
            "answer": answer["text"],
            "answered_by": answer["author__name"],
            "answered_at": answer["at"],
        }
        if answer
        else {}
    )
    same = {name: row[name] for name in ("id", "section", "kind", "text", "language", "at")}
    return Said(**same, version=row["record__version"], author=row["author__name"], **told)


async def count_unanswered(record: Record) -> int:
    """Of this version and of those before it."""
    comments = ReviewComment.filter(
        record__assessment_id=record.assessment_id, record__version__lte=record.version
    )
    return await comments.filter(answers__id__isnull=True).count()


def subject_of(record: Record) -> str:
    """The key of the vote on the adoption, and the key by which interests in it are weighed."""
    return f"record-{record.id}"


async def adoption_of(record_id: int) -> Adoption | None:
    return await Adoption.get_or_none(record_id=record_id)


async def votes_to_adopt(record: Record) -> list[Vote]:
    """The named votes on this version that were opened, in order."""
    found = await votes_on([subject_of(record)])
    return [vote for vote in found if vote.kind == VoteKind.CHOICE and vote.state != VoteState.PREPARED]


def is_open(votes: Collection[Vote]) -> bool:
    """Whether the committee is deciding: a vote that is closed and not counted may still adopt."""
    return any(vote.state in (VoteState.OPEN, VoteState.CLOSED) for vote in votes)


def last_result(votes: list[Vote]) -> bool | None:
    """What the last vote came to; None while there is none, or while it is not counted."""
    if not votes or votes[-1].result is None:
        return None
    return bool(votes[-1].result["adopts"])


async def adoption_told(vote: Vote) -> dict[str, Any]:
    """The vote as it is kept with the seal: who voted what, with the explanations (CSP L.1451-1-1)."""
    names = await names_on_rolls([vote.id])
    represented = (await represented_in([vote.id])).get(vote.id, {})
    item = await AgendaItem.filter(votes__vote_id=vote.id).first().values("meeting__title")
    result = vote.result or {}
    return {
        "vote": vote.id,
        "meeting": item["meeting__title"] if item else {},
        "closed_at": vote.closed_at.isoformat() if vote.closed_at else None,
        "entitled": vote.entitled,
        "quorum": vote.terms.get("quorum"),
        "outcome": result.get("outcome"),
        "counts": result.get("counts", {}),
        "ballots": [
            {
                "name": names.get(row.voter, row.voter),
                **({"represented_by": represented[row.voter]} if row.voter in represented else {}),
                "choice": row.choice,
                "rating": None,
                "reason": row.reason,
            }
            for row in await ballots_of(vote)
        ],
    }


async def items_on(record: Record) -> list[AgendaItem]:
    """Where the version stands on an agenda, with the meeting, the latest first."""
    items = AgendaItem.filter(subject=subject_of(record)).order_by("-id")
    return await items.select_related("meeting")


async def meetings_to_come(group_id: int) -> list[Meeting]:
    """Of the committee, to which an item can still be added."""
    ahead = Meeting.filter(group_id=group_id).exclude(state=MeetingState.CLOSED)
    return await ahead.order_by("planned_at", "id")
