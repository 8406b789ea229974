"""A vote between meetings: on a conclusion, by everybody who may, until a deadline."""

from typing import Any

import pytest

from deliberate.errors import Invalid, NotFound, Refused
from deliberate.live.models import Entry
from deliberate.mail.models import OutboxMessage
from deliberate.questions.actions import write_conclusion
from deliberate.questions.models import RiskQuestion
from deliberate.settings import Settings
from deliberate.voting import deadlines, written
from deliberate.voting.models import RollEntry, Vote
from tests.people.helpers import JSON, browser_of
from tests.support.builders import NOW, World, make_world
from tests.support.objects import CONCLUSION
from tests.voting.rounds import in_days
from tests.voting.votes import cast, open_vote


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
    assert await OutboxMessage.all().count() == 0  # no mail server: no letter waits for one
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
    link, group = f"/a/{slug}/votes/new", f"?group={world.infection.id}"
    assert link in (await chair.get(f"/a/{slug}/rounds")).text
    assert f"{link}?question={world.question.id}" in (await chair.get(f"/questions/{world.question.id}")).text
    assert link not in (await expert.get(f"/a/{slug}/rounds")).text
    assert link not in (await expert.get(f"/questions/{world.question.id}")).text
    keys = [f"conclusion-{world.question.id}", f"question-{world.question.id}"]
    offered = (await chair.get(f"{link}?question={world.question.id}", headers=JSON)).json()["offered"]
    assert offered == keys
    offered = (await chair.get(link + group, headers=JSON)).json()["offered"]
    assert set(offered) == {*keys, f"group-{world.infection.id}"}
    assert (await chair.get(f"{link}?group={world.pharmacology.id}")).status_code == 404
    form = {"about": f"conclusion-{world.question.id}", "deadline": f"{in_days(3):%Y-%m-%dT%H:%M}"}
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


def mailing(server: Any) -> Settings:
    return server.settings.model_copy(update={"smtp_url": "smtp://localhost:25"})


async def motion(world: World, settings: Settings, text: str = "We meet in May.", about: bool = True) -> Vote:
    question = world.question.id if about else None
    vote_id = await written.open_motion(
        world.infection.id, question, {"en": text, "fr": " "}, in_days(3), world["chair"], settings
    )
    return await Vote.get(id=vote_id)


async def test_a_motion_is_voted_on_in_its_own_words_by_who_is_not_recused(server: Any) -> None:
    world = await concluded()
    vote = await motion(world, mailing(server))
    assert vote.text == {"en": "We meet in May."} and vote.gate == f"question-{world.question.id}"
    voters = {world["chair"].id, *(person.id for person in world.experts)}
    assert set(await RollEntry.filter(vote=vote).values_list("person_id", flat=True)) == voters
    letters = await OutboxMessage.all()
    assert len(letters) == len(voters) and all("a motion on I-1" in each.body for each in letters)
    assert not any("We meet in May" in each.body for each in letters)
    with pytest.raises(Refused, match="very words"):
        await motion(world, server.settings)
    with pytest.raises(Invalid):
        await motion(world, server.settings, "  ")
    group_wide = await motion(world, server.settings, about=False)
    assert await RollEntry.filter(vote=group_wide, person_id=world["recused"].id).exists()

    expert = await browser_of(server, world["expert"])
    page = (await expert.get(f"/votes/{vote.id}")).text
    assert "Vote in writing" in page and "We meet in May." in page
    assert f"/votes/{vote.id}" in (await expert.get(f"/questions/{world.question.id}")).text
    recused = await browser_of(server, world["recused"])
    assert (await recused.get(f"/votes/{vote.id}")).status_code == 404
    rounds = (await recused.get(f"/a/{world.assessment.slug}/rounds")).text
    assert f"/votes/{group_wide.id}" in rounds and f"/votes/{vote.id}" not in rounds


@pytest.mark.parametrize("who", ["expert", "other_chair", "committee_chair"])
async def test_nobody_but_who_runs_it_moves_puts_off_or_reminds(
    database: Any, settings: Settings, who: str
) -> None:
    world = await concluded()
    vote, person = await motion(world, settings), world[who]
    for act in (
        written.open_motion(world.infection.id, None, {"en": "x"}, in_days(3), person, settings),
        written.extend_vote(vote.id, in_days(9), "Holidays.", person, settings),
        written.remind_missing(vote.id, person, settings),
    ):
        with pytest.raises(NotFound):
            await act
    with pytest.raises(NotFound):  # the committee votes under quorum
        await written.open_motion(
            world.committee.id, None, {"en": "x"}, in_days(3), world["secretariat"], settings
        )


async def test_the_deadline_is_put_off_with_its_reason_and_only_who_is_missing_is_told(server: Any) -> None:
    world = await concluded()
    vote, settings = await motion(world, mailing(server)), mailing(server)
    await cast(vote, world["expert"], "for")
    before = await OutboxMessage.all().count()
    await written.extend_vote(vote.id, in_days(9), "Two are away.", world["chair"], settings)
    missing = {world["chair"].email, world.experts[1].email, world.experts[2].email}
    letters = (await OutboxMessage.all().order_by("id"))[before:]
    assert {each.to for each in letters} == missing and all("Two are away." in each.body for each in letters)
    entry = await Entry.get(kind="vote_extended")
    assert entry.topic == f"vote-{vote.id}" and "Two are away" not in entry.body
    with pytest.raises(Invalid):
        await written.extend_vote(vote.id, in_days(1), "Sooner.", world["chair"], settings)
    with pytest.raises(Invalid):
        await written.extend_vote(vote.id, in_days(20), " ", world["chair"], settings)

    chair = await browser_of(server, world["chair"])
    assert "Two are away." in (await chair.get(f"/votes/{vote.id}")).text
    refused = await chair.post(f"/votes/{vote.id}/remind", headers=JSON)
    assert refused.status_code == 409  # no mail server here: nothing leaves, nothing is noted
    assert await written.remind_missing(vote.id, world["chair"], settings) == 3
    letters = (await OutboxMessage.all().order_by("id"))[before + len(missing) :]
    assert {each.to for each in letters} == missing
    later = {"deadline": f"{in_days(30):%Y-%m-%dT%H:%M}", "reason": "Again."}
    assert (await chair.post(f"/votes/{vote.id}/extend", data=later)).status_code == 303
    await Vote.filter(id=vote.id).update(deadline_at=NOW)
    with pytest.raises(Refused, match="it is closing"):
        await written.remind_missing(vote.id, world["chair"], settings)
    with pytest.raises(Refused, match="no deadline"):
        await written.remind_missing((await open_vote(world, "choice", "named")).id, world["chair"], settings)
