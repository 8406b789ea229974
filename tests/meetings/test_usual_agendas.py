"""Usual agendas: kept by the secretariat, under one name each, and taken over by whom they concern."""

import json
from typing import Any

import pytest

from deliberate.errors import Invalid, NotFound, Refused
from deliberate.live.models import Entry
from deliberate.meetings import actions
from deliberate.meetings.models import AgendaItem, agenda_of
from deliberate.meetings.rules import ItemKind, ItemPlan
from deliberate.meetings.usual_models import UsualAgenda
from tests.meetings.meetings import item, plan
from tests.meetings.test_pages import browser_of
from tests.support.builders import World, make_world, pair


async def planned(world: World) -> int:
    """Three items: the second is about a question, the third stands under it."""
    meeting_id, office = await plan(world), world["secretariat"]
    await actions.add_item(meeting_id, item("Welcome", minutes=5), office)
    links = [{"key": "statement-1", "code": "I-1.1"}]
    about = ItemPlan(
        pair("Bacteria"), ItemKind.DISCUSSION, f"question-{world.question.id}", 40, 10, links=links
    )
    parent = await actions.add_item(meeting_id, about, office)
    await actions.add_item(
        meeting_id, ItemPlan(pair("Votes"), ItemKind.DECISION, "", 20, parent_id=parent), office
    )
    return meeting_id


def shape(items: list[AgendaItem]) -> list[tuple[Any, ...]]:
    places = {each.id: number for number, each in enumerate(items)}
    return [
        (
            each.title["en"],
            each.kind,
            each.subject,
            each.planned_minutes,
            each.presenting_minutes,
            each.links,
            places.get(each.parent_id or 0),
        )
        for each in items
    ]


async def test_another_meeting_begins_from_what_was_kept(database: Any) -> None:
    world = await make_world()
    source, office = await planned(world), world["secretariat"]
    number = await actions.keep_agenda(source, " The usual ", office)
    later = await plan(world)
    before = shape(await agenda_of(source))
    await actions.remove_item((await agenda_of(source))[0].id, office)  # what was kept does not follow
    assert await actions.bring_usual_agenda(later, number, world["chair"]) == 3
    assert shape(await agenda_of(later)) == before
    entry = await Entry.get(kind="usual_agenda_kept")
    details = json.loads(entry.body)["details"]
    assert entry.topic == f"assessment-{world.assessment.id}"
    assert details == {"about": f"agenda-{number}", "meeting": f"meeting-{source}", "items": 3}


async def test_a_question_is_taken_over_by_its_own_group_and_by_nobody_recused(database: Any) -> None:
    world = await make_world()
    number = await actions.keep_agenda(await planned(world), "The usual", world["secretariat"])
    other = await plan(world, group_id=world.pharmacology.id)
    assert await actions.bring_usual_agenda(other, number, world["other_chair"]) == 1
    assert [each.title["en"] for each in await agenda_of(other)] == ["Welcome"]
    only = await plan(world)
    await actions.add_item(only, item("Bacteria", f"question-{world.question.id}"), world["secretariat"])
    alone = await actions.keep_agenda(only, "One question", world["secretariat"])
    with pytest.raises(Refused, match="nothing for this group"):
        await actions.bring_usual_agenda(other, alone, world["other_chair"])
    elsewhere = await make_world()
    with pytest.raises(NotFound):
        await actions.bring_usual_agenda(await plan(elsewhere), number, elsewhere["secretariat"])


async def test_a_name_stands_once_in_an_assessment(database: Any) -> None:
    world, elsewhere = await make_world(), await make_world()
    source, office = await planned(world), world["secretariat"]
    first = await actions.keep_agenda(source, "The usual", office)
    second = await actions.keep_agenda(source, "Another", office)
    await actions.keep_agenda(await planned(elsewhere), "The usual", elsewhere["secretariat"])
    for attempt in (
        actions.keep_agenda(source, "The usual ", office),
        actions.rename_usual_agenda(second, "The usual", office),
        actions.rename_usual_agenda(second, " ", office),
        actions.keep_agenda(source, "x" * 121, office),
    ):
        with pytest.raises(Invalid) as refused:
            await attempt
        assert "name" in refused.value.problems
    with pytest.raises(Refused, match="empty"):
        await actions.keep_agenda(await plan(world), "Nothing", office)
    await actions.rename_usual_agenda(first, "The old one", office)
    await actions.rename_usual_agenda(second, "The usual", office)
    await actions.remove_usual_agenda(first, office)
    rows = await UsualAgenda.filter(assessment=world.assessment).values_list("name", flat=True)
    assert list(rows) == ["The usual"]
    kinds = await Entry.filter(topic=f"assessment-{world.assessment.id}").order_by("number")
    told = [entry.kind for entry in kinds if entry.kind.startswith("usual_")]
    assert told == [f"usual_agenda_{what}" for what in ("kept", "kept", "renamed", "renamed", "removed")]


async def test_only_the_secretariat_keeps_renames_and_deletes(database: Any) -> None:
    world, elsewhere = await make_world(), await make_world()
    source = await planned(world)
    number = await actions.keep_agenda(source, "The usual", world["secretariat"])
    for person in (world["chair"], world["expert"], elsewhere["secretariat"]):
        for attempt in (
            actions.keep_agenda(source, "Mine", person),
            actions.rename_usual_agenda(number, "Mine", person),
            actions.remove_usual_agenda(number, person),
        ):
            with pytest.raises(NotFound):
                await attempt
    assert [each.name for each in await UsualAgenda.all()] == ["The usual"]


async def test_the_forms_keep_bring_rename_and_delete(server: Any) -> None:
    world = await make_world()
    source = await planned(world)
    office, home = (
        await browser_of(server, world["secretariat"]),
        f"/a/{world.assessment.slug}/meetings/agendas",
    )
    assert "No agenda is kept yet" in (await office.get(home)).text
    for _ in range(2):
        kept = await office.post(f"/meetings/{source}/agenda/keep", data={"name": "The <usual>"})
    assert kept.status_code == 422 and 'value="The &lt;usual&gt;"' in kept.text
    (agenda,) = await UsualAgenda.all()
    later = await plan(world)
    page = (await office.get(f"/meetings/{later}/agenda")).text
    assert f'<option value="usual-{agenda.id}">The &lt;usual&gt;</option>' in page
    await office.post(f"/meetings/{later}/agenda/bring", data={"source": f"usual-{agenda.id}"})
    assert len(await agenda_of(later)) == 3
    again = await office.post(f"{home}/{agenda.id}", data={"name": ""})
    assert again.status_code == 422 and "This is needed." in again.text
    await office.post(f"{home}/{agenda.id}", data={"name": "Short"})
    assert "Short" in (await office.get(home)).text
    foreign = await make_world()
    other = await browser_of(server, foreign["secretariat"])
    assert (
        await other.post(f"/a/{foreign.assessment.slug}/meetings/agendas/{agenda.id}/remove")
    ).status_code == 404
    await office.post(f"{home}/{agenda.id}/remove")
    assert not await UsualAgenda.exists()
