"""The feedback sheet: the group's ratings and the reader's own, and nothing that tells who gave another."""

from typing import Any

import pytest

from deliberate.assessments.models import Assessment
from deliberate.live.models import Entry
from deliberate.voting.models import Ballot, Pseudonym
from deliberate.voting.sheets import sheet_of
from deliberate.web import parts
from tests.people.helpers import browser_of
from tests.support.builders import World, make_world
from tests.voting.votes import counted_rating, more_experts, open_vote

CANARY = "canary-of-one-who-cannot-judge"
FIRST = (2, 6, 7, 7, 8, 3, 9, 6, CANARY, None)
SECOND = (4, 7, 7, 7, 8, 5, 8, 7, None, 6)


async def rated_twice(world: World, **changes: Any) -> Any:
    await more_experts(world, 10)
    await counted_rating(world, FIRST)
    return await counted_rating(world, SECOND, round_number=2, **changes)


async def test_the_sheet_of_a_rater_holds_the_own_ratings_and_no_identifier_of_anybody(server: Any) -> None:
    world = await make_world()
    vote = await rated_twice(world)
    expert = world["expert"]
    sheet = (await (await browser_of(server, expert)).get(f"/votes/{vote.id}/sheet")).text
    for words in ("you: 2", "you: 4", "Your rating went from 2 to 4.", ">you<", "Show as a table"):
        assert words in sheet, words
    others = [person for person in (*world.experts, *world.people.values()) if person.id != expert.id]
    secrets = {text for person in others for text in (person.name, person.email)}
    secrets |= set(await Pseudonym.all().values_list("code", flat=True))  # the reader's own as well
    secrets |= {str(key) for key in await Ballot.all().values_list("key", flat=True)}
    assert len(secrets) > 30
    assert not [text for text in secrets if text in sheet]


async def test_two_raters_differ_in_nothing_but_their_own_marks(database: Any) -> None:
    world = await make_world()
    vote = await rated_twice(world)
    one, two = [(await sheet_of([vote], world.experts[number].id))[0] for number in (0, 1)]
    assert one.result and two.result and one.result.chart and two.result.chart
    assert (one.own and one.own.rating, two.own and two.own.rating) == (4, 7)
    assert (one.own_before and one.own_before.rating, two.own_before and two.own_before.rating) == (2, 6)
    assert one.result.reasons == two.result.reasons and one.result.comparison == two.result.comparison
    assert [bar.count for bar in one.result.chart.bars] == [bar.count for bar in two.result.chart.bars]


async def test_whoever_could_not_judge_or_did_not_answer_is_told_so(server: Any) -> None:
    world = await make_world()
    vote = await rated_twice(world)
    ninth = await browser_of(server, world.experts[8])
    sheet = (await ninth.get(f"/votes/{vote.id}/sheet")).text
    assert "you did not answer" in sheet and "you could not judge" in sheet
    office = (await (await browser_of(server, world["secretariat"])).get(f"/votes/{vote.id}/sheet")).text
    assert "median 7" in office and "you did not answer" not in office and "Your rating" not in office


async def test_comments_stand_in_an_order_that_is_not_that_of_the_ballots(database: Any) -> None:
    world = await make_world(experts=8)
    said = ("zebra", "apple", "mango")
    vote = await counted_rating(world, (7, 7, 7, 7, 7, *said))
    (leaf,) = await sheet_of([vote], world.experts[6].id)
    assert leaf.result and leaf.result.reasons == sorted(said)


async def test_a_comment_beside_a_rating_is_read_without_its_author(server: Any) -> None:
    world = await make_world(experts=6)
    vote = await counted_rating(world, (7, 7, 7, 7, 7, 2))
    await Ballot.filter(vote_id=vote.id, rating=2).update(reason="<b>A series</b> of four cases.")
    sheet = (await (await browser_of(server, world["expert"])).get(f"/votes/{vote.id}/sheet")).text
    assert "&lt;b&gt;A series&lt;/b&gt; of four cases." in sheet
    assert "Comments on the ratings, without names" in sheet and "could not judge" not in sheet


async def test_a_reworded_statement_shows_its_words_and_no_comparison(server: Any) -> None:
    world = await make_world()
    vote = await rated_twice(
        world, wording=2, text={"fr": "La préparation suffit.", "en": "Skin preparation is never enough."}
    )
    sheet = (await (await browser_of(server, world["expert"])).get(f"/votes/{vote.id}/sheet")).text
    assert "<ins>never </ins>" in sheet and "reworded since round 1" in sheet
    assert "the two rounds are not compared" in sheet and "Scheibe" not in sheet
    assert "Your rating in round 1" in sheet and "The rounds compared" not in sheet


async def test_below_five_ratings_there_is_neither_figure_nor_comment(server: Any) -> None:
    world = await make_world(experts=6)
    vote = await counted_rating(world, (9, 9, 9, 9, CANARY, None))
    for person in (world["expert"], world["secretariat"]):
        sheet = (await (await browser_of(server, person)).get(f"/votes/{vote.id}/sheet")).text
        assert "fewer than five people have rated" in sheet
        assert CANARY not in sheet and "median" not in sheet and "appropriate" not in sheet


async def test_before_the_reveal_the_sheet_is_empty(server: Any) -> None:
    world = await make_world()
    vote = await open_vote(world)
    sheet = (await (await browser_of(server, world["expert"])).get(f"/votes/{vote.id}/sheet")).text
    assert "The ratings will stand here when they are revealed." in sheet and "<svg class" not in sheet


@pytest.mark.parametrize("who", ["recused", "other_expert", "member", "stakeholder", "administrator"])
async def test_the_sheet_does_not_exist_for_others(server: Any, who: str) -> None:
    world = await make_world(experts=6)
    vote = await counted_rating(world, (7,) * 6)
    assert (await (await browser_of(server, world[who])).get(f"/votes/{vote.id}/sheet")).status_code == 404
    choice = await open_vote(world, "choice", "named")
    expert = await browser_of(server, world["expert"])
    assert (await expert.get(f"/votes/{choice.id}/sheet")).status_code == 404


async def test_reading_a_sheet_leaves_no_trace_in_the_journal(server: Any) -> None:
    world = await make_world(experts=6)
    vote = await counted_rating(world, (7,) * 6)
    before = await Entry.all().count()
    await (await browser_of(server, world["expert"])).get(f"/votes/{vote.id}/sheet")
    assert await Entry.all().count() == before


@pytest.mark.parametrize(
    "path", ["/votes/{vote}", "/votes/{vote}/tally", "/votes/{vote}/sheet", "/questions/{question}"]
)
async def test_a_verdict_under_another_protocol_than_the_frozen_one_says_so_wherever_it_shows(
    server: Any, path: str
) -> None:
    world = await make_world(experts=6)
    statement = (await world.question.statements.all())[0]
    vote = await counted_rating(world, (7,) * 6, subject=f"statement-{statement.id}")
    expert = await browser_of(server, world["expert"])
    address = path.format(vote=vote.id, question=world.question.id)
    assert ">deviation<" not in (await expert.get(address)).text  # nothing was frozen
    await Assessment.filter(id=world.assessment.id).update(frozen_hash=vote.terms["protocol_hash"])
    parts.forget()
    assert ">deviation<" not in (await expert.get(address)).text
    await Assessment.filter(id=world.assessment.id).update(frozen_hash="f" * 64)
    parts.forget()
    assert ">deviation<" in (await expert.get(address)).text
