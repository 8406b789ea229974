"""The floor: raising a hand, giving the floor, the clock of a speech. Called through meetings.actions."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deliberate.errors import Refused
from deliberate.live.journal import Note
from deliberate.meetings import floor_rules, rules
from deliberate.meetings.floor_rules import FloorKind, FloorOrder
from deliberate.meetings.models import (
    FloorRequest,
    Meeting,
    Speech,
    here_of,
    is_adjourned,
    open_item_of,
    speech_under_way,
)
from deliberate.meetings.turn import attending, conducting
from deliberate.people.models import Person


async def ask_for_floor(meeting_id: int, person_id: int, kind: FloorKind, actor: Person) -> int:
    """A hand goes up: one's own, or that of somebody in the room, entered by who conducts."""
    async with attending(meeting_id, person_id, actor) as (meeting, standing, note):
        rules.check_is_open(meeting.state)
        rules.check_goes_on(await is_adjourned(meeting.id))
        item = await open_item_of(meeting.id)
        gate = rules.gate_of(item.subject) if item else ""
        rules.check_speaks(standing, meeting.group_id, gate, person_id in await here_of(meeting.id))
        running = await speech_under_way(meeting.id)
        last = (
            running
            or await FloorRequest.filter(meeting_id=meeting.id)
            .exclude(began_at=None)
            .order_by("-began_at", "-id")
            .first()
        )
        floor_rules.check_asks(
            kind,
            waits=await waiting(meeting.id, person_id).exists(),
            speaks=running is not None and running.person_id == person_id,
            last_speech=last.id if last else None,
        )
        await FloorRequest.create(
            meeting_id=meeting.id,
            item_id=item.id if item else None,
            person_id=person_id,
            kind=kind,
            replies_to_id=last.id if last and kind == FloorKind.REPLY else None,
            asked_at=note.now,
        )
        return await note(f"meeting-{meeting.id}", "floor_asked", about=f"person-{person_id}", wish=str(kind))


async def take_hand_down(meeting_id: int, person_id: int, actor: Person) -> int:
    """Said twice, or after the floor was given: it stands as it is."""
    async with attending(meeting_id, person_id, actor) as (meeting, standing, note):
        rules.check_has_a_voice(standing, meeting.group_id)
        if not await waiting(meeting.id, person_id).update(withdrawn_at=note.now):
            return note.number
        return await note(f"meeting-{meeting.id}", "floor_withdrawn", about=f"person-{person_id}")


async def give_floor(meeting_id: int, request_id: int, expected: int, actor: Person) -> int:
    """The next speaker begins, and whoever spoke ends. `expected` is the speech that the chair saw, or 0."""
    async with conducting(meeting_id, actor) as (meeting, note):
        rules.check_is_open(meeting.state)
        rules.check_goes_on(await is_adjourned(meeting.id))
        request = await FloorRequest.get_or_none(id=request_id, meeting_id=meeting.id)
        if request is None:
            raise Refused("This request is on the list no longer.")
        running = await speech_under_way(meeting.id)
        floor_rules.check_waits(request.began_at, request.withdrawn_at)
        floor_rules.check_expected(
            expected, running.id if running else None, running.person.name if running else None
        )
        if running:
            await end_running(running, note)
        request.began_at = note.now
        request.ends_at = floor_rules.end_of_countdown(note.now, meeting.speech_seconds)
        await request.save(update_fields=["began_at", "ends_at"])
        await Speech.create(request_id=request.id, began_at=note.now)
        return await note(f"meeting-{meeting.id}", "floor_given", about=f"person-{request.person_id}")


async def pause_speech(meeting_id: int, expected: int, actor: Person) -> int:
    """The clock stops, and what is said meanwhile counts for nobody."""
    async with speaking(meeting_id, expected, actor) as (_meeting, running, note):
        floor_rules.check_pauses(await is_paused(running), wanted=True)
        await Speech.filter(request_id=running.id, ended_at=None).update(ended_at=note.now)
        running.left_seconds = floor_rules.left_of_countdown(running.ends_at, note.now)
        running.ends_at = None
        await running.save(update_fields=["left_seconds", "ends_at"])
        return await told(note, running, "floor_paused")


async def resume_speech(meeting_id: int, expected: int, actor: Person) -> int:
    async with speaking(meeting_id, expected, actor) as (_meeting, running, note):
        floor_rules.check_pauses(await is_paused(running), wanted=False)
        await Speech.create(request_id=running.id, began_at=note.now)
        running.ends_at = floor_rules.end_of_countdown(note.now, running.left_seconds)
        running.left_seconds = None
        await running.save(update_fields=["left_seconds", "ends_at"])
        return await told(note, running, "floor_resumed")


async def end_speech(meeting_id: int, expected: int, actor: Person) -> int:
    async with speaking(meeting_id, expected, actor) as (_meeting, running, note):
        return await end_running(running, note)


async def give_more_time(meeting_id: int, expected: int, actor: Person) -> int:
    """A minute more: from now, if the time has run out."""
    async with speaking(meeting_id, expected, actor) as (_meeting, running, note):
        if await is_paused(running):
            running.left_seconds = max(running.left_seconds or 0, 0) + floor_rules.MORE_SECONDS
        else:
            left = max(floor_rules.left_of_countdown(running.ends_at, note.now) or 0, 0)
            running.ends_at = floor_rules.end_of_countdown(note.now, left + floor_rules.MORE_SECONDS)
        await running.save(update_fields=["left_seconds", "ends_at"])
        return await told(note, running, "floor_prolonged")


async def set_floor(meeting_id: int, order: FloorOrder, speech_seconds: int, actor: Person) -> int:
    """The rule of the queue, and the time of the speeches to come; a clock that runs is not touched."""
    async with conducting(meeting_id, actor) as (meeting, note):
        rules.check_not_closed(meeting.state)
        meeting.floor_order, meeting.speech_seconds = order, speech_seconds
        await meeting.save(update_fields=["floor_order", "speech_seconds"])
        return await note(
            f"meeting-{meeting.id}", "floor_ruled", order=str(order), speech_seconds=speech_seconds
        )


@asynccontextmanager
async def speaking(
    meeting_id: int, expected: int, actor: Person
) -> AsyncIterator[tuple[Meeting, FloorRequest, Note]]:
    """The speech under way, if it is still the one that the chair saw."""
    async with conducting(meeting_id, actor) as (meeting, note):
        running = await speech_under_way(meeting.id)
        floor_rules.check_expected(
            expected, running.id if running else None, running.person.name if running else None
        )
        if running is None:
            raise Refused("Nobody has the floor.")
        yield meeting, running, note


async def end_running(running: FloorRequest, note: Note) -> int:
    await Speech.filter(request_id=running.id, ended_at=None).update(ended_at=note.now)
    running.ended_at, running.ends_at, running.left_seconds = note.now, None, None
    await running.save(update_fields=["ended_at", "ends_at", "left_seconds"])
    return await told(note, running, "floor_ended")


async def told(note: Note, running: FloorRequest, kind: str) -> int:
    return await note(f"meeting-{running.meeting_id}", kind, about=f"person-{running.person_id}")


async def is_paused(running: FloorRequest) -> bool:
    return not await Speech.filter(request_id=running.id, ended_at=None).exists()


def waiting(meeting_id: int, person_id: int | None = None):  # type: ignore[no-untyped-def]
    """The rows of those who wait for the floor, or of one of them."""
    rows = FloorRequest.filter(meeting_id=meeting_id, began_at=None, withdrawn_at=None)
    return rows if person_id is None else rows.filter(person_id=person_id)


# What other acts mean for the floor


async def leave_floor(meeting_id: int, person_id: int, note: Note) -> None:
    """Who leaves the room speaks no longer, and is on no list."""
    running = await speech_under_way(meeting_id)
    if running and running.person_id == person_id:
        await end_running(running, note)
    await waiting(meeting_id, person_id).update(withdrawn_at=note.now)


async def clear_floor(meeting_id: int, note: Note, *, hands: bool = True) -> None:
    """The end of an item or a meeting, or a break: the speech ends, and the hands go down with its matter."""
    running = await speech_under_way(meeting_id)
    if running:
        await end_running(running, note)
    if hands:
        await waiting(meeting_id).update(withdrawn_at=note.now)
