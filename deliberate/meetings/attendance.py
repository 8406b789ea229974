"""Who is there, from when to when, and who leaves for an interest. Called through meetings.actions."""

from deliberate.errors import Refused
from deliberate.interests.models import standing_of
from deliberate.interests.rules import NO_BALLOT, Outcome
from deliberate.live.journal import Note
from deliberate.meetings import rules
from deliberate.meetings.floor import leave_floor
from deliberate.meetings.models import Attendance, Meeting, here_of, open_item_of
from deliberate.meetings.proxies import end_proxy
from deliberate.meetings.rules import Presence
from deliberate.meetings.turn import attending
from deliberate.people.models import Person


async def arrive(meeting_id: int, person_id: int, how: Presence, actor: Person) -> int:
    """Somebody is here from now on, in the room or remote: oneself, or entered by chair or secretariat."""
    async with attending(meeting_id, person_id, actor) as (meeting, standing, note):
        rules.check_may_arrive(meeting.state)
        item = await open_item_of(meeting.id)
        rules.check_arrival(standing, meeting.group_id, rules.gate_of(item.subject) if item else "")
        stay = (await here_of(meeting.id)).get(person_id)
        if stay and stay.how == how:
            return note.number  # said twice: it stands
        if stay:  # moved from the room to remote, or back
            await end_stay(stay, rules.LEFT, note)
        return await begin_stay(meeting.id, person_id, how, note)


async def leave(meeting_id: int, person_id: int, actor: Person) -> int:
    async with attending(meeting_id, person_id, actor) as (meeting, _, note):
        rules.check_may_arrive(meeting.state)
        stay = (await here_of(meeting.id)).get(person_id)
        if stay:
            await leave_floor(meeting.id, person_id, note)
            await end_stay(stay, rules.LEFT, note)
        else:
            waiting = Attendance.filter(meeting_id=meeting.id, person_id=person_id).exclude(out_for_id=None)
            if not await waiting.update(out_for_id=None):
                raise Refused("This person is not recorded as present.")
        return await note(f"meeting-{meeting.id}", "member_left", about=f"person-{person_id}")


async def send_out(meeting_id: int, person_id: int, item_id: int, note: Note) -> None:
    """METHODS section 6: the exit is logged, and the entry again at the end of the item."""
    stay = (await here_of(meeting_id)).get(person_id)
    if stay is None:
        return
    await leave_floor(meeting_id, person_id, note)
    stay.out_for_id = item_id
    await end_stay(stay, rules.INTEREST, note)
    await note(
        f"meeting-{meeting_id}",
        "member_left",
        about=f"person-{person_id}",
        because=rules.INTEREST,
        item=f"item-{item_id}",
    )


async def let_in_again(meeting_id: int, item_id: int, note: Note) -> None:
    for stay in await Attendance.filter(meeting_id=meeting_id, out_for_id=item_id):
        stay.out_for_id = None
        await stay.save(update_fields=["out_for_id"])
        if await is_member_still(stay.person_id, meeting_id):
            await begin_stay(meeting_id, stay.person_id, stay.how, note)


async def is_member_still(person_id: int, meeting_id: int) -> bool:
    meeting = await Meeting.get(id=meeting_id)
    return rules.is_part_of(await standing_of(person_id, meeting.assessment_id), meeting.group_id)


async def begin_stay(meeting_id: int, person_id: int, how: str, note: Note) -> int:
    await Attendance.create(meeting_id=meeting_id, person_id=person_id, how=how, since=note.now)
    await end_proxy(meeting_id, person_id, note)  # who is here votes in person, from the next vote on
    return await note(f"meeting-{meeting_id}", "member_arrived", about=f"person-{person_id}", how=str(how))


async def end_stay(stay: Attendance, because: str, note: Note) -> None:
    stay.until, stay.left_because = note.now, because
    await stay.save(update_fields=["until", "left_because", "out_for_id"])


async def leave_for_interest(note: Note, person_id: int, subject: str, outcome: Outcome) -> None:
    """A recusal pronounced during the item that it concerns: the person leaves at once. Slot "recusal"."""
    if outcome not in NO_BALLOT:
        return
    stays = await Attendance.filter(person_id=person_id, until=None).prefetch_related("meeting")
    for stay in stays:
        item = await open_item_of(stay.meeting_id)
        if subject == f"group-{stay.meeting.group_id}":
            await leave_floor(stay.meeting_id, person_id, note)
            await end_stay(stay, rules.INTEREST, note)
            await note(
                f"meeting-{stay.meeting_id}",
                "member_left",
                about=f"person-{person_id}",
                because=rules.INTEREST,
            )
        elif item and subject == rules.gate_of(item.subject):
            await send_out(stay.meeting_id, person_id, item.id, note)
