"""Conducting a meeting. Whatever changes one is called here; planning, attendance and votes stand beside."""

from deliberate.meetings import rules
from deliberate.meetings.agenda import (
    add_item,
    change_item,
    convene_meeting,
    move_item,
    plan_meeting,
    remove_item,
)
from deliberate.meetings.attendance import arrive, leave, leave_for_interest, let_in_again, send_out
from deliberate.meetings.breaks import adjourn_meeting, begin_stretch, end_stretch, resume_meeting
from deliberate.meetings.bringing import bring_from, bring_template, import_agenda
from deliberate.meetings.floor import (
    ask_for_floor,
    clear_floor,
    end_speech,
    give_floor,
    give_more_time,
    pause_speech,
    resume_speech,
    set_floor,
    take_hand_down,
)
from deliberate.meetings.minutes import (
    discard_draft,
    hold_section,
    release_section,
    restore_version,
    save_draft,
    write_section,
)
from deliberate.meetings.minutes_approval import (
    answer_amendment,
    approve_minutes,
    circulate_minutes,
    correct_minutes,
    propose_amendment,
)
from deliberate.meetings.minutes_publication import publish_minutes
from deliberate.meetings.models import Adjournment, Attendance, is_adjourned, members_of, open_item_of
from deliberate.meetings.proxies import give_proxy, withdraw_proxy
from deliberate.meetings.rules import ItemState, MeetingState
from deliberate.meetings.turn import (
    conducting,
    conducting_item,
    open_votes,
    protocol_of,
    quorum_of,
    title_of,
)
from deliberate.meetings.usual_agendas import (
    bring_usual_agenda,
    keep_agenda,
    remove_usual_agenda,
    rename_usual_agenda,
)
from deliberate.meetings.votes import Motion, close_vote, open_vote, repeat_vote, reveal_vote, tell_meeting
from deliberate.people.models import Person
from deliberate.voting.terms import check_quorum

__all__ = [
    "Motion",
    "add_item",
    "adjourn_meeting",
    "answer_amendment",
    "approve_minutes",
    "arrive",
    "ask_for_floor",
    "bring_from",
    "bring_template",
    "bring_usual_agenda",
    "change_item",
    "circulate_minutes",
    "close_item",
    "close_meeting",
    "close_vote",
    "convene_meeting",
    "correct_minutes",
    "discard_draft",
    "end_speech",
    "give_floor",
    "give_more_time",
    "give_proxy",
    "hold_section",
    "import_agenda",
    "keep_agenda",
    "leave",
    "leave_for_interest",
    "move_item",
    "open_item",
    "open_meeting",
    "open_vote",
    "pause_speech",
    "plan_meeting",
    "postpone_item",
    "propose_amendment",
    "publish_minutes",
    "release_section",
    "remove_item",
    "remove_usual_agenda",
    "rename_usual_agenda",
    "repeat_vote",
    "restore_version",
    "resume_meeting",
    "resume_speech",
    "reveal_vote",
    "save_draft",
    "set_floor",
    "take_hand_down",
    "tell_meeting",
    "withdraw_proxy",
    "write_section",
]


async def open_meeting(meeting_id: int, actor: Person) -> int:
    """The quorum is worked out from who is there, and recorded; without it only a second call opens."""
    async with conducting(meeting_id, actor) as (meeting, note):
        rules.check_step(meeting.state, MeetingState.OPENED)
        members = await members_of(meeting, note.now)
        quorum = await quorum_of(meeting, members, "", await protocol_of(meeting.assessment_id))
        check_quorum(quorum)
        meeting.update_from_dict(
            {"state": MeetingState.OPENED, "opened_at": note.now, "quorum": quorum.as_json()}
        )
        await meeting.save()
        number = await note(f"meeting-{meeting.id}", "meeting_opened", quorum=quorum.as_json())
        note.checkpoint()
        return number


async def close_meeting(meeting_id: int, actor: Person) -> int:
    async with conducting(meeting_id, actor) as (meeting, note):
        rules.check_step(meeting.state, MeetingState.CLOSED)
        rules.check_no_open_vote(await open_votes(meeting.id))
        item = await open_item_of(meeting.id)
        rules.check_only_open_item(title_of(item))
        await clear_floor(meeting.id, note)
        await Adjournment.filter(meeting_id=meeting.id, ended_at=None).update(ended_at=note.now)
        meeting.state, meeting.closed_at = MeetingState.CLOSED, note.now
        await meeting.save(update_fields=["state", "closed_at"])
        await Attendance.filter(meeting_id=meeting.id, until=None).update(
            until=note.now, left_because=rules.MEETING_ENDED
        )
        number = await note(f"meeting-{meeting.id}", "meeting_closed")
        note.checkpoint()
        return number


async def open_item(item_id: int, actor: Person) -> int:
    """One item is open at a time. Whoever is recused from its subject leaves, and the journal says so."""
    async with conducting_item(item_id, actor) as (item, meeting, note):
        rules.check_is_open(meeting.state)
        rules.check_goes_on(await is_adjourned(meeting.id))
        rules.check_item_step(item.state, ItemState.OPEN)
        rules.check_only_open_item(title_of(await open_item_of(meeting.id)))
        item.state, item.closed_at = ItemState.OPEN, None
        item.opened_at = item.opened_at or note.now  # taken up again, it began when it began
        await item.save(update_fields=["state", "opened_at", "closed_at"])
        await begin_stretch(item.id, note)
        await clear_floor(meeting.id, note, hands=False)
        number = await note(
            f"meeting-{meeting.id}", "item_opened", about=f"item-{item.id}", subject=item.subject
        )
        gate = rules.gate_of(item.subject)
        for member in await members_of(meeting, note.now):
            if member.here and rules.is_kept_out(member.standing, gate, meeting.group_id):
                await send_out(meeting.id, member.person_id, item.id, note)
        return number


async def close_item(item_id: int, actor: Person) -> int:
    return await end_item(item_id, ItemState.DONE, "item_closed", actor)


async def postpone_item(item_id: int, actor: Person) -> int:
    """Not today, or not now: it may be taken up again later in the meeting."""
    return await end_item(item_id, ItemState.POSTPONED, "item_postponed", actor)


async def end_item(item_id: int, state: ItemState, kind: str, actor: Person) -> int:
    async with conducting_item(item_id, actor) as (item, meeting, note):
        rules.check_is_open(meeting.state)
        rules.check_item_step(item.state, state)
        rules.check_no_open_vote(await open_votes(meeting.id, item.id))
        item.state = state
        item.closed_at = note.now if item.opened_at else None
        await item.save(update_fields=["state", "closed_at"])
        await end_stretch(item.id, note)
        await clear_floor(meeting.id, note)
        number = await note(f"meeting-{meeting.id}", kind, about=f"item-{item.id}")
        await let_in_again(meeting.id, item.id, note)
        return number
