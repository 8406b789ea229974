"""Organisations, their convocation, what they send, and the hearing itself. With minutes.py, who writes here.

Entries stand under `hearing-<id>`, whose readers are the secretariat, the working groups and the organisation
that is heard. They hold ids, versions and commitments, never a name or a text.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deliberate.assessments import actions as assessments
from deliberate.assessments.actions import Invitation
from deliberate.assessments.models import Assessment, Membership
from deliberate.assessments.rules import Role
from deliberate.errors import NotFound
from deliberate.hearings import letters, rules
from deliberate.hearings.models import (
    Contribution,
    Draft,
    Heard,
    Hearing,
    InterestsText,
    Spokesperson,
    Stakeholder,
    draft_of,
    find_hearing,
    is_stored,
    item_of,
    latest_contribution,
    latest_hearing,
    latest_interests,
    seat_of,
    spokespersons_of,
)
from deliberate.hearings.rules import DraftKind, HearingState, Seat
from deliberate.interests.models import standing_of
from deliberate.live.journal import Note, acting, commitment, new_salt, stamp
from deliberate.live.models import HOUSE
from deliberate.mail import outbox
from deliberate.meetings import actions as meetings
from deliberate.meetings.models import Meeting
from deliberate.meetings.rules import ItemKind, ItemPlan, MeetingState
from deliberate.people.letters import Letter
from deliberate.people.models import Person, person_called
from deliberate.people.rules import clean_email
from deliberate.settings import Settings


async def add_stakeholder(assessment_id: int, name: str, actor: Person) -> Stakeholder:
    """An organisation to be heard. One that is known by this name is not added again."""
    name = " ".join(name.split())
    async with acting(assessment_id, actor) as note:
        await check_secretariat(assessment_id, actor)
        rules.check_organisation(name)
        known = await Stakeholder.get_or_none(assessment_id=assessment_id, name=name)
        if known is not None:
            return known
        salt = new_salt()
        made = await Stakeholder.create(assessment_id=assessment_id, name=name, salt=salt, added_at=note.now)
        await note(
            f"assessment-{assessment_id}",
            "stakeholder_added",
            about=f"stakeholder-{made.id}",
            commitment=commitment({"name": name}, salt),
        )
    return made


async def add_spokesperson(
    stakeholder_id: int, name: str, email: str, language: str, actor: Person, settings: Settings
) -> Invitation:
    """Somebody speaks for the organisation from now on, with a link to come in. Asked again: another link."""
    stakeholder = await find_stakeholder(stakeholder_id)
    assessment = stakeholder.assessment
    async with acting(HOUSE, actor), acting(assessment.id, actor) as note:
        await check_secretariat(assessment.id, actor)
        known = await person_called(clean_email(email))
        place = known and await Membership.get_or_none(
            assessment_id=assessment.id, person_id=known.id, role=Role.STAKEHOLDER, until=None
        )
        if place:
            invitation = await assessments.renew_link(place.id, actor, settings)
        else:
            invitation = await assessments.invite(
                assessment, name, email, Role.STAKEHOLDER, None, language, actor, settings
            )
        rules.check_only_speaks(await standing_of(invitation.person.id, assessment.id, note.now))
        await enter_spokesperson(note, stakeholder, invitation.person)
    return invitation


async def enter_spokesperson(note: Note, stakeholder: Stakeholder, person: Person) -> None:
    row = await Spokesperson.get_or_none(stakeholder_id=stakeholder.id, person_id=person.id)
    if row is not None and row.until is None:
        return
    row = row or Spokesperson(stakeholder_id=stakeholder.id, person_id=person.id)
    row.since, row.until = note.now, None
    await row.save()
    await tell_of_spokesperson(note, stakeholder, "spokesperson_began", person.id)


async def end_spokesperson(stakeholder_id: int, person_id: int, actor: Person) -> None:
    """Somebody no longer speaks for the organisation: from now on its hearing does not exist for them."""
    stakeholder = await find_stakeholder(stakeholder_id)
    async with acting(stakeholder.assessment_id, actor) as note:
        await check_secretariat(stakeholder.assessment_id, actor)
        row = await Spokesperson.get_or_none(stakeholder_id=stakeholder_id, person_id=person_id)
        if row is None:
            raise NotFound()
        if row.until is None:
            row.until = note.now
            await row.save(update_fields=["until"])
            await tell_of_spokesperson(note, stakeholder, "spokesperson_ended", person_id)


async def tell_of_spokesperson(note: Note, stakeholder: Stakeholder, kind: str, person_id: int) -> None:
    topic = f"assessment-{stakeholder.assessment_id}"
    await note(topic, kind, about=f"stakeholder-{stakeholder.id}", person=person_id)
    note.rights_changed(person_id)


@dataclass(frozen=True)
class Convocation:
    """What an organisation is sent: the questions ahead, when and where; in a meeting, when and where that
    is.
    """

    themes: Sequence[str]
    questions: str = ""
    meeting_id: int | None = None
    planned_at: datetime | None = None
    place: str = ""

    def row(self) -> dict[str, Any]:
        alone = self.meeting_id is None
        return {
            "themes": list(self.themes),
            "questions": self.questions,
            "meeting_id": self.meeting_id,
            "planned_at": self.planned_at if alone else None,
            "place": self.place if alone else "",
        }


async def convene(
    stakeholder_id: int, convocation: Convocation, actor: Person, settings: Settings | None = None
) -> Hearing:
    """Sends the questions ahead. Until the hearing is held, convening again changes the convocation.

    In a meeting the hearing gets its item on the agenda. With `settings` that can send mail, letters go out.

    Raises:
        Refused: the organisation was heard, and the minutes are not locked yet.
    """
    stakeholder = await find_stakeholder(stakeholder_id)
    async with acting(stakeholder.assessment_id, actor) as note:
        await check_secretariat(stakeholder.assessment_id, actor)
        before = await latest_hearing(stakeholder_id)
        state = before.state_at(note.now) if before else None
        known = [theme["code"] for theme in stakeholder.assessment.themes]
        rules.check_convocation(state, convocation.themes, known, convocation.place, convocation.questions)
        await check_meeting(convocation.meeting_id, stakeholder.assessment)
        if before is None or rules.is_over(state):
            before = Hearing(stakeholder_id=stakeholder_id, state=HearingState.INVITED)
        elif says_the_same(before, convocation):
            return before
        await leave_agenda(before, convocation.meeting_id, actor)
        hearing = await enter_convocation(note, before, convocation)
        await enter_agenda(hearing, stakeholder.name, actor)
        await write_to_spokespersons(await find_hearing(hearing.id), letters.convocation, settings)
    return hearing


async def enter_convocation(note: Note, hearing: Hearing, convocation: Convocation) -> Hearing:
    row = convocation.row()
    hearing.update_from_dict({**row, "salt": new_salt(), "convened_at": note.now})
    await hearing.save()
    words = {"questions": row["questions"], "place": row["place"]}
    await note(
        f"hearing-{hearing.id}",
        "hearing_convened",
        stakeholder=hearing.stakeholder_id,
        themes=row["themes"],
        meeting=row["meeting_id"],
        planned_at=stamp(row["planned_at"]) if row["planned_at"] else None,
        commitment=commitment(words, hearing.salt),
    )
    return hearing


def says_the_same(hearing: Hearing, convocation: Convocation) -> bool:
    return all(getattr(hearing, name) == value for name, value in convocation.row().items())


async def check_meeting(meeting_id: int | None, assessment: Assessment) -> None:
    if meeting_id is None:
        return
    meeting = await Meeting.get_or_none(id=meeting_id, assessment_id=assessment.id)
    if meeting is None:
        raise rules.wrong("meeting", "Choose a meeting for hearings.")
    rules.check_meeting(meeting.kind, meeting.state == MeetingState.CLOSED)


async def enter_agenda(hearing: Hearing, name: str, actor: Person) -> None:
    """Its own item: the organisation is there for that alone."""
    if hearing.meeting_id is not None and await item_of(hearing) is None:
        plan = ItemPlan({"fr": name, "en": name}, ItemKind.HEARING, hearing.topic, planned_minutes=30)
        await meetings.add_item(hearing.meeting_id, plan, actor)


async def leave_agenda(hearing: Hearing, meeting_id: int | None, actor: Person) -> None:
    """When the hearing moves, the item of the meeting it leaves goes with it, unless it has begun."""
    if hearing.meeting_id not in (None, meeting_id):
        item = await item_of(hearing)
        if item is not None and item.opened_at is None:
            await meetings.remove_item(item.id, actor)


async def write_to_spokespersons(
    hearing: Hearing, letter_to: Callable[[Person, Hearing, Settings], Letter], settings: Settings | None
) -> None:
    """Queues one letter for each, in the language of its reader.

    Nothing that is confidential goes by mail.
    """
    if settings is None or settings.smtp_url is None:
        return
    for row in await spokespersons_of(hearing.stakeholder_id):
        letter = letter_to(row.person, hearing, settings)
        await outbox.queue(row.person.email, letter.subject, letter.body)


async def accept(hearing_id: int, actor: Person, reply: str = "") -> None:
    """The organisation will come. If its interests are declared already, the hearing can be held."""
    async with at_hearing(hearing_id, actor) as (note, hearing, seat):
        rules.check_speaks(seat)
        if hearing.state in (HearingState.ACCEPTED, HearingState.DPI_RECEIVED):
            return
        await enter_answer(note, hearing, HearingState.ACCEPTED, reply)
        if await latest_interests(hearing.stakeholder_id):
            await enter_step(note, hearing, HearingState.DPI_RECEIVED)


async def decline(hearing_id: int, actor: Person, reply: str = "") -> None:
    """The organisation will not come. It may still contribute in writing."""
    async with at_hearing(hearing_id, actor) as (note, hearing, seat):
        rules.check_speaks(seat)
        if hearing.state != HearingState.DECLINED:
            await enter_answer(note, hearing, HearingState.DECLINED, reply)


async def enter_answer(note: Note, hearing: Hearing, to: HearingState, reply: str) -> None:
    rules.check_text("reply", reply, may_be_empty=True)
    salt = new_salt()
    words = commitment({"reply": reply}, salt)
    await enter_step(
        note, hearing, to, told={"commitment": words}, answered_at=note.now, reply=reply, reply_salt=salt
    )


async def declare_interests(hearing_id: int, text: str, actor: Person) -> InterestsText:
    """What the organisation says of its interests: published with the record, without excluding it.

    The secretariat may enter what an organisation declared on paper.
    """
    async with at_hearing(hearing_id, actor) as (note, hearing, seat):
        rules.check_declares(seat)
        rules.check_declaration(HearingState(hearing.state), text)
        before = await latest_interests(hearing.stakeholder_id)
        if before is None or before.text != text:
            before = await enter_interests(note, hearing, before.version + 1 if before else 1, text, actor)
        if hearing.state == HearingState.ACCEPTED:
            await enter_step(note, hearing, HearingState.DPI_RECEIVED)
    return before


async def enter_interests(
    note: Note, hearing: Hearing, version: int, text: str, actor: Person
) -> InterestsText:
    made = InterestsText(
        stakeholder_id=hearing.stakeholder_id,
        version=version,
        author_id=actor.id,
        text=text,
        salt=new_salt(),
        at=note.now,
    )
    made.entry = await note(hearing.topic, "interests_declared", version=version, commitment=made.fingerprint)
    await made.save()
    return made


@dataclass(frozen=True)
class Paper:
    """A written contribution as it is sent."""

    title: str
    text: str
    language: str
    may_publish: bool


async def submit_contribution(hearing_id: int, paper: Paper, actor: Person) -> Contribution:
    """The viewpoint of the organisation, a new version at each change. The same again changes nothing."""
    async with at_hearing(hearing_id, actor) as (note, hearing, seat):
        rules.check_speaks(seat)
        rules.check_contribution(HearingState(hearing.state), paper.title, paper.text, paper.language)
        before = await latest_contribution(hearing.stakeholder_id)
        if before is None or before.content != vars(paper):
            before = await enter_contribution(
                note, hearing, before.version + 1 if before else 1, paper, actor
            )
        await Draft.filter(hearing_id=hearing_id, person_id=actor.id, kind=DraftKind.CONTRIBUTION).delete()
    return before


async def enter_contribution(
    note: Note, hearing: Hearing, version: int, paper: Paper, actor: Person
) -> Contribution:
    made = Contribution(
        stakeholder_id=hearing.stakeholder_id,
        version=version,
        author_id=actor.id,
        salt=new_salt(),
        at=note.now,
        **vars(paper),
    )
    made.entry = await note(
        hearing.topic, "contribution_submitted", version=version, commitment=made.fingerprint
    )
    await made.save()
    return made


async def hold(
    hearing_id: int,
    present: Sequence[int],
    actor: Person,
    began_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> None:
    """Notes who was heard, from when until when. In a meeting the times are those of the item, unless given.

    Raises:
        Refused: the convocation is not accepted, or the interests are not declared.
        Invalid: nobody was present, or somebody stayed after the item.
    """
    async with at_hearing(hearing_id, actor) as (note, hearing, seat):
        rules.check_holds(seat)
        if hearing.state == HearingState.HELD:
            return
        rules.check_step(HearingState(hearing.state), HearingState.HELD)
        item = await item_of(hearing)
        stay = rules.stay_of(began_at, ended_at, item, note.now)
        speakers = [row.person_id for row in await spokespersons_of(hearing.stakeholder_id)]
        rules.check_attendance(present, speakers, stay, item, note.now)
        await Heard.bulk_create(
            Heard(hearing_id=hearing_id, person_id=person_id, since=stay.began_at, until=stay.ended_at)
            for person_id in sorted(set(present))
        )
        told = {"began": stamp(stay.began_at), "ended": stamp(stay.ended_at), "heard": sorted(set(present))}
        await enter_step(
            note, hearing, HearingState.HELD, told=told, began_at=stay.began_at, ended_at=stay.ended_at
        )


async def save_draft(hearing_id: int, kind: DraftKind, content: Mapping[str, Any], actor: Person) -> None:
    """Keeps what somebody is writing. No entry: a draft is nobody else's business."""
    async with at_hearing(hearing_id, actor) as (note, hearing, seat):
        rules.check_drafts(seat, kind)
        rules.check_draft(content)
        draft = await draft_of(hearing_id, actor.id, kind)
        if await is_stored(hearing, kind, content):
            await Draft.filter(hearing_id=hearing_id, person_id=actor.id, kind=kind).delete()
            return
        draft = draft or Draft(hearing_id=hearing_id, person_id=actor.id, kind=kind)
        draft.content, draft.at = dict(content), note.now
        await draft.save()


@asynccontextmanager
async def at_hearing(
    hearing_id: int, actor: Person, now: datetime | None = None
) -> AsyncIterator[tuple[Note, Hearing, Seat]]:
    """One act on a hearing: state and rights are read again once it is this act's turn."""
    found = await find_hearing(hearing_id)
    async with acting(found.stakeholder.assessment_id, actor, now) as note:
        hearing = await find_hearing(hearing_id)
        seat = await seat_of(actor.id, hearing, note.now)
        rules.check_reads(seat)
        yield note, hearing, seat


async def enter_step(
    note: Note, hearing: Hearing, to: HearingState, *, told: Mapping[str, Any] | None = None, **columns: Any
) -> None:
    """The step with its moments, and the entry: hearing_accepted, hearing_held, hearing_locked…"""
    rules.check_step(hearing.state_at(note.now), to)
    hearing.update_from_dict({"state": to, **columns})
    await hearing.save(update_fields=["state", *columns])
    await note(hearing.topic, f"hearing_{to}", **(told or {}))


async def check_secretariat(assessment_id: int, actor: Person) -> None:
    rules.check_manages((await standing_of(actor.id, assessment_id)).secretariat)


async def find_stakeholder(stakeholder_id: int) -> Stakeholder:
    found = await Stakeholder.get_or_none(id=stakeholder_id).select_related("assessment")
    if found is None:
        raise NotFound()
    return found
