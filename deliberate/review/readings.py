"""The records in review, seen from one person's places: what the first page needs, in few queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tortoise.functions import Count

from deliberate.assessments.models import Assessment, memberships_of
from deliberate.assessments.rules import GroupKind, Role
from deliberate.interests.models import InterestDecision
from deliberate.interests.rules import KEEPS_OUT
from deliberate.record.models import HEAD, Record
from deliberate.review.models import Adoption, ReviewComment


@dataclass(frozen=True)
class Reading:
    """The newest version of one assessment, seen from one person's place."""

    record: Record
    title: Mapping[str, str]
    prepares: bool
    reads: bool  # as a member of the committee
    presides: bool
    unanswered: int
    commented: bool
    proposed: bool
    adopts: bool | None


async def readings_of(person_id: int) -> list[Reading]:
    """In seven queries at most, however many assessments; in one for whoever is neither of both."""
    rows = await memberships_of(person_id)
    places = {row["assessment_id"]: [] for row in rows if is_place(row)}
    for row in rows:
        if is_place(row):
            places[row["assessment_id"]].append(row)
    if not places:
        return []
    newest = await newest_versions(list(places))
    if not newest:
        return []
    away = await kept_out(person_id, list(newest))
    titles = dict(await Assessment.filter(id__in=list(newest)).values_list("id", "title"))
    comments = await comment_counts(list(newest))
    adoptions = await proposals([record.id for record in newest.values()])
    return [
        reading(record, places[key], key in away, titles[key], comments.get(key, (0, 0)), adoptions)
        for key, record in newest.items()
    ]


def is_place(row: Mapping[str, Any]) -> bool:
    return row["role"] == Role.SECRETARIAT or row["group__kind"] == GroupKind.COMMITTEE


def reading(
    record: Record,
    places: list[dict[str, Any]],
    away: bool,
    title: Mapping[str, str],
    comments: tuple[int, int],
    adoptions: Mapping[int, bool | None],
) -> Reading:
    seats = [row for row in places if row["group__kind"] == GroupKind.COMMITTEE and not away]
    return Reading(
        record=record,
        title=title,
        prepares=any(row["role"] == Role.SECRETARIAT for row in places),
        reads=bool(seats),
        presides=any(row["role"] == Role.CHAIR for row in seats),
        unanswered=comments[1],
        commented=comments[0] > 0,
        proposed=record.id in adoptions,
        adopts=adoptions.get(record.id),
    )


async def newest_versions(assessment_ids: list[int]) -> dict[int, Record]:
    rows = Record.filter(assessment_id__in=assessment_ids).only(*HEAD).order_by("version")
    return {record.assessment_id: record for record in await rows}


async def kept_out(person_id: int, assessment_ids: list[int]) -> set[int]:
    """The assessments whose record or committee a decision keeps this person out of."""
    decided = InterestDecision.filter(person_id=person_id, assessment_id__in=assessment_ids).order_by("id")
    latest = {
        (row["assessment_id"], row["subject"]): row["outcome"]
        for row in await decided.values("assessment_id", "subject", "outcome")
        if not row["subject"].startswith("question-")
    }
    return {key for (key, _subject), outcome in latest.items() if outcome in KEEPS_OUT}


async def comment_counts(assessment_ids: list[int]) -> dict[int, tuple[int, int]]:
    """assessment -> (comments, those without an answer)."""
    rows = ReviewComment.filter(record__assessment_id__in=assessment_ids)
    counted = (
        await rows.annotate(said=Count("id"), answered=Count("answers__id"))
        .group_by("record__assessment_id")
        .values("record__assessment_id", "said", "answered")
    )
    return {row["record__assessment_id"]: (row["said"], row["said"] - row["answered"]) for row in counted}


async def proposals(record_ids: list[int]) -> dict[int, bool | None]:
    """record -> what its vote came to, for those proposed."""
    rows = await Adoption.filter(record_id__in=record_ids).values("record_id", "vote__result")
    return {row["record_id"]: adopts_in(row["vote__result"]) for row in rows}


def adopts_in(result: Mapping[str, Any] | None) -> bool | None:
    return bool(result["adopts"]) if result else None
