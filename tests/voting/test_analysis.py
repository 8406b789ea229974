"""The sheet and the analysis of a whole round: who reads what of it, and what they say."""

from typing import Any

import pytest

from deliberate.consensus.panel import describe
from deliberate.consensus.table import MISSING
from deliberate.questions.models import Statement
from deliberate.voting.analysis import ORDERS, analysis_of, ordered
from deliberate.voting.models import Pseudonym, Round
from deliberate.voting.sheets import ratings_of
from tests.people.helpers import browser_of
from tests.support.builders import NOW, World, make_question, make_world, recuse
from tests.voting.votes import counted_rating

HIGH = (7, 8, 8, 9, 7, 8, 9, 8, 7)
APART = (1, 1, 1, 5, 5, 5, 9, 9, 9)
MOVED = (7, 7, 8, 8, 9, 7, 8, 9, 7)


async def make_round(world: World, number: int = 1) -> Round:
    return await Round.create(
        assessment_id=world.assessment.id,
        group_id=world.infection.id,
        number=number,
        state="fed_back",
        prepared_at=NOW,
    )


async def statements_of(world: World) -> list[str]:
    ids = await Statement.filter(question_id=world.question.id).order_by("id").values_list("id", flat=True)
    return [f"statement-{ident}" for ident in ids]


async def two_rounds(world: World) -> Round:
    first, second = await make_round(world), await make_round(world, 2)
    one, two = await statements_of(world)
    await counted_rating(world, HIGH, subject=one, rating_round_id=first.id)
    await counted_rating(world, APART, subject=two, rating_round_id=first.id)
    await counted_rating(world, MOVED, subject=one, round_number=2, rating_round_id=second.id)
    await counted_rating(world, APART, subject=two, round_number=2, rating_round_id=second.id)
    return second


async def test_the_sheet_of_a_round_holds_each_statement_and_the_own_rating_in_each(server: Any) -> None:
    world = await make_world(experts=9)
    found = await two_rounds(world)
    sheet = (await (await browser_of(server, world.experts[3])).get(f"/rounds/{found.id}/sheet")).text
    assert sheet.count('class="leaf stack"') == 2
    assert "Your rating went from 9 to 8." in sheet and "you: 5" in sheet
    codes = await Pseudonym.all().values_list("code", flat=True)
    assert not any(code in sheet for code in codes)
    assert not any(person.name in sheet for person in world.experts if person != world.experts[3])


async def test_who_is_recused_from_one_question_sees_the_rest_of_the_round_and_nothing_of_it(
    server: Any,
) -> None:
    world = await make_world(experts=9)
    found = await two_rounds(world)
    other = await make_question(world.assessment, world.infection, "I-2")
    await counted_rating(
        world,
        HIGH,
        subject="statement-4711",
        gate=f"question-{other.id}",
        text={"fr": "Une autre question.", "en": "Another question."},
        rating_round_id=found.id,
    )
    recused = await browser_of(server, world["recused"])
    sheet = (await recused.get(f"/rounds/{found.id}/sheet")).text
    assert "Another question." in sheet and "Skin preparation" not in sheet and "I-1" not in sheet
    await recuse(world["chair"], world.assessment, f"question-{world.question.id}", world["secretariat"])
    chair = (await (await browser_of(server, world["chair"])).get(f"/rounds/{found.id}/analysis")).text
    office = (await (await browser_of(server, world["secretariat"])).get(f"/rounds/{found.id}/analysis")).text
    assert "Another question." in chair and "I-1.1" not in chair
    assert "Another question." in office and "I-1.1" in office


@pytest.mark.parametrize(
    ("who", "sheet", "analysis"),
    [
        ("secretariat", 200, 200),
        ("chair", 200, 200),
        ("expert", 200, 404),
        ("undeclared", 404, 404),
        ("other_chair", 404, 404),
        ("other_expert", 404, 404),
        ("member", 404, 404),
        ("stakeholder", 404, 404),
        ("administrator", 404, 404),
        ("foreign_secretariat", 404, 404),
    ],
)
async def test_the_analysis_is_for_secretariat_and_chair(
    server: Any, who: str, sheet: int, analysis: int
) -> None:
    world = await make_world(experts=9)
    found = await two_rounds(world)
    browser = await browser_of(server, world[who])
    assert (await browser.get(f"/rounds/{found.id}/sheet")).status_code == sheet
    assert (await browser.get(f"/rounds/{found.id}/analysis")).status_code == analysis
    assert (await browser.get("/rounds/4711/sheet")).status_code == 404


async def test_the_analysis_says_stability_stop_rule_and_where_methods_differ(server: Any) -> None:
    world = await make_world(experts=9)
    found = await two_rounds(world)
    page = (await (await browser_of(server, world["chair"])).get(f"/rounds/{found.id}/analysis")).text
    for words in (
        "uncertain, disagreement",
        "closed: stable dissent",
        "settled, retained",
        "Describes the panel, never a criterion",
        "Kendall’s W",
    ):
        assert words in page, words
    codes = await Pseudonym.all().values_list("code", flat=True)
    assert not any(text in page for text in (*codes, *(person.name for person in world.experts)))


async def test_the_panel_is_described_by_the_same_code_whatever_the_order_of_raters(database: Any) -> None:
    world = await make_world(experts=9)
    found = await two_rounds(world)
    analysis = await analysis_of(await ratings_of(found.id))
    assert analysis.panel == describe([bytes(MOVED), bytes(APART)], 9)
    assert describe([bytes([*MOVED[:8], MISSING]), bytes(APART)], 9) != analysis.panel


async def test_those_who_left_are_compared_only_in_company(database: Any) -> None:
    world = await make_world(experts=9)
    first, second = await make_round(world), await make_round(world, 2)
    one, _two = await statements_of(world)
    await counted_rating(world, (1, 2, *HIGH[2:]), subject=one, rating_round_id=first.id)
    vote = await counted_rating(
        world, (None, *MOVED[1:]), subject=one, round_number=2, rating_round_id=second.id
    )
    alone = await analysis_of([vote])
    assert (alone.left, alone.leavers, alone.attrition.absent) == (1, None, 1)
    third = await counted_rating(world, (None, None, *HIGH[2:]), subject=one, round_number=3)
    both = await analysis_of([third])
    assert both.left == 1  # the first had not rated in the round before
    fourth = await counted_rating(world, (None, None, None, None, *HIGH[4:]), subject=one, round_number=4)
    company = await analysis_of([fourth])
    assert company.left == 2 and company.leavers and company.leavers.medians == {}


async def test_a_rating_that_was_repeated_counts_no_more(database: Any) -> None:
    world = await make_world(experts=9)
    found = await make_round(world)
    one, _two = await statements_of(world)
    spoiled = await counted_rating(world, APART, subject=one, rating_round_id=found.id)
    again = await counted_rating(world, HIGH, subject=one, rating_round_id=found.id, replaces_id=spoiled.id)
    assert [vote.id for vote in await ratings_of(found.id)] == [again.id]
    (row,) = (await analysis_of([again])).rows
    assert row.found is None  # it is no second round


async def test_the_table_is_sorted_as_asked_and_what_has_no_figure_comes_last(database: Any) -> None:
    world = await make_world(experts=9)
    found = await two_rounds(world)
    few = await counted_rating(world, (9, 9), subject="statement-4711", rating_round_id=found.id)
    rows = (await analysis_of(await ratings_of(found.id))).rows
    by_median, by_di = ordered(rows, "median"), ordered(rows, "di")
    assert [row.figures.get("median") for row in by_median] == [8, 5, None]
    assert by_di[0].figures["di"] > 1 and by_di[-1].vote.id == few.id
    assert all(len(ordered(rows, by)) == 3 for by in ORDERS)
