"""The agenda as a tree: its numbers, sums and moves, and items that come from elsewhere."""

from dataclasses import replace
from typing import Any

import pytest

from deliberate.errors import Invalid, NotFound, Refused
from deliberate.meetings import actions, agenda_rules
from deliberate.meetings.agenda_rules import Direction, Line, Node
from deliberate.meetings.models import AgendaItem, Meeting, agenda_of, nodes_of
from deliberate.meetings.rules import ItemKind, ItemPlan
from tests.meetings.meetings import convened, item, plan, world_convened, world_in_meeting
from tests.support.builders import World, make_world, pair, recuse, sign_in

# 1 (60) > 2 (20) > 3 (10); 1 > 4 (20); 5 (15)
TREE = [Node(1, None, 60), Node(2, 1, 20), Node(3, 2, 10), Node(4, 1, 20), Node(5, None, 15)]


def ids(nodes: list[Node]) -> list[tuple[int, int | None]]:
    return [(node.id, node.parent_id) for node in nodes]


def test_items_are_numbered_by_their_place_in_the_tree() -> None:
    assert list(agenda_rules.numbers(TREE).values()) == ["1", "1.1", "1.1.1", "1.2", "2"]
    assert agenda_rules.total_minutes(TREE) == 75
    assert agenda_rules.numbers_by_level([1, 2, 3, 2, 1, 2]) == ["1", "1.1", "1.1.1", "1.2", "2", "2.1"]


def test_an_item_takes_what_stands_under_it_along() -> None:
    up = agenda_rules.moved(TREE, 5, Direction.UP)
    assert ids(up) == [(5, None), (1, None), (2, 1), (3, 2), (4, 1)]
    assert ids(agenda_rules.moved(up, 1, Direction.UP)) == ids(TREE)
    assert ids(agenda_rules.moved(TREE, 2, Direction.DOWN)) == [(1, None), (4, 1), (2, 1), (3, 2), (5, None)]
    assert ids(agenda_rules.moved(TREE, 2, Direction.OUT)) == [
        (1, None),
        (4, 1),
        (2, None),
        (3, 2),
        (5, None),
    ]
    assert ids(agenda_rules.moved(TREE, 5, Direction.IN))[-1] == (5, 1)
    assert ids(agenda_rules.moved_before(TREE, 5, 4)) == [(1, None), (2, 1), (3, 2), (5, 1), (4, 1)]


@pytest.mark.parametrize(
    ("ident", "direction"),
    [(1, Direction.UP), (5, Direction.DOWN), (1, Direction.IN), (1, Direction.OUT), (2, Direction.UP)],
)
def test_a_move_to_nowhere_is_refused(ident: int, direction: Direction) -> None:
    with pytest.raises(Refused):
        agenda_rules.moved(TREE, ident, direction)


def test_an_item_stands_neither_before_itself_nor_on_a_fourth_level() -> None:
    with pytest.raises(Refused, match="in front of itself"):
        agenda_rules.moved_before(TREE, 1, 3)
    deep = [*TREE[:3], Node(6, 2, 5), TREE[4]]
    with pytest.raises(Refused, match="three levels"):
        agenda_rules.moved(deep, 6, Direction.IN)


def test_what_stands_under_an_item_lasts_no_longer_than_the_item() -> None:
    with pytest.raises(Refused, match="takes 75 minutes, and 60 are planned"):
        agenda_rules.check_tree([*TREE[:4], Node(5, 1, 35)])


def test_a_written_agenda_is_read_back_as_it_was() -> None:
    lines = [
        Line(
            1, {"fr": "=1+1", "en": 'Semicolons; and "quotes"'}, ItemKind.DECISION, 30, 10, "I-1", ("I-1.1",)
        ),
        Line(2, {"fr": "Été", "en": ""}, ItemKind.INFORMATION, 5),
    ]
    text = agenda_rules.written(lines)
    assert "'=1+1" in text  # no spreadsheet runs it
    assert agenda_rules.read_lines("\ufeff" + text) == (lines, [])


def test_every_wrong_line_is_named() -> None:
    text = (
        "level;title_en;kind;minutes\n1;Good;discussion;10\n3;Deep;discussion;10\n1;Bad;party;10\n1;Long;;x\n"
    )
    lines, problems = agenda_rules.read_lines(text)
    assert len(lines) == 1 and [line for line, _problem in problems] == [3, 4, 5]
    assert agenda_rules.read_lines("title\nx\n")[1]
    assert agenda_rules.read_lines("level;minutes\n")[1]


def test_the_usual_agendas_stand() -> None:
    for _words, lines in agenda_rules.TEMPLATES.values():
        text = agenda_rules.written(lines)
        assert agenda_rules.read_lines(text) == (list(lines), [])


async def titles(meeting_id: int) -> list[tuple[str, str]]:
    items = await agenda_of(meeting_id)
    numbers = agenda_rules.numbers(nodes_of(items))
    return [(numbers[each.id], each.title["en"]) for each in items]


async def test_items_are_put_under_others_and_moved_in_the_database(database: object) -> None:
    world, meeting = await world_convened()
    first, second, third = await agenda_of(meeting.id)
    office = world["secretariat"]
    plan_under = ItemPlan(
        pair("Bacteria in depth"), ItemKind.DISCUSSION, planned_minutes=30, parent_id=second.id
    )
    await actions.add_item(meeting.id, plan_under, office)
    assert await titles(meeting.id) == [
        ("1", "Welcome"),
        ("2", "Bacteria"),
        ("2.1", "Bacteria in depth"),
        ("3", "Any other business"),
    ]
    with pytest.raises(Refused, match="are planned for it"):
        await actions.change_item(second.id, item("Bacteria", minutes=20), office)
    await actions.move_item(second.id, first.id, office)
    assert (await titles(meeting.id))[:2] == [("1", "Bacteria"), ("1.1", "Bacteria in depth")]
    with pytest.raises(Refused, match="stand under this one"):
        await actions.remove_item(second.id, office)
    await actions.move_item(third.id, Direction.UP, office)
    assert [each.position for each in await agenda_of(meeting.id)] == [1, 2, 3, 4]
    with pytest.raises(NotFound):
        await actions.move_item(third.id, Direction.UP, world["expert"])


async def test_what_was_postponed_is_carried_to_the_next_meeting_once(database: object) -> None:
    world, first = await world_in_meeting()
    await actions.postpone_item((await agenda_of(first.id))[1].id, world["chair"])
    later = await plan(world)
    assert await actions.bring_from(later, first.id, world["secretariat"], postponed=True) == 1
    carried = await AgendaItem.get(meeting_id=later)
    assert carried.subject == f"question-{world.question.id}" and carried.state == "planned"
    with pytest.raises(Refused, match="nothing to take over"):
        await actions.bring_from(later, first.id, world["secretariat"], postponed=True)
    assert await actions.bring_from(later, first.id, world["secretariat"], postponed=False) == 3
    with pytest.raises(NotFound):  # the agenda of another group stays there
        other = await plan(world, group_id=world.pharmacology.id)
        await actions.bring_from(other, first.id, world["secretariat"], postponed=False)


async def test_a_file_with_an_error_imports_nothing(database: object) -> None:
    world = await make_world()
    meeting_id = await plan(world)
    good = "level;title_en;minutes;question;links\n1;;40;I-1;I-1.1\n2;Detail;10;;\n"
    with pytest.raises(Invalid) as refusal:
        await actions.import_agenda(meeting_id, good + "1;Again;10;X-9;\n", world["secretariat"])
    assert refusal.value.places["code"] == "X-9"
    assert not await agenda_of(meeting_id)
    assert await actions.import_agenda(meeting_id, good, world["secretariat"]) == 2
    top, under = await agenda_of(meeting_id)
    assert under.parent_id == top.id and top.links and top.links[0]["code"] == "I-1.1"


async def browser(server: Any, world: World, persona: str) -> Any:
    return server.client(cookies={"deliberate": await sign_in(world[persona])})


async def test_an_agenda_is_sent_as_a_file_which_is_shown_before_it_is_stored(server: Any) -> None:
    world = await make_world()
    meeting_id = await plan(world)
    office = await browser(server, world, "secretariat")
    where = f"/meetings/{meeting_id}/agenda/import"
    text = "level;title_fr;minutes\r\n1;Évaluation <b>;40\r\n"

    async def send(content: bytes, **form: str) -> Any:
        return await office.post(where, data=form, files={"file": ("agenda.csv", content, "text/csv")})

    shown = await send(text.encode("utf-8-sig"), store="true")
    assert "Évaluation &lt;b&gt;" in shown.text and not await agenda_of(meeting_id)
    latin = await send(text.encode("latin-1"), text="level;kept;minutes")
    assert (
        latin.status_code == 422 and "not text in UTF-8" in latin.text and "level;kept;minutes" in latin.text
    )
    assert (await office.post(where, data={"text": ""})).status_code == 422
    stored = await office.post(where, data={"text": text, "store": "true"})
    assert stored.status_code == 303
    assert [item.title["fr"] for item in await agenda_of(meeting_id)] == ["Évaluation <b>"]


async def test_the_pages_show_preview_store_export_and_print(server: Any) -> None:
    world = await make_world()
    meeting_id = await plan(world)
    office = await browser(server, world, "secretariat")
    where = f"/meetings/{meeting_id}/agenda"
    text = "level;title_en;minutes\n1;<b>O'Brien</b>;40\n2;Detail;10\n"
    preview = await office.post(f"{where}/import", data={"text": text})
    assert "What would be added" in preview.text and "&lt;b&gt;O&#39;Brien" in preview.text
    assert not await agenda_of(meeting_id)
    wrong = await office.post(f"{where}/import", data={"text": text + "9;Deep;1\n", "store": "true"})
    assert "Line 4" in wrong.text and not await agenda_of(meeting_id)
    await office.post(f"{where}/import", data={"text": text, "store": "true"})
    assert (await office.post(f"{where}/bring", data={"source": "template-hearing"})).status_code == 303
    assert len(await agenda_of(meeting_id)) == 6
    shown = (await office.get(where)).text
    assert ">1.1</b>" in shown and "10 min under it, 30 left" in shown
    exported = await office.get(f"{where}.csv")
    assert exported.headers["content-type"].startswith("text/csv") and "Detail" in exported.text
    await actions.convene_meeting(meeting_id, world["secretariat"])
    expert = await browser(server, world, "expert")
    letter = (await expert.get(f"/meetings/{meeting_id}/convocation")).text
    assert "the protocol asks for 5" in letter and "O&#39;Brien" in letter
    assert (await expert.get(f"{where}.csv")).status_code == 404


async def test_an_export_leaves_out_the_question_its_reader_is_recused_from(server: Any) -> None:
    world = await make_world()
    meeting: Meeting = await convened(world)
    assert (
        "I-1"
        in (await (await browser(server, world, "chair")).get(f"/meetings/{meeting.id}/agenda.csv")).text
    )
    await recuse(world["chair"], world.assessment, f"question-{world.question.id}", world["secretariat"])
    answer = await (await browser(server, world, "chair")).get(f"/meetings/{meeting.id}/agenda.csv")
    assert "I-1" not in answer.text and "Bacteria" in answer.text


def test_an_item_is_offered_the_moves_it_can_make() -> None:
    tree = [Node(1, None, 60), Node(2, 1, 20), Node(3, 2, 5), Node(4, None, 30), Node(5, None, 30)]
    up, down, into, out = Direction
    assert agenda_rules.ways(tree) == {
        1: [down],
        2: [out],
        3: [out],
        4: [up, down, into],
        5: [up, into],
    }
    deep = [Node(1, None, 60), Node(2, None, 60), Node(3, 2, 20), Node(4, 3, 5)]
    assert into not in agenda_rules.ways(deep)[2]  # what is under it would stand on a fourth level
    for ident, ways in agenda_rules.ways(tree).items():
        for way in ways:
            agenda_rules.moved([replace(node, planned=0) for node in tree], ident, way)
