"""Declarations, the interests in them, and the decisions that exclude.

A subject is a key, so no table of questions.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from tortoise import fields
from tortoise.models import Model

from deliberate.assessments.models import Membership, place_of
from deliberate.assessments.rules import GroupKind, Place, Role
from deliberate.interests.rules import Outcome, Standing, is_valid_declaration
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
    """Place, declaration and decisions in three queries.

    Asked inside `acting`, it is what holds at that moment; the parts of one page share one answer.
    """
    if now is not None:
        return await read_standing(person_id, assessment_id, now)
    key = ("standing", person_id, assessment_id)
    return await once(key, lambda: read_standing(person_id, assessment_id, datetime.now(UTC)))


async def read_standing(person_id: int, assessment_id: int, now: datetime) -> Standing:
    place = await place_of(person_id, assessment_id)
    signed = await Declaration.filter(person_id=person_id).order_by("-version").first().values("signed_at")
    decisions: list[dict[str, Any]] = (
        await InterestDecision.filter(person_id=person_id, assessment_id=assessment_id)
        .order_by("id")
        .values("subject", "outcome")
    )
    return Standing(
        place=place,
        declared=is_valid_declaration(signed["signed_at"] if signed else None, now),
        outcomes={row["subject"]: Outcome(row["outcome"]) for row in decisions},  # the latest one holds
    )


async def standings_of(
    assessment_id: int, person_ids: Iterable[int], now: datetime | None = None
) -> dict[int, Standing]:
    """The standing of several persons, in three queries: for rolls, lists and counts."""
    ids = list(person_ids)
    at = now or datetime.now(UTC)
    places = await places_in(assessment_id, ids)
    signed = await signatures_of(ids)
    outcomes: dict[int, dict[str, Outcome]] = {person_id: {} for person_id in ids}
    for row in await decisions_in_order(assessment_id, ids):
        outcomes[row["person_id"]][row["subject"]] = Outcome(row["outcome"])  # the latest one holds
    return {
        person_id: Standing(
            places[person_id], is_valid_declaration(signed.get(person_id), at), outcomes[person_id]
        )
        for person_id in ids
    }


async def places_in(assessment_id: int, person_ids: list[int]) -> dict[int, Place]:
    """What `assessments.models.place_of` answers, for several persons in one query."""
    rows = await Membership.filter(
        person_id__in=person_ids, assessment_id=assessment_id, until=None
    ).values_list("person_id", "role", "group_id", "group__kind")
    held: dict[int, list[tuple[str, int, str]]] = {person_id: [] for person_id in person_ids}
    for person_id, role, group_id, kind in rows:
        held[person_id].append((role, group_id, kind))
    return {person_id: place_from(person_id, assessment_id, roles) for person_id, roles in held.items()}


def place_from(person_id: int, assessment_id: int, roles: Collection[Sequence[Any]]) -> Place:
    """The place that these (role, group id, kind of group) make."""
    seats = {Role.CHAIR, Role.EXPERT, Role.MEMBER}
    return Place(
        person_id=person_id,
        assessment_id=assessment_id,
        secretariat=any(role == Role.SECRETARIAT for role, _, _ in roles),
        stakeholder=any(role == Role.STAKEHOLDER for role, _, _ in roles),
        chairs=frozenset(group_id for role, group_id, _ in roles if role == Role.CHAIR),
        sits_in=frozenset(group_id for role, group_id, _ in roles if role in seats),
        deliberates_in=frozenset(group_id for _, group_id, kind in roles if kind == GroupKind.WORKING_GROUP),
    )


async def signatures_of(person_ids: list[int]) -> dict[int, datetime]:
    """When each of them last signed; who never did is missing."""
    rows = (
        await Declaration.filter(person_id__in=person_ids)
        .order_by("version")
        .values("person_id", "signed_at")
    )
    return {row["person_id"]: row["signed_at"] for row in rows}


async def decisions_in_order(assessment_id: int, person_ids: list[int]) -> list[dict[str, Any]]:
    rows = InterestDecision.filter(assessment_id=assessment_id, person_id__in=person_ids).order_by("id")
    return await rows.values("person_id", "subject", "outcome")


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
