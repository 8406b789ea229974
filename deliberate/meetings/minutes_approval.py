"""Minutes are circulated, amended, approved and, once they are frozen, corrected. Called through
meetings.actions.
"""

from datetime import datetime

from deliberate.errors import NotFound, Refused
from deliberate.live.journal import commitment, new_salt, stamp
from deliberate.mail import outbox
from deliberate.meetings import minutes_letters, minutes_rules
from deliberate.meetings.minutes import Desk, at_minutes, at_section, find_section, keep
from deliberate.meetings.minutes_facts import document_of
from deliberate.meetings.minutes_models import (
    Minutes,
    MinutesAmendment,
    MinutesCorrection,
    MinutesSection,
    fingerprint,
    sections_of,
)
from deliberate.meetings.minutes_rules import MinutesState, Verdict
from deliberate.meetings.models import Meeting, roles_of, votes_of
from deliberate.people.models import Person
from deliberate.settings import Settings
from deliberate.voting.rules import VoteState


async def circulate_minutes(
    meeting_id: int,
    until: datetime,
    actor: Person,
    settings: Settings | None = None,
    now: datetime | None = None,
) -> None:
    """The group reads from now on, may propose amendments until `until`, and is told by letter."""
    async with at_minutes(meeting_id, actor, now) as desk:
        minutes_rules.check_writes(desk.standing, (), desk.meeting.group_id)
        minutes_rules.check_circulates(desk.minutes.state, desk.meeting.state, until, desk.note.now)
        minutes = desk.minutes
        minutes.state, minutes.circulated_at = MinutesState.CIRCULATED, desk.note.now
        minutes.amend_until = until
        await minutes.save()
        versions = {}
        for section in await MinutesSection.filter(minutes_id=minutes.id).order_by("id"):
            versions[section.key] = section.circulated_version = section.version
            await section.save(update_fields=["circulated_version"])
        await desk.tell("minutes_circulated", until=stamp(until), versions=versions)
        desk.note.checkpoint()
        await write_to_members(desk, settings)


async def write_to_members(desk: Desk, settings: Settings | None) -> None:
    if settings is None or not settings.writes_letters:
        return
    roles, _names = await roles_of(desk.meeting.group_id)
    for person in await Person.filter(id__in=list(roles)).order_by("id"):
        letter = minutes_letters.circulated(person, desk.meeting, desk.minutes.amend_until, settings)
        await outbox.queue(person.email, letter.subject, letter.body)


async def propose_amendment(
    meeting_id: int, key: str, passage: str, text: str, actor: Person, now: datetime | None = None
) -> int:
    """One point that a member wants changed. The same point again changes nothing."""
    async with at_minutes(meeting_id, actor, now) as desk:
        minutes_rules.check_reads(desk.standing, desk.meeting.group_id, desk.minutes.state)
        section, gates = await find_section(desk, key)
        minutes_rules.check_amends(desk.standing, gates, desk.meeting.group_id)
        minutes_rules.check_amending(desk.minutes.state, desk.minutes.amend_until, desk.note.now)
        minutes_rules.check_said("text", text)
        minutes_rules.check_text(passage, minutes_rules.LONGEST_POINT, "passage")
        await keep(desk, section)
        same = {"section_id": section.id, "author_id": actor.id, "passage": passage, "text": text}
        made = await MinutesAmendment.get_or_none(**same)
        if made is None:
            salt = new_salt()
            content = {"meeting": meeting_id, "section": key, "passage": passage, "text": text}
            number = await desk.tell("amendment_proposed", about=key, commitment=commitment(content, salt))
            made = await MinutesAmendment.create(**same, salt=salt, at=desk.note.now, entry=number)
    return made.id


async def answer_amendment(
    meeting_id: int, amendment_id: int, verdict: Verdict, answer: str, actor: Person
) -> None:
    """Accepted, modified or rejected, with the reason: once. The text itself is changed by writing."""
    found = await MinutesAmendment.get_or_none(
        id=amendment_id, section__minutes__meeting_id=meeting_id
    ).select_related("section")
    if found is None:
        raise NotFound()
    async with at_section(meeting_id, found.section.key, actor) as (desk, _section):
        amendment = await MinutesAmendment.get(id=amendment_id)
        if (amendment.verdict, amendment.answer) == (verdict, answer):
            return
        minutes_rules.check_answers(desk.minutes.state, amendment.answered_at)
        minutes_rules.check_said("answer", answer)
        amendment.verdict, amendment.answer, amendment.answer_salt = verdict, answer, new_salt()
        amendment.answered_by_id, amendment.answered_at = actor.id, desk.note.now
        await amendment.save()
        await desk.tell(
            "amendment_answered",
            about=f"amendment-{amendment_id}",
            verdict=str(verdict),
            commitment=commitment({"answer": answer}, amendment.answer_salt),
        )


async def approve_minutes(
    meeting_id: int, approved_in: int | None, actor: Person, now: datetime | None = None
) -> None:
    """The text as it stands, with what the system knows of the meeting, for ever.

    `approved_in` is the meeting of the group that approved them; without one it is the chair who does.
    """
    async with at_minutes(meeting_id, actor, now) as desk:
        meeting, minutes = desk.meeting, desk.minutes
        minutes_rules.check_writes(desk.standing, (), meeting.group_id)
        other = await approving_meeting(approved_in, meeting) if approved_in else None
        unanswered = MinutesAmendment.filter(section__minutes_id=minutes.id or 0, answered_at=None)
        votes = [vote for _item, vote in await votes_of(meeting.id)]
        minutes_rules.check_approves(
            desk.standing,
            meeting.group_id,
            state=minutes.state,
            until=minutes.amend_until,
            unanswered=await unanswered.count(),
            uncounted=sum(1 for vote in votes if vote.state != VoteState.COUNTED),
            in_meeting=other is not None,
            now=desk.note.now,
        )
        await free_all(minutes)
        minutes.state, minutes.approved_at = MinutesState.APPROVED, desk.note.now
        minutes.approved_by_id, minutes.approved_in_id = actor.id, other.id if other else None
        sections = await sections_of(minutes.id)
        minutes.frozen, minutes.salt = await document_of(meeting, sections, desk.note.now), new_salt()
        minutes.entry = await desk.tell(
            "minutes_approved",
            meeting=minutes.approved_in_id,
            commitment=commitment({"minutes": minutes.frozen}, minutes.salt),
        )
        await minutes.save()
        desk.note.checkpoint()


async def approving_meeting(meeting_id: int, meeting: Meeting) -> Meeting:
    found = await Meeting.get_or_none(id=meeting_id, group_id=meeting.group_id)
    if found is None or found.id == meeting.id:
        raise NotFound()
    if found.opened_at is None:
        raise Refused("That meeting has not been opened: it cannot have approved anything.")
    return found


async def free_all(minutes: Minutes) -> None:
    held = MinutesSection.filter(minutes_id=minutes.id).exclude(holder_id=None)
    await held.update(holder_id=None, held_at=None, taken_from_id=None, word="")


async def correct_minutes(meeting_id: int, key: str, text: str, actor: Person) -> int:
    """Beside the frozen text, which does not change. The same correction again changes nothing."""
    async with at_section(meeting_id, key, actor) as (desk, section):
        minutes_rules.check_frozen(desk.minutes.state)
        minutes_rules.check_said("text", text)
        await keep(desk, section)
        made = await MinutesCorrection.get_or_none(section_id=section.id, author_id=actor.id, text=text)
        if made is None:
            salt = new_salt()
            number = await desk.tell(
                "minutes_corrected",
                about=key,
                commitment=fingerprint(meeting_id, key, text, salt),
            )
            made = await MinutesCorrection.create(
                section_id=section.id,
                author_id=actor.id,
                text=text,
                salt=salt,
                at=desk.note.now,
                entry=number,
            )
    return made.id
