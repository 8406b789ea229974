"""Declarations, the interests in them, and the decisions that exclude.

A subject is a key, so no table of questions.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

from tortoise import fields

from deliberate.interests.rules import Standing
from deliberate.interests.standing_rows import read_standings
from deliberate.live.model import Model
from deliberate.web.once import once


class Declaration(Model):
    """One person's signed declaration, a new one supersedes, nothing is overwritten."""

    id: int = fields.IntField(primary_key=True)
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    person_id: int
    version = fields.IntField()  # unique (person, version)
    nothing_to_declare = fields.BooleanField()
    signed_at: datetime = fields.DatetimeField()
    salt = fields.CharField(max_length=64)

    class Meta:
        table = "interests_declaration"


class Interest(Model):
    id: int = fields.IntField(primary_key=True)
    declaration = fields.ForeignKeyField(
        "interests.Declaration", on_delete=fields.RESTRICT, related_name="interests"
    )
    section = fields.CharField(max_length=30)  # rules.SECTIONS
    organisation = fields.CharField(max_length=300)
    description = fields.TextField()
    since = fields.CharField(max_length=20, default="")
    until = fields.CharField(max_length=20, default="")
    major = fields.BooleanField(default=False)

    class Meta:
        table = "interests_interest"


class InterestDecision(Model):
    """What one person may do with one subject, decided by somebody for a reason, the latest one holds."""

    id: int = fields.IntField(primary_key=True)
    assessment = fields.ForeignKeyField("assessments.Assessment", on_delete=fields.RESTRICT)
    assessment_id: int
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    person_id: int
    subject = fields.CharField(max_length=40)  # "question-12" or "group-3"
    outcome = fields.CharField(max_length=20)  # rules.Outcome
    category = fields.CharField(
        max_length=30, default=""
    )  # the publishable part: a section of the declaration
    reason = fields.TextField()
    salt = fields.CharField(max_length=64)
    decided_by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT, related_name=False)
    decided_by_id: int
    decided_at: datetime = fields.DatetimeField()

    class Meta:
        table = "interests_decision"
        indexes = (("assessment_id", "person_id"),)


async def standing_of(person_id: int, assessment_id: int, now: datetime | None = None) -> Standing:
    """Place, declaration and decisions, in one query.

    Asked inside `acting`, it is what holds at that moment; the parts of one page share one answer.
    """
    if now is not None:
        return await read_standing(person_id, assessment_id, now)
    key = ("standing", person_id, assessment_id)
    return await once(key, lambda: read_standing(person_id, assessment_id, datetime.now(UTC)))


async def read_standing(person_id: int, assessment_id: int, now: datetime) -> Standing:
    return (await read_standings(assessment_id, [person_id], now))[person_id]


async def standings_of(
    assessment_id: int, person_ids: Iterable[int], now: datetime | None = None
) -> dict[int, Standing]:
    """The standing of several persons, for rolls, lists and counts."""
    return await read_standings(assessment_id, list(person_ids), now or datetime.now(UTC))


async def latest_declaration(person_id: int) -> Declaration | None:
    """The one that counts, with its interests."""
    return (
        await Declaration.filter(person_id=person_id)
        .order_by("-version")
        .first()
        .prefetch_related("interests")
    )


async def decisions_in_force(assessment_id: int) -> list[InterestDecision]:
    """The latest decision for each person and subject, newest first, with person and who decided."""
    rows = InterestDecision.filter(assessment_id=assessment_id).order_by("-id")
    newest: dict[tuple[int, str], InterestDecision] = {}
    for row in await rows.prefetch_related("person", "decided_by"):
        newest.setdefault((row.person_id, row.subject), row)
    return list(newest.values())


async def newest_declarations(person_ids: list[int]) -> dict[int, Declaration]:
    """The declaration that counts of each of them, with its interests, in two queries."""
    rows = Declaration.filter(person_id__in=person_ids).order_by("version")
    newest = {row.person_id: row for row in await rows}
    await Declaration.fetch_for_list(list(newest.values()), "interests")
    return newest


async def decisions_about(person_id: int) -> list[InterestDecision]:
    """Everything decided about one person, newest first, with its assessment and who decided."""
    rows = InterestDecision.filter(person_id=person_id).order_by("-id")
    return await rows.prefetch_related("assessment", "decided_by")
