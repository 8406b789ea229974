"""A vote of the room that went wrong is taken again: the first stays, the later one counts."""

import json
from typing import Any

import pytest

from deliberate.errors import Invalid, NotFound, Refused
from deliberate.live.models import Entry
from deliberate.meetings import actions
from deliberate.meetings.actions import Motion
from deliberate.meetings.models import AgendaItem, ItemVote
from deliberate.questions.models import Statement, Wording
from deliberate.voting import showing
from deliberate.voting.comparison import rounds_before
from deliberate.voting.models import Ballot, RollEntry, Vote, next_rounds, vote_before
from deliberate.voting.rules import Mode, VoteKind
from tests.meetings.meetings import at_question, statement_of, world_at_question
from tests.people.helpers import browser_of
from tests.support.builders import NOW, World, make_world, pair
from tests.voting.votes import cast

WHY = "Power failed in the hall <b>O'Brien</b>."


async def motion(world: World, item: AgendaItem, text: str = "Shall we?") -> Vote:
    return await Vote.get(id=await actions.open_vote(item.id, Motion(text=pair(text)), world["chair"]))


async def rating(world: World, item: AgendaItem) -> Vote:
    asked = Motion(
        f"statement-{(await statement_of(world)).id}", kind=VoteKind.RATING, mode=Mode.CONFIDENTIAL
    )
    return await Vote.get(id=await actions.open_vote(item.id, asked, world["chair"]))


async def closed(world: World, vote: Vote, *, reveal: bool = False) -> Vote:
    await actions.close_vote(vote.id, world["chair"])
    if reveal:
        await actions.reveal_vote(vote.id, world["chair"])
    await vote.refresh_from_db()
    return vote


@pytest.mark.usefixtures("database")
async def test_a_vote_is_repeated_for_those_present_and_the_first_stays_as_it_was() -> None:
    world, _meeting, item = await world_at_question()
    first = await motion(world, item)
    await cast(first, world.experts[0], "for")
    await closed(world, first, reveal=True)
    await actions.leave(item.meeting_id, world.experts[1].id, world["chair"])
    again = await Vote.get(id=await actions.repeat_vote(first.id, WHY, world["chair"]))
    assert (again.text, again.kind, again.mode, again.round) == (first.text, "choice", "named", first.round)
    assert (again.state, again.replaces_id, again.replaces_reason) == ("open", first.id, WHY)
    assert await ItemVote.filter(item_id=item.id, vote_id=again.id).exists()
    assert not await RollEntry.filter(vote_id=again.id, person_id=world.experts[1].id).exists()
    assert await Ballot.filter(vote_id=first.id).count() == 1
    assert (await Vote.get(id=first.id)).result == first.result
    told = json.loads((await Entry.filter(topic=f"vote-{again.id}", kind="vote_prepared").get()).body)
    assert told["details"]["replaces"] == f"vote-{first.id}" and "Power failed" not in json.dumps(told)
    assert await Entry.filter(topic=f"vote-{first.id}", kind="vote_repeated").count() == 1


@pytest.mark.usefixtures("database")
async def test_of_a_first_that_was_not_revealed_both_results_appear_together() -> None:
    world, _meeting, item = await world_at_question()
    first = await motion(world, item)
    await cast(first, world.experts[0], "for")
    await closed(world, first)
    again = await Vote.get(id=await actions.repeat_vote(first.id, WHY, world["chair"]))
    with pytest.raises(Refused, match="together"):
        await actions.reveal_vote(first.id, world["chair"])
    await cast(again, world.experts[0], "against")
    await closed(world, again, reveal=True)
    await first.refresh_from_db()
    assert first.result and again.result
    assert (first.result["counts"]["for"], again.result["counts"]["against"]) == (1, 1)
    assert (await showing.tally_of(first, "reader"))["repeated_by"] == again


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("reveal", [False, True])
async def test_a_repeated_rating_is_the_same_round_and_settles_its_statement_anew(reveal: bool) -> None:
    world = await make_world(experts=7)
    _meeting, item = await at_question(world)
    first = await rating(world, item)
    for expert in world.experts:
        await cast(first, expert, 9)
    await closed(world, first, reveal=reveal)
    if reveal:  # under another protocol it would have settled its statement
        await Statement.filter(id=(await statement_of(world)).id).update(state="settled_in")
    again = await Vote.get(id=await actions.repeat_vote(first.id, WHY, world["chair"]))
    assert (await statement_of(world)).state == "open"
    assert again.round == 1 and await vote_before(again) is None
    for expert in world.experts:
        await cast(again, expert, 1)
    await closed(world, again, reveal=True)
    assert await rounds_before([again]) == {}
    assert await next_rounds([again.subject]) == {again.subject: 2}
    assert again.decision == (await statement_of(world)).state == "to_discuss"


@pytest.mark.usefixtures("database")
async def test_a_vote_that_stands_is_not_repeated() -> None:
    world, _meeting, item = await world_at_question()
    first = await motion(world, item)
    with pytest.raises(Refused, match="Close it first"):
        await actions.repeat_vote(first.id, WHY, world["chair"])
    await closed(world, first)
    with pytest.raises(Invalid, match="Say why"):
        await actions.repeat_vote(first.id, "  ", world["chair"])
    for who in ("expert", "member", "other_chair", "stakeholder"):
        with pytest.raises(NotFound):
            await actions.repeat_vote(first.id, WHY, world[who])
    again = await Vote.get(id=await actions.repeat_vote(first.id, WHY, world["chair"]))
    await closed(world, again)
    with pytest.raises(Refused, match="repeated already"):
        await actions.repeat_vote(first.id, WHY, world["chair"])
    await actions.close_item(item.id, world["chair"])
    with pytest.raises(Refused, match="Open the item"):
        await actions.repeat_vote(again.id, WHY, world["chair"])
    assert await Vote.all().count() == 2


@pytest.mark.usefixtures("database")
async def test_other_words_are_another_vote() -> None:
    world = await make_world(experts=7)
    _meeting, item = await at_question(world)
    first = await rating(world, item)
    await closed(world, first, reveal=True)
    statement = await statement_of(world)
    await Wording.create(statement=statement, version=2, text=pair("Other words"), at=NOW)
    await Statement.filter(id=statement.id).update(version=2)
    with pytest.raises(Refused, match="words of this vote were changed"):
        await actions.repeat_vote(first.id, WHY, world["chair"])
    assert await Vote.all().count() == 1


async def test_console_room_hall_and_both_pages_say_that_a_vote_was_repeated_and_why(server: Any) -> None:
    world, meeting, item = await world_at_question()
    first, url = await motion(world, item), f"/meetings/{meeting.id}"
    chair, expert = await browser_of(server, world["chair"]), await browser_of(server, world["expert"])
    link = f'href="/votes/{first.id}/repeat"'
    assert link not in (await chair.get(f"{url}/console")).text
    await closed(world, first)
    assert link in (await chair.get(f"{url}/console")).text
    assert (await expert.get(f"/votes/{first.id}/repeat")).status_code == 404
    empty = await chair.post(f"/votes/{first.id}/repeat", data={"reason": ""})
    assert empty.status_code == 422 and "Say why the vote is repeated" in empty.text
    sent = await chair.post(f"/votes/{first.id}/repeat", data={"reason": WHY})
    assert sent.headers["location"].startswith(f"{url}/console")
    twice = await chair.post(f"/votes/{first.id}/repeat", data={"reason": WHY})  # a double click
    assert twice.status_code == 409 and "Power failed" in twice.text
    again = await Vote.get(replaces_id=first.id)
    pages = [
        (chair, f"{url}/console"),
        (expert, url),
        (expert, f"{url}/hall"),
        (expert, f"/votes/{again.id}"),
    ]
    for browser, path in pages:
        text = (await browser.get(path)).text
        assert "This vote repeats an earlier one" in text and "Power failed" in text, path
        assert "<b>O" not in text
    earlier = (await expert.get(f"/votes/{first.id}")).text
    assert (
        "This vote was repeated" in earlier
        and "Power failed" in earlier
        and f'href="/votes/{again.id}"' in earlier
    )
    assert "Vote repeated, " in (await chair.get(f"{url}/console")).text
    minutes = (await chair.get(f"{url}/minutes")).text
    assert "Repeated, the later vote counts" in minutes and "Repeats the earlier vote and counts" in minutes
    assert minutes.count("Power failed") == 2
