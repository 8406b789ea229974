"""A GRADE grid is rated in five named positions, from the ballot to the feedback sheet, in both languages."""

from typing import Any

import pytest

from deliberate.errors import Invalid
from deliberate.voting.grid import positions
from deliberate.voting.models import votes_of_round
from deliberate.voting.papers import Booth, Paper, content_refuses
from tests.people.helpers import JSON, browser_of
from tests.support.builders import World, make_world
from tests.voting.rounds import finish, open_round, rate_all, statements
from tests.voting.votes import cast

NAMES = ("Clearly for", "Probably for", "Balanced or uncertain", "Probably against", "Clearly against")


async def grid_world() -> World:
    world = await make_world(experts=5)
    world.assessment.protocol = {**world.assessment.protocol, "method": "GRADE_GRID"}
    await world.assessment.save(update_fields=["protocol"])
    return world


@pytest.mark.parametrize(("rating", "taken"), [(1, True), (5, True), (6, False), (9, False), (0, False)])
def test_a_ballot_holds_one_of_five_positions(rating: int, taken: bool) -> None:
    booth = Booth("rating", "open", None, True, grid=True)
    refusal = content_refuses(Paper(1, 2, "key-of-eight", rating=rating), booth)
    assert (refusal is None) is taken
    assert taken or "five positions" in str(refusal)


@pytest.mark.parametrize(
    ("before", "now", "asked"), [(1, 2, False), (2, 3, True), (3, 4, True), (4, 5, False)]
)
def test_only_a_change_of_sides_has_to_be_explained(before: int, now: int, asked: bool) -> None:
    booth = Booth("rating", "open", None, True, grid=True, comment_on_zone_change=True)
    refusal = content_refuses(Paper(1, 2, "key-of-eight", rating=now), booth, before)
    assert isinstance(refusal, Invalid) is asked


def test_the_rows_hold_counts_shares_and_the_readers_own() -> None:
    rows = positions([3, 1, 0, 0, 0, 0, 0, 0, 0], before=[0, 2, 0, 0, 2, 0, 0, 0, 0], own=1, own_before=5)
    assert [(each.count, each.before) for each in rows] == [(3, 0), (1, 2), (0, 0), (0, 0), (0, 2)]
    assert [each.share for each in rows][:2] == [0.75, 0.25]
    assert rows[0].own and rows[4].own_before and sum(each.own for each in rows) == 1


async def test_ballot_result_and_sheet_name_five_positions(server: Any) -> None:
    world = await grid_world()
    round_ = await open_round(world, server.settings, (await statements(world))[:1])
    [vote] = await votes_of_round(round_.id)
    expert = await browser_of(server, world["expert"])
    for path in (f"/rounds/{round_.id}", f"/votes/{vote.id}"):
        page = (await expert.get(path)).text
        assert [page.count(f">{name}</label>") for name in NAMES] == [1] * 5
        assert 'value="5"' in page and 'value="6"' not in page
    refused = await expert.post(
        f"/votes/{vote.id}/ballots", data={"key": "a-key-of-mine", "rating": "6"}, headers=JSON
    )
    assert refused.status_code == 422
    await cast(vote, world["expert"], 2)
    assert "Your ballot: probably for" in (await expert.get(f"/votes/{vote.id}")).text
    await rate_all(round_, {person: 1 for person in world.experts[1:]})
    await finish(world, round_)

    page = (await expert.get(f"/votes/{vote.id}")).text
    assert "strongly for" in page and "Positions chosen" in page and '<svg class="chart' not in page
    sheet = (await expert.get(f"/votes/{vote.id}/sheet")).text
    row = sheet[sheet.index("Probably for") :]
    assert "you" in row[: row.index("</th>")]
    assert "<b>probably for</b>" in sheet and "median" not in sheet
    chair = await browser_of(server, world["chair"])
    analysis = (await chair.get(f"/rounds/{round_.id}/analysis")).text
    assert "strongly for" in analysis and "IPRAS" not in analysis
    expert.cookies.set("language", "fr", domain="127.0.0.1")
    page = (await expert.get(f"/votes/{vote.id}")).text
    assert "Plutôt pour" in page and "Nettement contre" in page
