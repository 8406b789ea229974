"""Breaks of a meeting, and how long each item was under way. Called through meetings.actions."""

from deliberate.live.journal import Note
from deliberate.meetings import rules
from deliberate.meetings.floor import clear_floor
from deliberate.meetings.models import Adjournment, ItemStretch, is_adjourned, members_of, open_item_of
from deliberate.meetings.turn import conducting, open_votes, protocol_of, quorum_of
from deliberate.people.models import Person


async def adjourn_meeting(meeting_id: int, actor: Person) -> int:
    """A break: the clock of the item stops, and nothing is opened until the meeting is resumed."""
    async with conducting(meeting_id, actor) as (meeting, note):
        rules.check_is_open(meeting.state)
        rules.check_goes_on(await is_adjourned(meeting.id))
        rules.check_no_open_vote(await open_votes(meeting.id))
        await clear_floor(meeting.id, note, hands=False)
        item = await open_item_of(meeting.id)
        if item:
            await end_stretch(item.id, note)
        await Adjournment.create(meeting_id=meeting.id, began_at=note.now)
        return await note(f"meeting-{meeting.id}", "meeting_adjourned")


async def resume_meeting(meeting_id: int, actor: Person) -> int:
    """The quorum as it is then is recorded; a vote asks for it again in any case."""
    async with conducting(meeting_id, actor) as (meeting, note):
        rules.check_is_open(meeting.state)
        rules.check_adjourned(await is_adjourned(meeting.id))
        await Adjournment.filter(meeting_id=meeting.id, ended_at=None).update(ended_at=note.now)
        item = await open_item_of(meeting.id)
        if item:
            await begin_stretch(item.id, note)
        gate = rules.gate_of(item.subject) if item else ""
        members = await members_of(meeting, note.now)
        quorum = await quorum_of(meeting, members, gate, await protocol_of(meeting.assessment_id))
        return await note(f"meeting-{meeting.id}", "meeting_resumed", quorum=quorum.as_json())


async def begin_stretch(item_id: int, note: Note) -> None:
    await ItemStretch.create(item_id=item_id, began_at=note.now)


async def end_stretch(item_id: int, note: Note) -> None:
    await ItemStretch.filter(item_id=item_id, ended_at=None).update(ended_at=note.now)
