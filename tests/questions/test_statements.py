"""Statements between rounds: what is rated, settled, reworded, split, merged and withdrawn."""

import itertools

import pytest

from deliberate.assessments.models import Assessment
from deliberate.errors import Refused
from deliberate.live.journal import acting
from deliberate.questions.models import Statement
from deliberate.questions.statement_rules import NEXT, StatementState, check_step
from deliberate.questions.statements import mark_open, settle
from tests.questions.helpers import entries
from tests.support.builders import World, make_world

OPEN, IN, AGAIN = StatementState.OPEN, StatementState.SETTLED_IN, StatementState.TO_DISCUSS


@pytest.fixture
async def world(database: None) -> World:
    return await make_world()


async def statements_of(world: World) -> list[Statement]:
    return await Statement.filter(question=world.question).order_by("position")


async def states(world: World) -> list[str]:
    return [statement.state for statement in await statements_of(world)]


@pytest.mark.parametrize(("state", "wanted"), [*itertools.product(StatementState, repeat=2)])
def test_only_the_listed_steps_of_a_statement_are_taken(
    state: StatementState, wanted: StatementState
) -> None:
    if wanted in NEXT[state]:
        check_step(state, wanted, "I-1.1")
    else:
        with pytest.raises(Refused):
            check_step(state, wanted, "I-1.1")


def test_settled_statements_are_rated_again_only_where_the_protocol_says_so() -> None:
    check_step(IN, OPEN, "I-1.1", re_rates_all=True)
    with pytest.raises(Refused):
        check_step(StatementState.WITHDRAWN, OPEN, "I-1.1", re_rates_all=True)


async def test_a_rating_opens_its_statements_and_its_result_settles_them(world: World) -> None:
    first, second = await statements_of(world)
    async with acting(world.assessment.id, world["chair"]) as note:
        await mark_open(note, [first.id, second.id])
    assert await states(world) == [OPEN, OPEN]
    async with acting(world.assessment.id, world["chair"]) as note:
        await settle(note, {first.id: IN, second.id: AGAIN})
    assert await states(world) == [IN, AGAIN]
    told = [entry["details"] for entry in await entries(world, f"question-{world.question.id}")]
    assert told == [
        {"states": {str(first.id): "open", str(second.id): "open"}},
        {"states": {str(first.id): "settled_in", str(second.id): "to_discuss"}},
    ]


async def test_when_one_statement_cannot_be_rated_none_is_opened(world: World) -> None:
    first, second = await statements_of(world)
    await Statement.filter(id=second.id).update(state=IN)
    with pytest.raises(Refused):
        async with acting(world.assessment.id, world["chair"]) as note:
            await mark_open(note, [first.id, second.id])
    assert await states(world) == [StatementState.DRAFT, IN]
    await Assessment.filter(id=world.assessment.id).update(protocol={"rounds": {"re_rate": "all"}})
    async with acting(world.assessment.id, world["chair"]) as note:
        await mark_open(note, [first.id, second.id])
    assert await states(world) == [OPEN, OPEN]
