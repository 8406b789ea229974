"""Meetings to test with: planned, convened and opened by the real actions."""

from collections.abc import Sequence
from datetime import timedelta

from deliberate.live.models import Entry
from deliberate.meetings import actions
from deliberate.meetings.models import AgendaItem, Meeting, agenda_of
from deliberate.meetings.rules import ItemKind, ItemPlan, Presence
from deliberate.people.models import Person
from deliberate.questions.models import Statement
from tests.support.builders import NOW, World, make_world, pair
from tests.support.kept import kept


def item(title: str = "Welcome", subject: str = "", minutes: int = 15) -> ItemPlan:
    kind = ItemKind.DISCUSSION if subject else ItemKind.INFORMATION
    return ItemPlan(pair(title), kind, subject, minutes)


async def plan(world: World, *, group_id: int | None = None, second_call_of: int | None = None) -> int:
    return await actions.plan_meeting(
        world.assessment.id,
        group_id or world.infection.id,
        title=pair("Second meeting"),
        planned_at=NOW + timedelta(days=3),
        place="Room 4",
        actor=world["secretariat"],
        second_call_of=second_call_of,
    )


async def convened(world: World, *items: ItemPlan) -> Meeting:
    meeting_id = await plan(world)
    subject = f"question-{world.question.id}"
    for each in items or (item(), item("Bacteria", subject, 40), item("Any other business")):
        await actions.add_item(meeting_id, each, world["secretariat"])
    await actions.convene_meeting(meeting_id, world["secretariat"])
    return await Meeting.get(id=meeting_id)


async def opened(world: World, *items: ItemPlan, present: Sequence[Person] | None = None) -> Meeting:
    """Open, with the chair and all experts in the room, the recused one too."""
    meeting = await convened(world, *items)
    everybody = [world["chair"], *world.experts, world["recused"]]
    for person in everybody if present is None else present:
        await actions.arrive(meeting.id, person.id, Presence.ON_SITE, person)
    await actions.open_meeting(meeting.id, world["chair"])
    await meeting.refresh_from_db()
    return meeting


async def at_question(world: World, **options: object) -> tuple[Meeting, AgendaItem]:
    """A meeting whose item on the question is open."""
    meeting = await opened(world, **options)  # type: ignore[arg-type]
    found = (await agenda_of(meeting.id))[1]
    await actions.open_item(found.id, world["chair"])
    return meeting, await AgendaItem.get(id=found.id)


@kept
async def world_convened() -> tuple[World, Meeting]:
    world = await make_world()
    return world, await convened(world)


@kept
async def world_in_meeting() -> tuple[World, Meeting]:
    world = await make_world()
    return world, await opened(world)


@kept
async def world_at_question() -> tuple[World, Meeting, AgendaItem]:
    world = await make_world()
    return world, *await at_question(world)


async def statement_of(world: World) -> Statement:
    found = await Statement.filter(question_id=world.question.id).order_by("position").first()
    assert found
    return found


async def entries(meeting: Meeting, *kinds: str) -> list[Entry]:
    rows = Entry.filter(topic=f"meeting-{meeting.id}").order_by("number")
    return await (rows.filter(kind__in=kinds) if kinds else rows)
