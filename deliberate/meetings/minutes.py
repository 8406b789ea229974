"""Minutes: taking up a section, and writing it. Called through meetings.actions.

Entries stand under `minutes-<meeting>`. They hold keys of sections, versions and commitments, never a text:
a member who is recused from an item reads the same journal.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from deliberate.errors import NotFound, Refused
from deliberate.interests.models import standing_of
from deliberate.interests.rules import Standing
from deliberate.live.journal import Note, acting, new_salt
from deliberate.meetings import minutes_rules
from deliberate.meetings.minutes_models import (
    Minutes,
    MinutesDraft,
    MinutesSection,
    MinutesText,
    fingerprint,
)
from deliberate.meetings.minutes_rules import MinutesState
from deliberate.meetings.models import AgendaItem, Meeting
from deliberate.meetings.rules import gate_of
from deliberate.people.models import Person


@dataclass(frozen=True)
class Desk:
    """What an act on minutes has before it, as it is in this turn."""

    meeting: Meeting
    minutes: Minutes
    standing: Standing
    note: Note

    @property
    def topic(self) -> str:
        return f"minutes-{self.meeting.id}"

    async def tell(self, kind: str, **details: object) -> int:
        return await self.note(self.topic, kind, **details)


@asynccontextmanager
async def at_minutes(meeting_id: int, actor: Person, now: datetime | None = None) -> AsyncIterator[Desk]:
    """Rights are for the act to check: this only reads who asks, and in what state things are."""
    meeting = await Meeting.get_or_none(id=meeting_id)
    if meeting is None:
        raise NotFound()
    async with acting(meeting.assessment_id, actor, now) as note:
        await meeting.refresh_from_db()
        standing = await standing_of(actor.id, meeting.assessment_id, note.now)
        found = await Minutes.get_or_none(meeting_id=meeting_id)
        yield Desk(meeting, found or Minutes(meeting_id=meeting_id, state=MinutesState.DRAFT), standing, note)


@asynccontextmanager
async def at_section(
    meeting_id: int, key: str, actor: Person, now: datetime | None = None
) -> AsyncIterator[tuple[Desk, MinutesSection]]:
    """A section for its writer, begun if need be."""
    async with at_minutes(meeting_id, actor, now) as desk:
        minutes_rules.check_writes(desk.standing, (), desk.meeting.group_id)
        section, gates = await find_section(desk, key)
        minutes_rules.check_writes(desk.standing, gates, desk.meeting.group_id)
        yield desk, section


async def find_section(desk: Desk, key: str) -> tuple[MinutesSection, tuple[str, ...]]:
    """The section, not stored yet if nobody wrote on it, and the gates by which it may be hidden."""
    minutes = desk.minutes
    found = await MinutesSection.get_or_none(minutes_id=minutes.id, key=key) if minutes.id else None
    if not minutes_rules.KEY.fullmatch(key):
        raise NotFound()
    item = None
    if key.startswith("item-"):
        item = await AgendaItem.get_or_none(id=int(key.removeprefix("item-")), meeting_id=desk.meeting.id)
        if item is None and found is None:
            raise NotFound()
    gate = gate_of(item.subject) if item else ""
    if found is None:
        found = MinutesSection(key=key, gate=gate, title=item.title if item else None)
    return found, (gate, found.gate)


async def keep(desk: Desk, section: MinutesSection) -> None:
    """Stores what `find_section` may have made anew."""
    if not desk.minutes.id:
        await desk.minutes.save()
    section.minutes_id = desk.minutes.id
    await section.save()


def check_open(desk: Desk) -> None:
    minutes_rules.check_open(desk.minutes.state, desk.minutes.approved_at)


async def name_of(person_id: int | None) -> str:
    return str(await Person.filter(id=person_id).first().values_list("name", flat=True) or "")


# One writer at a time


async def hold_section(
    meeting_id: int, key: str, actor: Person, word: str = "", now: datetime | None = None
) -> None:
    """From now on the actor writes. Somebody else who writes is not displaced without a word.

    What the writer before typed and did not store becomes a version, so that the next one goes on from it.

    Raises:
        Refused: somebody else writes, and no word was given.
    """
    async with at_section(meeting_id, key, actor, now) as (desk, section):
        check_open(desk)
        minutes_rules.check_text(word, minutes_rules.LONGEST_WORD, "word")
        before = section.holder_id
        if before == actor.id and minutes_rules.is_held(before, section.held_at, desk.note.now):
            section.held_at = desk.note.now
            await keep(desk, section)
            return
        taken = minutes_rules.is_held_by_other(before, section.held_at, actor.id, desk.note.now)
        if taken and not word.strip():
            raise minutes_rules.held(await name_of(before))
        await keep(desk, section)
        if before and before != actor.id:
            await store_draft_of(desk, section, before)
        section.holder_id, section.held_at = actor.id, desk.note.now
        section.taken_from_id, section.word = (before, word.strip()) if taken else (None, "")
        await section.save()
        await desk.tell("minutes_taken_over" if taken else "minutes_held", about=key, by=actor.id)


async def store_draft_of(desk: Desk, section: MinutesSection, person_id: int) -> None:
    """A draft that follows on the newest version. One that does not stays a draft, for its author."""
    draft = await MinutesDraft.get_or_none(section_id=section.id, person_id=person_id)
    if draft and draft.based_on == section.version and draft.text != section.text:
        await enter_text(desk, section, draft.text, person_id)
        await draft.delete()


async def release_section(meeting_id: int, key: str, actor: Person) -> None:
    async with at_section(meeting_id, key, actor) as (desk, section):
        if section.holder_id == actor.id:
            await let_go(desk, section)


async def let_go(desk: Desk, section: MinutesSection) -> None:
    section.holder_id = section.held_at = section.taken_from_id = None
    section.word = ""
    await section.save()
    await desk.tell("minutes_released", about=section.key)


# Writing


async def save_draft(
    meeting_id: int, key: str, text: str, based_on: int, actor: Person, now: datetime | None = None
) -> datetime:
    """Keeps what was typed so far, for its author alone, and shows that the author is still there.

    Raises:
        Refused: somebody else has taken the section over. The draft is kept all the same.
    """
    refusal: Refused | None = None
    async with at_section(meeting_id, key, actor, now) as (desk, section):
        check_open(desk)
        minutes_rules.check_text(text)
        await keep(desk, section)
        await put_draft(section, actor.id, text, based_on, desk.note.now)
        if minutes_rules.is_held_by_other(section.holder_id, section.held_at, actor.id, desk.note.now):
            refusal = minutes_rules.held(await name_of(section.holder_id))
        else:
            await sign_of_life(desk, section, actor)
    if refusal:
        raise refusal
    return desk.note.now


async def sign_of_life(desk: Desk, section: MinutesSection, actor: Person) -> None:
    """Whoever types in a section that is free holds it."""
    if section.holder_id != actor.id:
        section.taken_from_id, section.word = None, ""
        await desk.tell("minutes_held", about=section.key, by=actor.id)
    section.holder_id, section.held_at = actor.id, desk.note.now
    await section.save()


async def put_draft(section: MinutesSection, person_id: int, text: str, based_on: int, now: datetime) -> None:
    """A browser may send a draft after the text it belongs to: what is stored is no draft any more."""
    mine = MinutesDraft.filter(section_id=section.id, person_id=person_id)
    if text == section.text:
        await mine.delete()
    elif not await mine.update(text=text, based_on=based_on, at=now):
        await MinutesDraft.create(
            section_id=section.id, person_id=person_id, text=text, based_on=based_on, at=now
        )


async def discard_draft(meeting_id: int, key: str, actor: Person) -> None:
    """Somebody wants the stored text, and no more what stands in the own draft."""
    async with at_section(meeting_id, key, actor) as (desk, section):
        await MinutesDraft.filter(section_id=section.id or 0, person_id=actor.id).delete()
        if section.holder_id == actor.id:
            await let_go(desk, section)


async def write_section(
    meeting_id: int, key: str, text: str, based_on: int, actor: Person, *, go_on: bool = False
) -> int:
    """A new version, whose number it returns. The same text again is the version already there.

    Raises:
        Refused: somebody else writes, or stored a version meanwhile. The text is kept as a draft.
    """
    refusal: Refused | None = None
    async with at_section(meeting_id, key, actor) as (desk, section):
        check_open(desk)
        minutes_rules.check_text(text)
        await keep(desk, section)
        refusal = await why_not_stored(desk, section, text, based_on, actor)
        if refusal:
            await put_draft(section, actor.id, text, based_on, desk.note.now)
        else:
            if text != section.text:
                await enter_text(desk, section, text, actor.id)
            await MinutesDraft.filter(section_id=section.id, person_id=actor.id).delete()
            await hold_on(desk, section, actor, go_on)
    if refusal:
        raise refusal
    return section.version


async def why_not_stored(
    desk: Desk, section: MinutesSection, text: str, based_on: int, actor: Person
) -> Refused | None:
    if text == section.text:
        return None
    if minutes_rules.is_held_by_other(section.holder_id, section.held_at, actor.id, desk.note.now):
        return minutes_rules.held(await name_of(section.holder_id))
    try:
        minutes_rules.check_basis(based_on, section.version)
    except Refused as refusal:
        return refusal
    return None


async def hold_on(desk: Desk, section: MinutesSection, actor: Person, go_on: bool) -> None:
    """After storing: the section is free again, unless its writer goes on."""
    if go_on:
        await sign_of_life(desk, section, actor)
    elif section.holder_id == actor.id:
        await let_go(desk, section)


async def enter_text(
    desk: Desk, section: MinutesSection, text: str, author_id: int, restored: int | None = None
) -> None:
    version, salt = section.version + 1, new_salt()
    number = await desk.tell(
        "minutes_written",
        about=section.key,
        version=version,
        author=author_id,
        restored=restored,
        commitment=fingerprint(desk.meeting.id, section.key, text, salt),
    )
    await MinutesText.create(
        section_id=section.id,
        version=version,
        author_id=author_id,
        text=text,
        restored=restored,
        salt=salt,
        at=desk.note.now,
        entry=number,
    )
    section.version, section.text = version, text
    section.writer_id, section.written_at = author_id, desk.note.now
    await section.save()


async def restore_version(meeting_id: int, key: str, version: int, actor: Person) -> int:
    """An earlier text as a new version: what came in between stays readable, too."""
    async with at_section(meeting_id, key, actor) as (desk, section):
        check_open(desk)
        old = await MinutesText.get_or_none(section_id=section.id, version=version) if section.id else None
        if old is None:
            raise NotFound()
        if minutes_rules.is_held_by_other(section.holder_id, section.held_at, actor.id, desk.note.now):
            raise minutes_rules.held(await name_of(section.holder_id))
        if old.text != section.text:
            await enter_text(desk, section, old.text, actor.id, restored=version)
    return section.version
