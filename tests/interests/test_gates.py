"""METHODS.md vector A12 over HTTP: a recusal, a declaration too old, a rating that cannot be read, a step not
listed. What the feedback sheet of a rater holds is tested in tests/voting/test_sheets.py.
"""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deliberate.errors import NotAllowed
from deliberate.evidence.models import EvidenceItem
from deliberate.interests.models import Declaration
from deliberate.live.client import LiveClient
from deliberate.live.journal import acting
from deliberate.live.models import Entry
from deliberate.meetings import actions as meetings
from deliberate.record.content.facts import load_facts
from deliberate.record.content.people import meetings as told_meetings
from deliberate.voting.models import Ballot
from tests.meetings.meetings import at_question
from tests.people.helpers import JSON, browser_of
from tests.record.story import add_document
from tests.support.builders import World, make_question, make_world, sign_in
from tests.voting.votes import open_vote

BALLOT = {"key": "k" * 16, "rating": "7"}


@pytest.fixture
async def world(server: Any) -> World:
    return await make_world(stage="evidence_ready")


async def status(client: Any, path: str) -> int:
    return int((await client.get(path)).status_code)


async def refusals(world: World) -> list[dict[str, Any]]:
    rows = await Entry.filter(journal=world.assessment.id, kind="undeclared_refused").order_by("number")
    return [json.loads(row.body) for row in rows]


async def documents(world: World) -> tuple[EvidenceItem, EvidenceItem, int]:
    """One of the question, one of another question of the group, and that question."""
    other = await make_question(world.assessment, world.infection, "I-2", stage="evidence_ready")
    return await add_document(world, "L-1", world.question), await add_document(world, "L-2", other), other.id


async def test_a12_the_recused_find_nothing_of_their_item_and_everything_of_the_others(
    server: Any, world: World
) -> None:
    closed, open_, other = await documents(world)
    rating = await open_vote(world, voters=[*world.experts, world["recused"]])
    choice = await open_vote(world, "choice", "named")
    mine, theirs = [await browser_of(server, world[name]) for name in ("recused", "expert")]
    for path in (f"/evidence/{closed.id}", f"/questions/{world.question.id}", f"/votes/{rating.id}"):
        assert (await status(mine, path), await status(theirs, path)) == (404, 200), path
    for path in (f"/evidence/{open_.id}", f"/questions/{other}"):
        assert (await status(mine, path), await status(theirs, path)) == (200, 200), path
    for vote, form in ((rating, BALLOT), (choice, {"key": "k" * 16, "choice": "for"})):
        refused = await mine.post(f"/votes/{vote.id}/ballots", data=form, headers=JSON)
        assert refused.status_code == 404
    assert await Ballot.all().count() == 0


async def test_a12_the_recused_are_listed_with_the_times_they_left_and_came_back(world: World) -> None:
    _, item = await at_question(world)
    await meetings.close_item(item.id, world["chair"])
    async with acting(world.assessment.id, None):
        (told,) = told_meetings(await load_facts(world.assessment.id))
    stays = [each for each in told["attendance"] if each["name"] == "Recused"]
    assert [each["left_because"] for each in stays] == ["interest", ""]
    assert stays[0]["since"] < stays[0]["until"] <= stays[1]["since"] and stays[1]["until"] is None
    assert not any(each["left_because"] for each in told["attendance"] if each["name"] != "Recused")


async def test_a12_thirteen_months_after_the_declaration_all_is_refused_until_it_is_renewed(
    server: Any, world: World
) -> None:
    document, _, _ = await documents(world)
    vote = await open_vote(world)
    meeting, _ = await at_question(world)
    expert, question = await browser_of(server, world["expert"]), f"/questions/{world.question.id}"
    pages = (
        f"/evidence/{document.id}",
        f"/a/{world.assessment.slug}/evidence",
        question,
        f"{question}/opinion",
        f"/votes/{vote.id}",
        f"/meetings/{meeting.id}",
    )
    acts = (
        (f"{question}/opinion", {"position": "x", "reasons": "x", "language": "en"}),
        (f"/votes/{vote.id}/ballots", BALLOT),
        (f"/meetings/{meeting.id}/floor", {"hand": "up"}),
    )
    assert [await status(expert, path) for path in pages] == [200] * len(pages)
    assert await refusals(world) == []

    old = datetime.now(UTC) - timedelta(days=396)
    await Declaration.filter(person=world["expert"]).update(signed_at=old)
    answers = [await expert.get(path) for path in pages]
    answers += [await expert.post(path, data=form, headers=JSON) for path, form in acts]
    assert [answer.status_code for answer in answers] == [403] * len(answers)
    assert all("older than twelve months" in answer.text for answer in answers)
    assert await Ballot.all().count() == 0
    async with LiveClient(server.url, f"deliberate={await sign_in(world['expert'])}") as live:
        for topic in (f"question-{world.question.id}", f"vote-{vote.id}", f"meeting-{meeting.id}"):
            with pytest.raises(Exception, match="nothing here"):
                await live.watch(topic)
    (line,) = await refusals(world)  # one for the day, however often it is tried
    assert line["details"] == {"about": f"person-{world['expert'].id}"}
    assert line["topic"] == f"assessment-{world.assessment.id}"  # the secretariat alone hears of it

    await expert.post("/interests", data={"nothing_to_declare": "yes"})
    assert [await status(expert, path) for path in pages] == [200] * len(pages)
    cast = await expert.post(f"/votes/{vote.id}/ballots", data=BALLOT, headers=JSON)
    assert cast.status_code == 200 and len(await refusals(world)) == 1


async def test_a12_a_ballot_refused_over_the_socket_is_written_down_as_well(
    server: Any, world: World
) -> None:
    vote = await open_vote(world)
    old = datetime.now(UTC) - timedelta(days=396)
    await Declaration.filter(person=world["expert"]).update(signed_at=old)
    async with LiveClient(server.url, f"deliberate={await sign_in(world['expert'])}") as live:
        for _ in range(2):
            with pytest.raises(NotAllowed, match="older than twelve months"):
                await live.cast(vote.id, rating=7)
        async with asyncio.timeout(5):  # after the answer: nobody waits for the journal to be refused
            while not (lines := await refusals(world)):  # noqa: ASYNC110 - the socket tells nobody
                await asyncio.sleep(0.01)
    assert [line["details"] for line in lines] == [{"about": f"person-{world['expert'].id}"}]
    assert await Ballot.all().count() == 0


async def test_a12_a_rating_beside_no_opinion_is_422_and_a_step_that_is_not_listed_409(
    server: Any, world: World
) -> None:
    vote = await open_vote(world)
    expert, office = [await browser_of(server, world[name]) for name in ("expert", "secretariat")]
    both = {**BALLOT, "rating": ["7", "nsp"], "reason": "Not my field."}
    assert (await expert.post(f"/votes/{vote.id}/ballots", data=both, headers=JSON)).status_code == 422
    early = await office.post(f"/votes/{vote.id}/reveal", headers=JSON)  # open: it is closed first
    assert early.status_code == 409 and await Ballot.all().count() == 0
