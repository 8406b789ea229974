"""Asking an organisation to a hearing, and its answer. Called through hearings.actions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deliberate.assessments.models import Assessment
from deliberate.hearings import letters, rules
from deliberate.hearings.models import Hearing, find_hearing, item_of, latest_hearing, latest_interests
from deliberate.hearings.rules import HearingState
from deliberate.hearings.turn import (
    at_hearing,
    check_secretariat,
    enter_step,
    find_stakeholder,
    write_to_spokespersons,
)
from deliberate.live.journal import Note, acting, commitment, new_salt, stamp
from deliberate.meetings import actions as meetings
from deliberate.meetings.models import Meeting
from deliberate.meetings.rules import ItemKind, ItemPlan, MeetingState
from deliberate.people.models import Person
from deliberate.settings import Settings


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
