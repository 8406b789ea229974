"""The socket: watching a meeting and its vote, casting, resuming, and losing the right to watch."""

import asyncio
import json
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect

from deliberate.interests.actions import decide_interest
from deliberate.interests.rules import Outcome
from deliberate.live.client import LiveClient
from deliberate.live.database import connected
from deliberate.meetings import actions
from deliberate.meetings.actions import Motion
from deliberate.meetings.models import AgendaItem, Meeting
from deliberate.people.models import Person
from deliberate.voting.actions import strike_from_roll
from deliberate.voting.models import Ballot, Vote
from deliberate.voting.rules import Mode, VoteKind
from tests.meetings.meetings import at_question, statement_of, world_at_question
from tests.support.builders import World, make_world, sign_in
from tests.voting.votes import cast


class Line:
    """A plain WebSocket, frame by frame, without the help of our own client."""

    def __init__(self, socket: Any) -> None:
        self.socket = socket

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def hear(self, **wanted: Any) -> dict[str, Any]:
        """The next frame that has these keys and values; beats and others are passed over."""
        async with asyncio.timeout(60):
            while True:
                frame = dict(json.loads(await self.socket.recv()))
                if all(name in frame and value in (Ellipsis, frame[name]) for name, value in wanted.items()):
                    return frame

    async def cast(self, vote: int, **paper: Any) -> dict[str, Any]:
        key = paper.setdefault("key", uuid4().hex)
        await self.say(cast={"vote": vote, **paper})
        async with asyncio.timeout(60):
            while True:
                frame = dict(json.loads(await self.socket.recv()))
                if key in (frame.get("ack"), frame.get("refused")):
                    return frame


@asynccontextmanager
async def line_of(server: Any, person: Person, language: str = "en") -> Any:
    cookie = f"deliberate={await sign_in(person)}; language={language}"
    async with connect(
        f"{server.ws_url}/live",
        origin=server.url,
        additional_headers={"Cookie": cookie},
        compression=None,
        proxy=None,
    ) as socket:
        yield Line(socket)


async def rating(world: World, found: AgendaItem) -> Vote:
    statement = await statement_of(world)
    motion = Motion(f"statement-{statement.id}", kind=VoteKind.RATING, mode=Mode.CONFIDENTIAL)
    return await Vote.get(id=await actions.open_vote(found.id, motion, world["chair"]))


async def test_a_tab_watches_the_meeting_casts_and_sees_the_count_and_the_result(server: Any) -> None:
    world = await make_world(experts=7)
    meeting, found = await at_question(world)
    async with line_of(server, world["expert"]) as line, line_of(server, world.experts[1]) as other:
        await line.say(watch=f"meeting-{meeting.id}", after=0)
        await line.hear(watching=f"meeting-{meeting.id}")
        vote = await rating(world, found)
        news = await line.hear(kind="item_vote_opened")
        assert news["about"] == f"vote-{vote.id}" and news["changed"] is True
        for each in (line, other):
            await each.say(watch=f"vote-{vote.id}", after=0)
            await each.hear(watching=f"vote-{vote.id}")

        answer = await line.cast(vote.id, rating=8)
        assert answer["number"] == (await Ballot.get(vote_id=vote.id)).number
        count = await other.hear(kind="ballot_cast")
        assert count["facts"]["cast"] == 1 and count["facts"]["entitled"] == 7
        assert count["changed"] is False
        assert set(count["facts"]) == {"cast", "entitled", "commitment"}  # nobody's name, nobody's rating
        for person in world.experts[1:]:
            await cast(vote, person, 9)
        last = await other.hear(kind="ballot_cast")
        while last["facts"]["cast"] < 7:
            last = await other.hear(kind="ballot_cast")

        await actions.close_vote(vote.id, world["chair"])
        assert (await line.hear(kind="vote_closed"))["facts"]["cast"] == 7
        await actions.reveal_vote(vote.id, world["chair"])
        assert (await line.hear(kind="vote_counted"))["facts"]["verdict"] == "appropriate"


async def test_the_same_key_gets_the_same_number_by_either_door(server: Any) -> None:
    world, _, found = await world_at_question()
    vote = await rating(world, found)
    key = uuid4().hex
    async with line_of(server, world["expert"]) as line:
        first = await line.cast(vote.id, rating=5, key=key)
        again = await line.cast(vote.id, rating=5, key=key)
    assert first == again == {"ack": key, "number": first["number"]}
    browser = server.client(cookies={"deliberate": await sign_in(world["expert"])})
    form = {"key": key, "rating": "5"}
    answer = await browser.post(
        f"/votes/{vote.id}/ballots", data=form, headers={"Accept": "application/json"}
    )
    assert answer.json()["number"] == first["number"]


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "This vote closed at"), ("fr", "Ce vote a été clos le")]
)
async def test_a_refusal_is_told_in_the_language_of_the_person(
    server: Any, language: str, sentence: str
) -> None:
    world, _, found = await world_at_question()
    vote = await rating(world, found)
    await actions.close_vote(vote.id, world["chair"])
    async with line_of(server, world["expert"], language) as line:
        answer = await line.cast(vote.id, rating=5)
    assert answer["error"] == "Refused" and answer["message"].startswith(sentence)


@pytest.mark.parametrize(
    "said",
    [
        {"vote": "seven", "rating": 5, "key": "k" * 16},
        {"vote": 1, "rating": "5", "key": "k" * 16},
        {"vote": 1, "rating": True, "key": "k" * 16},
        {"vote": 1, "rating": 5},
        {"vote": 1, "rating": 5, "key": "k" * 65},
        {"vote": 1, "reason": "x" * 5001, "key": "k" * 16},
    ],
)
async def test_a_message_that_is_no_ballot_is_refused_and_the_line_stays(
    server: Any, said: dict[str, Any]
) -> None:
    world, _, found = await world_at_question()
    vote = await rating(world, found)
    async with line_of(server, world["expert"]) as line:
        await line.say(cast=said)
        refusal = await line.hear(refused=...)
        assert refusal["error"] == "Invalid"
        assert "ack" in await line.cast(vote.id, rating=5)


async def test_after_a_gap_a_tab_hears_what_it_missed(server: Any) -> None:
    world, meeting, found = await world_at_question()
    async with line_of(server, world["expert"]) as line:
        await line.say(watch=f"meeting-{meeting.id}", after=0)
        known = (await line.hear(watching=...))["number"]
    vote = await rating(world, found)
    await actions.close_vote(vote.id, world["chair"])
    async with line_of(server, world["expert"]) as line:
        await line.say(watch=f"meeting-{meeting.id}", after=known)
        first = await line.hear(topic=f"meeting-{meeting.id}")
        second = await line.hear(topic=f"meeting-{meeting.id}")
        assert [first["kind"], second["kind"]] == ["item_vote_opened", "item_vote_closed"]
        assert first["previous"] == known and second["previous"] == first["number"]
        assert (await line.hear(watching=...))["number"] == second["number"]


async def test_our_own_client_resumes_by_itself(server: Any) -> None:
    world, meeting, found = await world_at_question()
    cookie = f"deliberate={await sign_in(world['expert'])}"
    async with LiveClient(server.url, cookie) as live:
        await live.watch(f"meeting-{meeting.id}", 0)
        assert live._socket is not None
        await live._socket.close()
        vote = await rating(world, found)
        kinds = []
        async with asyncio.timeout(60):
            async for news in live:
                kinds.append(news.kind)  # type: ignore[union-attr]
                if kinds[-1] == "item_vote_opened":
                    break
        assert live.breaks == 1
        assert await live.cast(vote.id, rating=6) == (await Ballot.get(vote_id=vote.id)).number


async def test_a_recusal_ends_the_watching_of_the_vote_and_refuses_the_ballot(server: Any) -> None:
    world, meeting, found = await world_at_question()
    vote = await rating(world, found)
    async with line_of(server, world["expert"]) as line:
        for topic in (f"meeting-{meeting.id}", f"vote-{vote.id}"):
            await line.say(watch=topic, after=0)
            await line.hear(watching=topic)
        await decide_interest(
            world.assessment.id,
            world["expert"].id,
            vote.gate,
            world.infection.id,
            outcome=Outcome.RECUSED_ITEM,
            category="capital",
            reason="Shares.",
            actor=world["chair"],
            also=[strike_from_roll, actions.leave_for_interest],
        )
        ended = await line.hear(ended=...)
        assert ended["ended"] == f"vote-{vote.id}"
        assert (await line.cast(vote.id, rating=5))["error"] == "NotFound"
        await line.say(watch=f"vote-{vote.id}")
        assert (await line.hear(refused=f"vote-{vote.id}"))["error"] == "NotFound"
        await actions.close_vote(vote.id, world["chair"])
        told = await line.hear(kind="item_vote_closed")  # the meeting goes on for them, without what is in it
        assert set(told["facts"]) == {"item", "cast", "entitled"}
    assert await Ballot.all().count() == 0


@pytest.mark.parametrize(
    "who", ["recused", "other_expert", "member", "stakeholder", "administrator", "foreign_secretariat"]
)
async def test_topics_are_closed_to_whoever_may_not_see_the_vote(server: Any, who: str) -> None:
    world, meeting, found = await world_at_question()
    vote = await rating(world, found)
    async with line_of(server, world[who]) as line:
        await line.say(watch=f"vote-{vote.id}")
        assert (await line.hear(refused=f"vote-{vote.id}"))["error"] == "NotFound"
        await line.say(watch=f"meeting-{meeting.id}")
        frame = await line.hear(refused=...) if who != "recused" else await line.hear(watching=...)
        assert frame.get("error", "NotFound") == "NotFound"


async def test_eight_tabs_of_one_voter_race_and_one_ballot_stands(server: Any) -> None:
    world, _, found = await world_at_question()
    vote = await rating(world, found)
    key = uuid4().hex
    browser = server.client(cookies={"deliberate": await sign_in(world["expert"])})

    async def by_form() -> dict[str, Any]:
        form = {"key": key, "rating": "7"}
        answer = await browser.post(
            f"/votes/{vote.id}/ballots", data=form, headers={"Accept": "application/json"}
        )
        return dict(answer.json())

    async with (
        AsyncExitStack() as stack
    ):  # five sockets are allowed a person, so three of the eight use forms
        lines = [await stack.enter_async_context(line_of(server, world["expert"])) for _ in range(5)]
        answers = await asyncio.gather(
            *(line.cast(vote.id, rating=7, key=key) for line in lines), *(by_form() for _ in range(3))
        )
    assert len({answer["number"] for answer in answers}) == 1
    assert await Ballot.filter(vote_id=vote.id).count() == 1


async def test_fifty_ballots_by_socket_at_the_moment_of_closing(server: Any) -> None:
    """Acknowledged means counted and before the close; refused means nowhere."""
    world = await make_world(experts=50)
    _, found = await at_question(world)
    vote = await rating(world, found)
    cookies = [f"deliberate={await sign_in(person)}" for person in world.experts]
    clients = [LiveClient(server.url, cookie) for cookie in cookies]
    for client in clients:
        await client.__aenter__()

    async def close() -> int:
        await asyncio.sleep(0.02)
        return await actions.close_vote(vote.id, world["chair"])

    async def vote_late(client: LiveClient, wait: float) -> int:
        await asyncio.sleep(wait)
        return await client.cast(vote.id, rating=8)

    closed, *answers = await asyncio.gather(
        close(), *(vote_late(client, at * 0.001) for at, client in enumerate(clients)), return_exceptions=True
    )
    for client in clients:
        await client.close()
    accepted = [answer for answer in answers if isinstance(answer, int)]
    assert isinstance(closed, int) and all(number < closed for number in accepted)
    assert len(accepted) == await Ballot.filter(vote_id=vote.id).count()
    assert {type(answer).__name__ for answer in answers} <= {"int", "Refused"}


async def test_the_answer_of_the_database_is_the_index(server: Any) -> None:
    """What stands behind all of the above, on the database of the running server."""
    rows = await connected().execute_query_dict(
        "SELECT name FROM sqlite_master WHERE type = 'index'"
        if server.settings.uses_sqlite
        else "SELECT indexname AS name FROM pg_indexes"
    )
    assert "voting_ballot_one_vote_voter" in {row["name"] for row in rows}
    assert await Meeting.all().count() == 0
