"""Statements between rounds: what is rated, settled, reworded, split, merged and withdrawn."""

import itertools

import pytest

from deliberate.assessments.models import Assessment
from deliberate.errors import Invalid, NotAllowed, NotFound, Refused
from deliberate.interests.models import Declaration
from deliberate.live.journal import acting, commitment
from deliberate.questions import statements
from deliberate.questions.models import Statement, StatementOrigin, Wording, statement_texts
from deliberate.questions.rules import Stage
from deliberate.questions.statement_rules import NEXT, StatementState, check_step, codes_after
from deliberate.questions.statements import mark_open, settle
from tests.questions.helpers import at_stage, entries, kinds
from tests.support.builders import World, make_world, pair

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


def test_codes_of_what_comes_after_a_statement_are_free_and_fit() -> None:
    assert codes_after("I-1.2", {"I-1.2a"}, 2) == ["I-1.2b", "I-1.2c"]
    assert all(len(code) == 40 for code in codes_after("x" * 40, set(), 30))


async def test_a_rewording_is_a_new_version_and_the_old_one_stays(world: World) -> None:
    first, _second = await statements_of(world)
    version = await statements.reword_statement(first.id, pair("Sharper"), "Ambiguous.", world["chair"])
    assert version == 2 == (await Statement.get(id=first.id)).version
    assert (await statement_texts([world.question.id]))[first.id].text == pair("Sharper")
    assert await Wording.filter(statement=first).order_by("version").values_list("version", flat=True) == [
        1,
        2,
    ]
    wording = await Wording.get(statement=first, version=2)
    [entry] = await entries(world, f"question-{world.question.id}")
    told = commitment({"text": pair("Sharper"), "reason": "Ambiguous."}, str(wording.salt))
    assert entry["details"] == {"about": f"statement-{first.id}", "version": 2, "commitment": told}


async def test_a_wording_stands_while_somebody_votes_on_it(world: World) -> None:
    first, _second = await statements_of(world)
    asked: list[str] = []

    async def refuse(subject: str) -> None:
        asked.append(subject)
        raise Refused("A vote is open.")

    with pytest.raises(Refused):
        await statements.reword_statement(first.id, pair("Sharper"), "x", world["chair"], unless=[refuse])
    assert asked == [f"statement-{first.id}"]
    assert await Wording.filter(statement=first).count() == 1


@pytest.mark.parametrize("state", [each for each in StatementState if each not in ("draft", "to_discuss")])
async def test_words_change_only_between_rounds(world: World, state: StatementState) -> None:
    first, second = await statements_of(world)
    await Statement.filter(id=first.id).update(state=state)
    chair, before = world["chair"], await entries(world)
    for act in (
        statements.reword_statement(first.id, pair("Sharper"), "Ambiguous.", chair),
        statements.split_statement(first.id, [pair("One"), pair("Two")], "Two in one.", chair),
        statements.merge_statements([second.id, first.id], pair("Both"), "The same.", chair),
        statements.withdraw_statement(first.id, "Beside the point.", chair),
    ):
        with pytest.raises(Refused):
            await act
    assert (await entries(world), await Statement.filter(question=world.question).count()) == (before, 2)


async def test_a_split_leaves_its_parent_readable_and_says_where_the_parts_came_from(world: World) -> None:
    first, _second = await statements_of(world)
    texts = [pair("One"), pair("Two")]
    made = await statements.split_statement(first.id, texts, "Two in one.", world["secretariat"])
    assert [each.code for each in made] == ["I-1.1a", "I-1.1b"]
    assert [(await Statement.get(id=each.id)).state for each in made] == ["draft", "draft"]
    parent = await Statement.get(id=first.id)
    assert (parent.state, parent.withdrawn_reason) == ("withdrawn", "Two in one.")
    assert await Wording.filter(statement=first).count() == 1
    origins = await StatementOrigin.filter(parent=first).order_by("id")
    assert [(each.statement_id, each.how) for each in origins] == [(each.id, "split") for each in made]
    assert await kinds(world) == ["statement_added", "statement_added", "statement_split"]
    [*_, told] = await entries(world, f"question-{world.question.id}")
    assert told["details"]["into"] == [each.id for each in made]
    assert told["details"]["commitment"] == commitment({"reason": "Two in one."}, str(parent.withdrawn_salt))


async def test_a_merge_takes_the_place_of_several(world: World) -> None:
    first, second = await statements_of(world)
    made = await statements.merge_statements([first.id, second.id], pair("Both"), "The same.", world["chair"])
    assert await states(world) == ["withdrawn", "draft", "withdrawn"]
    parents = (
        await StatementOrigin.filter(statement=made).order_by("parent_id").values_list("parent_id", "how")
    )
    assert parents == [(first.id, "merge"), (second.id, "merge")]
    assert (await kinds(world))[1:] == ["statement_merged", "statement_merged"]


async def test_statements_of_different_questions_are_not_merged_nor_one_with_itself(world: World) -> None:
    first, _second = await statements_of(world)
    other = await Statement.filter(question=world.other_question).first()
    for ids in ([first.id, other.id], [first.id, first.id], [first.id]):
        with pytest.raises(Invalid) as caught:
            await statements.merge_statements(ids, pair("Both"), "The same.", world["secretariat"])
        assert set(caught.value.problems) == {"others"}
    assert await entries(world) == []


async def test_every_problem_of_new_texts_is_told_at_once(world: World) -> None:
    first, _second = await statements_of(world)
    with pytest.raises(Invalid) as caught:
        await statements.split_statement(
            first.id, [pair("One"), {"fr": "", "en": "x" * 5001}], "", world["chair"]
        )
    assert set(caught.value.problems) == {"text_fr_2", "text_en_2", "reason"}
    with pytest.raises(Invalid):
        await statements.split_statement(first.id, [pair("One")], "Why.", world["chair"])
    with pytest.raises(Invalid):
        await statements.reword_statement(first.id, pair("Statement I-1.1"), "Why.", world["chair"])


async def test_a_withdrawn_statement_says_why_and_is_never_rated_again(world: World) -> None:
    first, _second = await statements_of(world)
    with pytest.raises(Invalid):
        await statements.withdraw_statement(first.id, "", world["chair"])
    await statements.withdraw_statement(first.id, "Beside the point.", world["chair"])
    assert (await Statement.get(id=first.id)).withdrawn_reason == "Beside the point."
    assert await kinds(world) == ["statement_withdrawn"]
    with pytest.raises(Refused):
        async with acting(world.assessment.id, world["chair"]) as note:
            await mark_open(note, [first.id])


async def test_a_further_statement_needs_a_code_of_its_own(world: World) -> None:
    add = statements.add_statement
    with pytest.raises(Invalid):
        await add(world.question.id, "I-1.2", pair("Third"), "Missing.", world["chair"])
    made = await add(world.question.id, "I-1.3", pair("Third"), "Missing.", world["chair"])
    assert [each.id for each in await statements_of(world)][-1] == made.id


@pytest.mark.parametrize("stage", [Stage.OPINION_ADOPTED, Stage.LOCKED])
async def test_the_statements_stand_once_the_conclusion_is_adopted(world: World, stage: Stage) -> None:
    first, _second = await statements_of(world)
    await at_stage(world.question, stage)
    with pytest.raises(Refused):
        await statements.withdraw_statement(first.id, "Beside the point.", world["secretariat"])
    with pytest.raises(Refused):
        await statements.add_statement(world.question.id, "X", pair("X"), "Why.", world["secretariat"])


@pytest.mark.parametrize("actor", ["expert", "recused", "other_chair", "committee_chair", "administrator"])
async def test_nobody_else_changes_statements(world: World, actor: str) -> None:
    first, second = await statements_of(world)
    await Declaration.filter(person=world["chair"]).delete()
    for person, no in ((world[actor], NotFound), (world["chair"], NotAllowed)):
        for act in (
            statements.add_statement(world.question.id, "X", pair("X"), "Why.", person),
            statements.split_statement(first.id, [pair("One"), pair("Two")], "Why.", person),
            statements.merge_statements([first.id, second.id], pair("Both"), "Why.", person),
            statements.withdraw_statement(first.id, "Why.", person),
        ):
            with pytest.raises(no):
                await act
    assert await entries(world) == []
