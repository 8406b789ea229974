"""What moved between two rounds of a statement, and how the panel of a revealed rating says it."""

from typing import Any

from deliberate.consensus.stability import compare
from deliberate.voting import pages
from deliberate.voting.comparison import compared, rounds_before
from deliberate.voting.models import Ballot, Pseudonym
from tests.people.helpers import browser_of
from tests.support.builders import make_world
from tests.voting.votes import counted_rating, more_experts, open_vote

FIRST = (5, 6, 7, 7, 8, 3, 9, 6, 7, 5, 8, 4)  # METHODS.md A9
SECOND = (6, 7, 7, 7, 8, 5, 8, 7, 7, 6, 8, 5)
RULES_DIFFER = (1, 2, 2, 3, 5, 6, 6, 7, 8)  # METHODS.md ram-5


async def test_the_figures_are_those_of_the_published_case_whatever_the_order_of_rows(database: Any) -> None:
    world = await make_world(experts=12)
    first = await counted_rating(world, FIRST)
    await Ballot.filter(vote_id=first.id).update(number=1)  # PostgreSQL moves rows that were changed
    second = await counted_rating(world, SECOND, round_number=2)
    found = (await compared([first, second]))[second.id]
    assert found.before.id == first.id and found.computed and not found.reworded
    assert found.stability == compare(FIRST, SECOND)
    assert round(float(found.stability.scheibe_pct or 0), 6) == 25 and found.stability.conflict
    assert first.id not in await compared([first])


async def test_only_those_who_rated_both_times_are_compared(database: Any) -> None:
    world = await make_world(experts=8)
    await counted_rating(world, (5, 5, 5, 5, 5, 9, None, "Not my field."))
    second = await counted_rating(world, (6, 6, 6, 6, 6, None, 9, 9), round_number=2)
    found = (await compared([second]))[second.id]
    assert found.stability.pairs == 5 and found.stability.changed_pct == 100


async def test_below_five_pairs_and_after_rewording_nothing_is_computed(database: Any) -> None:
    world = await make_world(experts=8)
    await counted_rating(world, (5, 5, 5, 5, None, 6, 6, None))
    few = await counted_rating(world, (6, 6, 6, 6, 6, None, None, 6), round_number=2)
    reworded = await counted_rating(world, (6, 6, 6, 6, 6, None, None, 6), round_number=3, wording=2)
    found = await compared([few, reworded])
    assert found[few.id].stability.pairs == 4 and not found[few.id].computed
    assert found[reworded.id].reworded and not found[reworded.id].computed


async def test_a_protocol_that_asks_for_fewer_pairs_still_shows_none_of_a_few(database: Any) -> None:
    world = await make_world(experts=6)
    world.assessment.protocol = {"method": "RAM", "stop.min_pairs": 2}
    await counted_rating(world, (5, 5, 5, 5, None, 6))
    second = await counted_rating(world, (6, 6, 6, 6, 6, None), round_number=2)
    found = (await compared([second]))[second.id]
    assert found.needed == 5 and not found.computed


async def test_the_round_before_is_the_last_one_counted_on_the_same_statement(database: Any) -> None:
    world = await make_world(experts=5)
    votes = [await counted_rating(world, (5,) * 5, round_number=number) for number in (1, 2, 3)]
    await counted_rating(world, (5,) * 5, subject="statement-2")
    running = await open_vote(world)
    before = await rounds_before([*votes, running])
    assert {vote: last.id for vote, last in before.items()} == {
        votes[1].id: votes[0].id,
        votes[2].id: votes[1].id,
        running.id: votes[2].id,
    }


async def test_the_panel_sets_both_rounds_side_by_side_and_names_what_differs(server: Any) -> None:
    world = await make_world(experts=12)
    await counted_rating(world, FIRST)
    vote = await counted_rating(world, SECOND, round_number=2)
    tally = (await (await browser_of(server, world["expert"])).get(f"/votes/{vote.id}/tally")).text
    for words in (
        "The rounds compared",
        "Not stable.",
        "moved by 25%",
        "58%",
        "−0.089 · stable",
        "The indicators differ.",
        "quartiles 6 to 7.25 (type 7)",
        "Disagreement index",
    ):
        assert words in tally, words
    assert "Your rating" not in tally and ">you<" not in tally  # one fragment for all of them
    codes = await Pseudonym.all().values_list("code", flat=True)
    assert codes and not any(code in tally for code in codes)
    assert not any(person.name in tally for person in world.experts)


async def test_a_conflict_of_rules_is_said_to_the_secretariat_and_on_no_wall(server: Any) -> None:
    world = await make_world()
    await more_experts(world, 9)
    vote = await counted_rating(world, RULES_DIFFER)
    said = "The two rules differ: the disagreement index finds disagreement"
    office = await browser_of(server, world["secretariat"])
    assert said in (await office.get(f"/votes/{vote.id}/tally")).text
    assert said in (await office.get(f"/votes/{vote.id}")).text
    assert said not in (await office.get(f"/votes/{vote.id}/tally?wall")).text
    for who in ("expert", "chair"):
        browser = await browser_of(server, world[who])
        for path in ("", "/tally", "/tally?wall"):
            page = (await browser.get(f"/votes/{vote.id}{path}")).text
            assert "1.014 · above 1: disagreement" in page and said not in page


async def test_the_panel_is_made_once_for_each_audience(server: Any, monkeypatch: Any) -> None:
    world = await make_world(experts=6)
    vote = await counted_rating(world, (7,) * 6)
    made: list[str] = []
    original = pages.page_text

    def counting(request: Any, name: str, context: Any) -> str:
        made.append(context.get("audience", ""))
        return original(request, name, context)

    monkeypatch.setattr(pages, "page_text", counting)
    for person in (*world.experts, world["chair"], world["secretariat"], world["secretariat"]):
        for path in ("tally", "tally?wall"):
            await (await browser_of(server, person)).get(f"/votes/{vote.id}/{path}")
    assert sorted(made) == ["reader", "secretariat", "wall"]
