"""A vote between meetings: on a conclusion, by everybody who may, until a deadline."""

from typing import Any

import pytest

from deliberate.errors import Invalid, NotFound, Refused
from deliberate.mail.models import OutboxMessage
from deliberate.questions.actions import write_conclusion
from deliberate.questions.models import RiskQuestion
from deliberate.voting import deadlines, written
from deliberate.voting.models import RollEntry, Vote
from tests.people.helpers import JSON, browser_of
from tests.support.builders import NOW, World, make_world
from tests.support.objects import CONCLUSION
from tests.voting.rounds import in_days
from tests.voting.votes import cast


async def concluded() -> World:
    world = await make_world(stage="opinion_draft")
    await RiskQuestion.filter(id=world.question.id).update(revealed_at=NOW)
    await write_conclusion(world.question.id, CONCLUSION, world["chair"])
    return world


async def test_everybody_who_may_votes_wherever_they_are_and_the_deadline_closes(server: Any) -> None:
    world = await concluded()
    vote_id = await written.open_written_vote(world.question.id, in_days(3), world["chair"], server.settings)
    vote = await Vote.get(id=vote_id)
    roll = {row.person_id: row.chair for row in await RollEntry.filter(vote_id=vote_id)}
    assert set(roll) == {world["chair"].id, *(person.id for person in world.experts)}
    assert roll[world["chair"].id] is True and vote.terms["quorum"] is None
    assert await OutboxMessage.all().count() == len(roll)
    with pytest.raises(Refused, match="open already"):
        await written.open_written_vote(world.question.id, in_days(3), world["chair"], server.settings)

    await cast(vote, world["expert"], "against", "The data are thin.")
    await Vote.filter(id=vote_id).update(deadline_at=NOW)
    with pytest.raises(Refused, match="closed at"):
        await cast(vote, world.experts[1], "for")
    await deadlines.close_overdue()
    await vote.refresh_from_db()
    assert vote.state == "closed"


async def test_it_is_opened_from_the_page_of_rounds_and_waits_at_home(server: Any) -> None:
    world = await concluded()
    chair, expert = await browser_of(server, world["chair"]), await browser_of(server, world["expert"])
    slug = world.assessment.slug
    assert "Vote in writing on a conclusion" in (await chair.get(f"/a/{slug}/rounds")).text
    assert "Vote in writing on a conclusion" not in (await expert.get(f"/a/{slug}/rounds")).text
    form = {"question": world.question.id, "deadline": f"{in_days(3):%Y-%m-%dT%H:%M}"}
    assert (await expert.post(f"/a/{slug}/votes", data=form)).status_code == 404
    made = await chair.post(f"/a/{slug}/votes", data=form, headers=JSON)
    here = made.json()["location"]
    page = (await expert.get(here)).text
    assert "Ballots until" in page and "If you vote against or abstain, please say why" in page
    assert "Vote in writing on the conclusion of I-1" in (await expert.get("/")).text


async def test_nobody_else_opens_one_and_none_without_a_conclusion_or_in_the_past(server: Any) -> None:
    world = await concluded()
    for who in ("expert", "other_chair", "member"):
        with pytest.raises(NotFound):
            await written.open_written_vote(world.question.id, in_days(3), world[who], server.settings)
    with pytest.raises(Invalid):
        await written.open_written_vote(world.question.id, in_days(-1), world["chair"], server.settings)
    with pytest.raises(Refused, match="no conclusion"):
        await written.open_written_vote(
            world.other_question.id, in_days(3), world["other_chair"], server.settings
        )
    assert await Vote.all().count() == 0
