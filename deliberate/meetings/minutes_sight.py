"""The minutes as one reader may see them, read in one go. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from deliberate.errors import NotFound
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.models import Checkpoint
from deliberate.meetings import minutes_rules, rules
from deliberate.meetings.minutes_facts import document_of
from deliberate.meetings.minutes_models import (
    Minutes,
    MinutesAmendment,
    MinutesCorrection,
    MinutesSection,
    minutes_of,
    sections_of,
)
from deliberate.meetings.minutes_rules import MinutesState
from deliberate.meetings.minutes_words import Section, gates_in, sections_in_words
from deliberate.meetings.models import Meeting
from deliberate.people.models import Person


@dataclass(frozen=True)
class MinutesSight:
    meeting: Meeting
    standing: Standing
    minutes: Minutes  # not stored yet while nobody has written
    document: Mapping[str, Any]
    sections: list[Section]  # in the reader's words
    rows: dict[str, MinutesSection]  # by key, those shown
    amendments: dict[str, list[MinutesAmendment]]
    corrections: dict[str, list[MinutesCorrection]]
    now: datetime

    @property
    def writes(self) -> bool:
        return rules.runs(self.standing, self.meeting.group_id)

    @property
    def state(self) -> str:
        return str(self.minutes.state)

    @property
    def written_at(self) -> datetime | None:
        """When what is shown came about; the PDF carries it."""
        written = [row.written_at for row in self.rows.values() if row.written_at]
        return self.minutes.approved_at or max(written, default=None)

    @property
    def frozen(self) -> bool:
        return self.state in minutes_rules.FROZEN

    @property
    def amends(self) -> bool:
        """Whether this reader may propose an amendment now."""
        until = self.minutes.amend_until
        is_time = self.state == MinutesState.CIRCULATED and (until is None or self.now <= until)
        own = minutes_rules.amends(self.standing, self.meeting.group_id) and self.standing.declared
        return is_time and own

    @property
    def unanswered(self) -> int:
        return sum(1 for points in self.amendments.values() for point in points if point.answered_at is None)

    def section(self, key: str) -> Section:
        """Raises NotFound: there is none, or not for this reader."""
        found = next((each for each in self.sections if each.key == key and not each.hidden), None)
        if found is None:
            raise NotFound()
        return found

    def holder_of(self, key: str) -> Person | None:
        """Who writes in the section just now."""
        row = self.rows.get(key)
        if row is None or not minutes_rules.is_held(row.holder_id, row.held_at, self.now):
            return None
        found: Person = row.holder
        return found


async def minutes_seen(person: Person, meeting_id: int) -> MinutesSight:
    """Raises NotFound: there are none, or not for this person."""
    meeting = await Meeting.filter(id=meeting_id).select_related("assessment", "group").first()
    if meeting is None:
        raise NotFound()
    now = datetime.now(UTC)
    standing = await standing_of(person.id, meeting.assessment_id)
    minutes = await minutes_of(meeting_id)
    minutes_rules.check_reads(standing, meeting.group_id, minutes.state if minutes else None)
    rows = await sections_of(minutes.id) if minutes else {}
    frozen = minutes.frozen if minutes else None
    document = frozen or await document_of(meeting, rows, now)
    hidden = rules.hides(standing, gates_in(document), meeting.group_id)
    sections = sections_in_words(document, hidden)
    shown = {section.key for section in sections if not section.hidden}
    ids = {row.id: key for key, row in rows.items() if key in shown}
    return MinutesSight(
        meeting=meeting,
        standing=standing,
        minutes=minutes or Minutes(meeting_id=meeting_id, state=MinutesState.DRAFT),
        document=document,
        sections=sections,
        rows={key: row for key, row in rows.items() if key in shown},
        amendments=by_section(await amendments_of(minutes), ids),
        corrections=by_section(await corrections_of(minutes), ids),
        now=now,
    )


async def amendments_of(minutes: Minutes | None) -> list[MinutesAmendment]:
    """In the order in which they came; none before the circulation."""
    if minutes is None or minutes.circulated_at is None:
        return []
    rows = MinutesAmendment.filter(section__minutes_id=minutes.id).order_by("id")
    return await rows.select_related("author", "answered_by")


async def corrections_of(minutes: Minutes | None) -> list[MinutesCorrection]:
    if minutes is None or minutes.approved_at is None:
        return []
    rows = MinutesCorrection.filter(section__minutes_id=minutes.id).order_by("id")
    return await rows.select_related("author", "section")


def by_section(rows: list[Any], ids: Mapping[int, str]) -> dict[str, list[Any]]:
    """Those of the sections that are shown."""
    found: dict[str, list[Any]] = {key: [] for key in ids.values()}
    for row in rows:
        if row.section_id in ids:
            found[ids[row.section_id]].append(row)
    return found


async def checkpoint_for(minutes: Minutes, journal: int) -> Checkpoint | None:
    """The one that is printed: the first that holds the approval; before it, the newest."""
    rows = Checkpoint.filter(journal=journal)
    if minutes.entry is None:
        return await rows.order_by("-size").first()
    return await rows.filter(size__gte=minutes.entry).order_by("size").first()
