"""What a person is to a hearing: who speaks, who hears, who keeps it."""

from collections.abc import Collection
from datetime import UTC, datetime

from deliberate.assessments.models import Group, Membership
from deliberate.assessments.rules import GroupKind, Role
from deliberate.hearings import rules
from deliberate.hearings.models import Hearing, Spokesperson, Stakeholder
from deliberate.hearings.rules import Seat
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing


async def seat_of(person_id: int, hearing: Hearing, now: datetime | None = None) -> Seat:
    """What this person is to this hearing. Asked inside `acting`, it is what holds at that moment."""
    standing = await standing_of(person_id, hearing.stakeholder.assessment_id, now or datetime.now(UTC))
    return await seat_with(standing, hearing)


async def seat_with(standing: Standing, hearing: Hearing) -> Seat:
    return rules.seat_in(
        standing,
        await working_groups(hearing.stakeholder.assessment_id),
        hearing.meeting.group_id if hearing.meeting else None,
        speaks=await speaks_for(standing.person_id, hearing.stakeholder_id),
    )


async def working_groups(assessment_id: int) -> frozenset[int]:
    groups = Group.filter(assessment_id=assessment_id, kind=GroupKind.WORKING_GROUP)
    return frozenset(await groups.values_list("id", flat=True))


async def speaks_for(person_id: int, stakeholder_id: int) -> bool:
    return await Spokesperson.filter(person_id=person_id, stakeholder_id=stakeholder_id, until=None).exists()


async def spokespersons_of(stakeholder_id: int) -> list[Spokesperson]:
    """Those who speak for the organisation now, by name."""
    return await speakers_in([stakeholder_id])


async def speakers_in(stakeholder_ids: Collection[int]) -> list[Spokesperson]:
    """The spokespersons of several organisations, by name; whoever left the assessment no longer speaks."""
    here = Membership.filter(
        assessment__hearings_stakeholders__id__in=list(stakeholder_ids), role=Role.STAKEHOLDER, until=None
    )
    people = set(await here.values_list("person_id", flat=True))
    rows = Spokesperson.filter(
        stakeholder_id__in=list(stakeholder_ids), until=None, person_id__in=list(people)
    )
    return await rows.select_related("person").order_by("person__name", "id")


async def own_stakeholders(person_id: int, assessment_ids: Collection[int]) -> list[Stakeholder]:
    """The organisations this person speaks for, of these assessments."""
    rows = Stakeholder.filter(
        assessment_id__in=list(assessment_ids),
        spokespersons__person_id=person_id,
        spokespersons__until=None,
    )
    return await rows.select_related("assessment").order_by("name")
