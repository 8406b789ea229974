"""Planning a meeting, convening it, and its agenda. Called through meetings.actions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from deliberate.assessments.models import Group, Pair
from deliberate.assessments.rules import GroupKind
from deliberate.errors import Invalid, NotFound, Refused
from deliberate.interests.models import standing_of
from deliberate.live.journal import acting
from deliberate.meetings import agenda_rules, convocation, rules
from deliberate.meetings.agenda_rules import Direction, Node
from deliberate.meetings.bringing import second_call_items
from deliberate.meetings.models import AgendaItem, ItemVote, Meeting, agenda_of, nodes_of
from deliberate.meetings.rules import ItemPlan, ItemState, MeetingKind, MeetingState
from deliberate.meetings.turn import conducting, conducting_item, protocol_of
from deliberate.people.models import Person
from deliberate.settings import Settings


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
        if first:
            await second_call_items(first, meeting)
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


async def convene_meeting(meeting_id: int, actor: Person, settings: Settings | None = None) -> int:
    """From now on the group knows of it and may arrive; with `settings` every seat gets a letter."""
    async with conducting(meeting_id, actor) as (meeting, note):
        rules.check_step(meeting.state, MeetingState.CONVENED)
        meeting.state, meeting.convened_at = MeetingState.CONVENED, note.now
        await meeting.save(update_fields=["state", "convened_at"])
        items = len(await agenda_of(meeting.id))
        if settings:
            await convocation.write_to_members(meeting, settings, note.now)
        return await note(f"meeting-{meeting.id}", "meeting_convened", items=items)


async def add_item(meeting_id: int, plan: ItemPlan, actor: Person) -> int:
    """At the end of the agenda, or of what stands under its parent."""
    async with conducting(meeting_id, actor) as (meeting, note):
        rules.check_may_be_edited(meeting.state)
        items = await agenda_of(meeting.id)
        rules.check_item(plan, len(items))
        if plan.parent_id is not None and plan.parent_id not in {item.id for item in items}:
            raise NotFound()
        item = await AgendaItem.create(
            meeting_id=meeting.id,
            position=items[-1].position + 1 if items else 1,
            state=ItemState.PLANNED,
            parent_id=plan.parent_id,
            **row_of(plan),
        )
        nodes = nodes_of([*items, item])
        if plan.parent_id is not None:
            nodes = under_parent(nodes, plan.parent_id)
            agenda_rules.check_tree(nodes)
            await write_order([*items, item], nodes)
        await note(f"meeting-{meeting.id}", "item_added", about=f"item-{item.id}", **told_of_item(plan))
    return item.id


def row_of(plan: ItemPlan) -> dict[str, Any]:
    return {
        "title": dict(plan.title),
        "kind": plan.kind,
        "subject": plan.subject,
        "planned_minutes": plan.planned_minutes,
        "presenting_minutes": plan.presenting_minutes,
        "links": [dict(link) for link in plan.links] or None,
    }


def under_parent(nodes: list[Node], parent_id: int) -> list[Node]:
    """The last of the nodes brought to the end of what stands under its parent."""
    *others, new = nodes
    parent = next(at for at, node in enumerate(others) if node.id == parent_id)
    end = parent + len(agenda_rules.under(others, parent_id))
    return [*others[:end], new, *others[end:]]


async def write_order(items: Sequence[AgendaItem], nodes: Sequence[Node]) -> None:
    """Positions are unique: all step aside while they change places."""
    found = {item.id: item for item in items}
    places = {node.id: (place, node.parent_id) for place, node in enumerate(nodes, 1)}
    changed = [item for item in found.values() if (item.position, item.parent_id) != places[item.id]]
    for step in (-1, 1):
        for item in changed:
            place, parent_id = places[item.id]
            await AgendaItem.filter(id=item.id).update(position=step * place, parent_id=parent_id)


async def change_item(item_id: int, plan: ItemPlan, actor: Person) -> int:
    async with conducting_item(item_id, actor) as (item, meeting, note):
        standing = await standing_of(actor.id, meeting.assessment_id, note.now)
        if rules.hides(standing, [rules.gate_of(item.subject)], meeting.group_id):
            raise NotFound()  # what it is linked to is kept from this person, and would be lost
        rules.check_may_be_edited(meeting.state, item.state)
        rules.check_item(plan)
        item.update_from_dict(row_of(plan))
        await item.save()
        agenda_rules.check_tree(nodes_of(await agenda_of(meeting.id)))
        return await note(
            f"meeting-{meeting.id}", "item_changed", about=f"item-{item.id}", **told_of_item(plan)
        )


def told_of_item(plan: ItemPlan) -> dict[str, Any]:
    return {"item_kind": str(plan.kind), "subject": plan.subject, "planned_minutes": plan.planned_minutes}


async def move_item(item_id: int, to: Direction | int, actor: Person) -> int:
    """One step, or in front of the item `to`. What stands under it moves along."""
    async with conducting_item(item_id, actor) as (item, meeting, note):
        rules.check_may_be_edited(meeting.state)
        items = await agenda_of(meeting.id)
        before = nodes_of(items)
        if isinstance(to, Direction):
            after = agenda_rules.moved(before, item.id, to)
        else:
            after = agenda_rules.moved_before(before, item.id, to)
        await write_order(items, after)
        number = agenda_rules.numbers(after)[item.id]
        return await note(f"meeting-{meeting.id}", "item_moved", about=f"item-{item.id}", place=number)


async def remove_item(item_id: int, actor: Person) -> int:
    async with conducting_item(item_id, actor) as (item, meeting, note):
        rules.check_may_be_edited(meeting.state, item.state)
        if item.opened_at or await ItemVote.filter(item_id=item.id).exists():
            raise Refused("This item has begun: what it was about stands as it was.")
        if await AgendaItem.filter(parent_id=item.id).exists():
            raise Refused("Items stand under this one. Move or remove them first.")
        if await AgendaItem.filter(carried_from_id=item.id).exists():
            raise Refused("This item was taken over by another meeting and stays where it came from.")
        await item.delete()
        return await note(f"meeting-{meeting.id}", "item_removed", about=f"item-{item.id}")
