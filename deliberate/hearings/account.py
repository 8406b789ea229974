"""The hearings of an assessment as the record prints them: read only, and only what may be published."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deliberate.assessments.models import Assessment, Pair
from deliberate.hearings.models import (
    Contribution,
    Correction,
    Heard,
    Hearing,
    InterestsText,
    MinutesText,
    Spokesperson,
)
from deliberate.hearings.rules import HearingState


@dataclass(frozen=True)
class PublishedContribution:
    title: str
    text: str  # Markdown
    language: str
    version: int
    at: datetime
    entry: int  # of the journal
    fingerprint: str  # the commitment in that entry


@dataclass(frozen=True)
class PublishedMinutes:
    text: str  # Markdown
    version: int
    sent_at: datetime | None
    locked_at: datetime | None
    by_silence: bool  # accepted because nothing was said in time
    entry: int
    fingerprint: str


@dataclass(frozen=True)
class PublishedCorrection:
    passage: str
    text: str
    at: datetime
    verdict: str  # minutes_rules.Verdict
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True)
class HearingAccount:
    """One hearing. Minutes and corrections are None and empty until they are locked."""

    hearing_id: int
    stakeholder_id: int
    organisation: str
    spokespersons: tuple[str, ...]
    state: HearingState
    themes: tuple[dict[str, Any], ...]  # {"code", "title": pair, "text": pair}
    questions: str  # Markdown
    meeting: Pair | None  # its title
    place: str
    planned_at: datetime | None
    convened_at: datetime
    answered_at: datetime | None
    began_at: datetime | None
    ended_at: datetime | None
    heard: tuple[str, ...]
    interests: str
    interests_at: datetime | None
    contributed_at: datetime | None  # also of a contribution that is not for publication
    contribution: PublishedContribution | None
    minutes: PublishedMinutes | None
    corrections: tuple[PublishedCorrection, ...]


async def hearings_of(assessment_id: int, now: datetime | None = None) -> list[HearingAccount]:
    """Every hearing, by organisation and date, in a fixed number of queries. The caller has checked the
    rights.

    A written contribution stands with the last hearing of its organisation.
    """
    assessment = await Assessment.get(id=assessment_id)
    rows = Hearing.filter(stakeholder__assessment_id=assessment_id).select_related("stakeholder", "meeting")
    hearings = await rows.order_by("stakeholder__name", "id")
    ids, organisations = [row.id for row in hearings], {row.stakeholder_id for row in hearings}
    last = {row.stakeholder_id: row.id for row in hearings}
    spoken = (
        await Spokesperson.filter(stakeholder_id__in=organisations).select_related("person").order_by("id")
    )
    speakers = by(spoken, "stakeholder_id")
    heard = by(await Heard.filter(hearing_id__in=ids).select_related("person").order_by("id"), "hearing_id")
    interests = {row.stakeholder_id: row for row in await latest(InterestsText, organisations)}
    contributions = {row.stakeholder_id: row for row in await latest(Contribution, organisations)}
    locked = [row.id for row in hearings if row.state == HearingState.LOCKED]
    minutes = {
        row.hearing_id: row for row in await MinutesText.filter(hearing_id__in=locked).order_by("version")
    }
    corrections = by(await Correction.filter(hearing_id__in=locked).order_by("id"), "hearing_id")
    return [
        account_of(
            hearing,
            now or datetime.now(UTC),
            themes=[theme for theme in assessment.themes if theme["code"] in hearing.themes],
            speakers=[row.person.name for row in speakers[hearing.stakeholder_id]],
            heard=[row.person.name for row in heard[hearing.id]],
            interests=interests.get(hearing.stakeholder_id),
            contribution=contributions.get(hearing.stakeholder_id)
            if last[hearing.stakeholder_id] == hearing.id
            else None,
            minutes=minutes.get(hearing.id),
            corrections=corrections[hearing.id],
        )
        for hearing in hearings
    ]


def by(rows: Iterable[Any], column: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, column)].append(row)
    return found


async def latest(model: Any, organisations: Iterable[int]) -> list[Any]:
    """All versions, oldest first: in a dictionary by organisation the last one stays."""
    rows: list[Any] = await model.filter(stakeholder_id__in=list(organisations)).order_by("version")
    return rows


def account_of(
    hearing: Hearing,
    now: datetime,
    *,
    themes: list[dict[str, Any]],
    speakers: list[str],
    heard: list[str],
    interests: InterestsText | None,
    contribution: Contribution | None,
    minutes: MinutesText | None,
    corrections: list[Correction],
) -> HearingAccount:
    return HearingAccount(
        hearing_id=hearing.id,
        stakeholder_id=hearing.stakeholder_id,
        organisation=hearing.stakeholder.name,
        spokespersons=tuple(speakers),
        state=hearing.state_at(now),
        themes=tuple(themes),
        questions=hearing.questions,
        meeting=hearing.meeting.title if hearing.meeting else None,
        place=hearing.where,
        planned_at=hearing.when,
        convened_at=hearing.convened_at,
        answered_at=hearing.answered_at,
        began_at=hearing.began_at,
        ended_at=hearing.ended_at,
        heard=tuple(heard),
        interests=interests.text if interests else "",
        interests_at=interests.at if interests else None,
        contributed_at=contribution.at if contribution else None,
        contribution=published_contribution(contribution),
        minutes=published_minutes(
            hearing, minutes, by_silence=not corrections and hearing.approved_at is None
        ),
        corrections=tuple(published_correction(row) for row in corrections),
    )


def published_contribution(row: Contribution | None) -> PublishedContribution | None:
    if row is None or not row.may_publish:
        return None
    return PublishedContribution(
        row.title, row.text, row.language, row.version, row.at, row.entry, row.fingerprint
    )


def published_minutes(
    hearing: Hearing, row: MinutesText | None, *, by_silence: bool
) -> PublishedMinutes | None:
    if row is None:
        return None
    return PublishedMinutes(
        text=row.text,
        version=row.version,
        sent_at=hearing.minutes_sent_at,
        locked_at=hearing.locked_at,
        by_silence=by_silence,
        entry=row.entry,
        fingerprint=row.fingerprint,
    )


def published_correction(row: Correction) -> PublishedCorrection:
    return PublishedCorrection(row.passage, row.text, row.at, row.verdict, row.answer, row.answered_at)
