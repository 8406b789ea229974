"""The assessment, its groups, and who is a member of what.

A {"fr", "en"} pair is a JSON column named like its noun.
"""

from datetime import datetime
from typing import Any

from tortoise import fields

from deliberate.assessments.rules import Place, Role, place_from
from deliberate.errors import NotFound
from deliberate.live.model import Model
from deliberate.web.once import once

Pair = dict[str, str]  # {"fr": …, "en": …}


class Assessment(Model):
    id: int = fields.IntField(primary_key=True)
    slug = fields.CharField(max_length=60, unique=True)
    title: Pair = fields.JSONField()
    aim: Pair = fields.JSONField()
    requester: Pair = fields.JSONField()
    context: Pair = fields.JSONField()
    risk_kinds: list[dict[str, Any]] = fields.JSONField()  # [{"code", "name": pair}]
    themes: list[dict[str, Any]] = (
        fields.JSONField()
    )  # hearing themes [{"code", "title": pair, "text": pair}]
    protocol: dict[str, Any] = fields.JSONField()  # the method in force, as consensus.protocol reads it
    protocol_hash = fields.CharField(max_length=64)  # of the protocol in force
    protocol_frozen_at: datetime | None = fields.DatetimeField(null=True)
    frozen_hash: str | None = fields.CharField(
        max_length=64, null=True
    )  # of the protocol as it was frozen: a verdict under any other is touched by a deviation
    file_hash = fields.CharField(
        max_length=64
    )  # of the file it was loaded from: loading twice changes nothing
    founded_at: datetime = fields.DatetimeField()

    class Meta:
        table = "assessments_assessment"


class Group(Model):
    id: int = fields.IntField(primary_key=True)
    assessment: fields.ForeignKeyRelation[Assessment] = fields.ForeignKeyField(
        "assessments.Assessment", on_delete=fields.RESTRICT
    )
    assessment_id: int
    code = fields.CharField(max_length=40)  # unique (assessment, code)
    name: Pair = fields.JSONField()
    kind = fields.CharField(max_length=20)  # rules.GroupKind
    seats: int | None = fields.IntField(null=True)
    quorum_share = fields.CharField(max_length=20, default="1/2")
    position = fields.IntField(default=0)

    class Meta:
        table = "assessments_group"


class Membership(Model):
    """A role in an assessment, and in one of its groups when the role has one, from a moment until
    another.
    """

    id: int = fields.IntField(primary_key=True)
    assessment: fields.ForeignKeyRelation[Assessment] = fields.ForeignKeyField(
        "assessments.Assessment", on_delete=fields.RESTRICT
    )
    assessment_id: int
    group: fields.ForeignKeyNullableRelation[Group] = fields.ForeignKeyField(
        "assessments.Group", null=True, on_delete=fields.RESTRICT
    )
    group_id: int | None
    person = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    person_id: int
    role = fields.CharField(max_length=20)  # rules.Role
    since: datetime = fields.DatetimeField()
    until: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "assessments_membership"
        indexes = (("person_id", "assessment_id"),)


class ProtocolDeviation(Model):
    """One parameter changed after the freeze, for a reason; printed in the record."""

    id: int = fields.IntField(primary_key=True)
    assessment: fields.ForeignKeyRelation[Assessment] = fields.ForeignKeyField(
        "assessments.Assessment", on_delete=fields.RESTRICT
    )
    assessment_id: int
    key = fields.CharField(max_length=80)  # dotted, as in METHODS.md
    old: Any = fields.JSONField(null=True)
    new: Any = fields.JSONField(null=True)
    reason = fields.TextField()
    salt = fields.CharField(max_length=64)
    by = fields.ForeignKeyField("people.Person", on_delete=fields.RESTRICT)
    by_id: int
    at: datetime = fields.DatetimeField()
    hash_before = fields.CharField(max_length=64)
    hash_after = fields.CharField(max_length=64)

    class Meta:
        table = "assessments_protocol_deviation"


async def frozen_protocol_hash(assessment_id: int) -> str | None:
    """The hash frozen before round one; None before the freeze.

    A verdict is touched by a deviation if and only if its vote's terms hold another hash.
    """
    row = await Assessment.filter(id=assessment_id).first().values("frozen_hash")
    return row["frozen_hash"] if row else None


async def deviations_of(assessment_id: int) -> list[ProtocolDeviation]:
    """In the order they happened, each with who made it."""
    return await ProtocolDeviation.filter(assessment_id=assessment_id).order_by("id").prefetch_related("by")


async def place_of(person_id: int, assessment_id: int) -> Place:
    """The person's place by the memberships in force, in one query."""
    rows = Membership.filter(person_id=person_id, assessment_id=assessment_id, until=None)
    held = await rows.values_list("role", "group_id", "group__kind")
    return place_from(person_id, assessment_id, held)


async def chairs_and_members(group_id: int) -> list[dict[str, Any]]:
    """[{"person_id", "role", "person__name"}] of those now in the group, by name."""
    rows = Membership.filter(group_id=group_id, until=None).order_by("person__name", "id")
    return await rows.values("person_id", "role", "person__name")


async def assessment_called(slug: str) -> Assessment:
    """The assessment at this address. Whether one may see it is for the policy."""
    assessment = await Assessment.get_or_none(slug=slug)
    if assessment is None:
        raise NotFound()
    return assessment


async def memberships_of(person_id: int) -> list[dict[str, Any]]:
    """The memberships in force, by assessment; the parts of one page share one answer.

    `{"assessment_id", "role", "group_id", "group__code", "group__name", "group__kind"}` for each.
    """
    rows = Membership.filter(person_id=person_id, until=None).order_by("assessment_id", "id")
    columns = ("assessment_id", "role", "group_id", "group__code", "group__name", "group__kind")
    found: list[dict[str, Any]] = await once(("memberships", person_id), lambda: rows.values(*columns))
    return found


async def places_of(person_id: int) -> dict[int, list[dict[str, Any]]]:
    """The same by assessment."""
    places: dict[int, list[dict[str, Any]]] = {}
    for row in await memberships_of(person_id):
        places.setdefault(row["assessment_id"], []).append(row)
    return places


async def members_of(assessment_id: int) -> list[dict[str, Any]]:
    """Everybody with a role in the assessment, by group and name, in one query."""
    rows = Membership.filter(assessment_id=assessment_id, until=None)
    return await rows.order_by("group__position", "group_id", "person__name", "id").values(
        "id", "role", "group_id", "person_id", "person__name", "person__email", "since"
    )


async def groups_of(assessment_id: int) -> list[Group]:
    return await Group.filter(assessment_id=assessment_id).order_by("position", "id")


async def count_secretaries(assessment_id: int) -> int:
    return await Membership.filter(assessment_id=assessment_id, role=Role.SECRETARIAT, until=None).count()


async def without_secretariat() -> list[Assessment]:
    """Assessments that wait for the administrator to invite somebody to prepare them."""
    served = await Membership.filter(role=Role.SECRETARIAT, until=None).values_list(
        "assessment_id", flat=True
    )
    return await Assessment.exclude(id__in=list(served)).order_by("id")
