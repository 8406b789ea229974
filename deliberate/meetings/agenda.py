"""Planning a meeting, convening it, and its agenda. Called through meetings.actions."""

from datetime import datetime
from typing import Any

from deliberate.assessments.models import Group, Pair
from deliberate.assessments.rules import GroupKind
from deliberate.errors import Invalid, NotFound, Refused
from deliberate.interests.models import standing_of
from deliberate.live.journal import acting
from deliberate.meetings import rules
from deliberate.meetings.models import AgendaItem, ItemVote, Meeting, agenda_of
from deliberate.meetings.rules import ItemPlan, ItemState, MeetingKind, MeetingState
from deliberate.meetings.turn import conducting, conducting_item, protocol_of
from deliberate.people.models import Person


async def plan_meeting(
    assessment_id: int,
    group_id: int,
    *,
    title: Pair,
    planned_at: datetime,
    actor: Person,
    place: str = "",
    kind: MeetingKind | None = None,
    second_call_of: int | None = None,
) -> int:
    """A meeting of one group. A second call takes over the agenda of the meeting it cites."""
    if not any(words.strip() for words in title.values()):
        raise Invalid("The meeting is not complete.", problems={"title_fr": Invalid("Give a title.")})
    async with acting(assessment_id, actor) as note:
        group = await Group.get_or_none(id=group_id, assessment_id=assessment_id)
        if group is None:
            raise NotFound()
        rules.check_runs(await standing_of(actor.id, assessment_id, note.now), group_id)
        first = await first_call(second_call_of, group_id)
        usual = MeetingKind.COMMITTEE if group.kind == GroupKind.COMMITTEE else MeetingKind.WORKING
        meeting = await Meeting.create(
            assessment_id=assessment_id,
            group_id=group_id,
            kind=kind or usual,
            title=title,
            place=place,
            planned_at=planned_at,
            state=MeetingState.PLANNED,
            second_call_of_id=first.id if first else None,
        )
        for item in await agenda_of(first.id) if first else []:
            await AgendaItem.create(
                meeting_id=meeting.id,
                position=item.position,
                title=item.title,
                kind=item.kind,
                subject=item.subject,
                planned_minutes=item.planned_minutes,
                state=ItemState.PLANNED,
            )
        await note(
            f"meeting-{meeting.id}",
            "meeting_planned",
            group=group_id,
            planned_at=planned_at.isoformat(),
            second_call_of=first.id if first else None,
        )
    return meeting.id


async def first_call(meeting_id: int | None, group_id: int) -> Meeting | None:
    """The meeting that a second call cites."""
    if meeting_id is None:
        return None
    first = await Meeting.get_or_none(id=meeting_id)
    if first is None:
        raise NotFound()
    protocol = await protocol_of(first.assessment_id)
    rules.check_second_call(first.state, first.group_id == group_id, protocol.committee.second_call_no_quorum)
    return first


async def convene_meeting(meeting_id: int, actor: Person) -> int:
    """From now on the group knows of it and may arrive."""
    async with conducting(meeting_id, actor) as (meeting, note):
        rules.check_step(meeting.state, MeetingState.CONVENED)
        meeting.state = MeetingState.CONVENED
        await meeting.save(update_fields=["state"])
        return await note(f"meeting-{meeting.id}", "meeting_convened", items=len(await agenda_of(meeting.id)))


async def add_item(meeting_id: int, plan: ItemPlan, actor: Person) -> int:
    async with conducting(meeting_id, actor) as (meeting, note):
        rules.check_may_be_edited(meeting.state)
        items = await agenda_of(meeting.id)
        rules.check_item(plan, len(items))
        item = await AgendaItem.create(
            meeting_id=meeting.id,
            position=items[-1].position + 1 if items else 1,
            title=dict(plan.title),
            kind=plan.kind,
            subject=plan.subject,
            planned_minutes=plan.planned_minutes,
            state=ItemState.PLANNED,
        )
        await note(f"meeting-{meeting.id}", "item_added", about=f"item-{item.id}", **told_of_item(plan))
    return item.id


async def change_item(item_id: int, plan: ItemPlan, actor: Person) -> int:
    async with conducting_item(item_id, actor) as (item, meeting, note):
        rules.check_may_be_edited(meeting.state, item.state)
        rules.check_item(plan)
        item.update_from_dict(
            {
                "title": dict(plan.title),
                "kind": plan.kind,
                "subject": plan.subject,
                "planned_minutes": plan.planned_minutes,
            }
        )
        await item.save()
        return await note(
            f"meeting-{meeting.id}", "item_changed", about=f"item-{item.id}", **told_of_item(plan)
        )


def told_of_item(plan: ItemPlan) -> dict[str, Any]:
    return {"item_kind": str(plan.kind), "subject": plan.subject, "planned_minutes": plan.planned_minutes}


async def move_item(item_id: int, up: bool, actor: Person) -> int:
    """One place up or down."""
    async with conducting_item(item_id, actor) as (item, meeting, note):
        rules.check_may_be_edited(meeting.state)
        items = await agenda_of(meeting.id)
        at = [each.id for each in items].index(item.id)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(items):
            raise Refused("This item cannot move any further.")
        other = items[to]
        # Positions are unique: one of the two stands aside while they change places.
        for row, position in ((item, -1), (other, item.position), (item, other.position)):
            await AgendaItem.filter(id=row.id).update(position=position)
        return await note(f"meeting-{meeting.id}", "item_moved", about=f"item-{item.id}", place=to + 1)


async def remove_item(item_id: int, actor: Person) -> int:
    async with conducting_item(item_id, actor) as (item, meeting, note):
        rules.check_may_be_edited(meeting.state, item.state)
        if item.opened_at or await ItemVote.filter(item_id=item.id).exists():
            raise Refused("This item has begun: what it was about stands as it was.")
        await item.delete()
        return await note(f"meeting-{meeting.id}", "item_removed", about=f"item-{item.id}")
