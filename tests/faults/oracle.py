"""The oracle of every fault: each client keeps a history of what was sent and what came back.

Afterwards every acknowledged ballot is in database and journal exactly once, under the number told; every
refused one nowhere; every unknown one at most once. The journal is whole, and the count is the roll.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deliberate.errors import Refusal, Unconfirmed
from deliberate.live import database
from deliberate.live.client import LiveClient
from deliberate.live.keeper import Keeper
from deliberate.live.models import Entry
from deliberate.people.models import Person
from deliberate.voting import actions
from deliberate.voting.models import Ballot, RollEntry, Vote
from tests.support.builders import World, make_world, sign_in
from tests.support.databases import CLEANER
from tests.support.pools import kept_for
from tests.voting.votes import more_experts, open_vote


@dataclass
class Client:
    """One voter: what was sent, and what came back. `answer` None: nobody knows."""

    token: str
    person_id: int
    rating: int
    key: str = field(default_factory=lambda: uuid4().hex)
    sent: bool = False
    answer: int | Refusal | None = None

    @property
    def is_acknowledged(self) -> bool:
        return isinstance(self.answer, int)


@dataclass
class Round:
    """One vote of the hall. Of the intruders one is recused, one rates 12, one is not on the roll."""

    vote: Vote
    clients: list[Client]
    intruders: list[Client]

    @property
    def everybody(self) -> list[Client]:
        return [*self.clients, *self.intruders]


class Hall:
    """An assessment with its voters, signed in once, for one vote after another."""

    def __init__(self, world: World, voters: Sequence[Person], tokens: dict[int, str]) -> None:
        self.world, self.voters, self.tokens = world, voters, tokens

    @classmethod
    async def built(cls, voters: int) -> "Hall":
        world = await make_world()
        people = await more_experts(world, voters + 2)
        everybody = [*people, world["recused"], world["chair"]]
        return cls(world, people[:voters], {each.id: await sign_in(each) for each in everybody})

    async def opens(self, rng: random.Random) -> Round:
        rater, stranger = self.world.experts[len(self.voters) : len(self.voters) + 2]
        # Of the moment, on no statement: those are rated in one vote at a time, and here several are open.
        vote = await open_vote(self.world, voters=[*self.voters, rater], subject="item-1")

        def client(person: Person, rating: int) -> Client:
            return Client(self.tokens[person.id], person.id, rating)

        clients = [client(person, rng.randint(1, 9)) for person in self.voters]
        intruders = [client(self.world["recused"], 9), client(rater, 12), client(stranger, 9)]
        return Round(vote, clients, intruders)


# Casting


@asynccontextmanager
async def lines_to(url: str, clients: Sequence[Client]) -> AsyncIterator[list[LiveClient]]:
    """A live connection for each."""
    lines = [LiveClient(url, f"deliberate={client.token}") for client in clients]
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(stack.enter_async_context(line) for line in lines))
        yield lines


async def cast_once(line: LiveClient, vote_id: int, client: Client, wait: float = 0) -> None:
    """What is not answered, or not confirmed, stays unknown."""
    await asyncio.sleep(wait)
    if line.breaks:
        return
    client.sent = True
    try:
        client.answer = await line.cast(vote_id, rating=client.rating, key=client.key)
    except Unconfirmed:
        pass
    except Refusal as refusal:
        client.answer = refusal
    except ConnectionError:
        pass


async def insist(line: LiveClient, vote_id: int, client: Client, wait: float = 0) -> None:
    """As a browser does: the same key, until there is an answer."""
    await asyncio.sleep(wait)
    while client.answer is None:
        client.sent = True
        try:
            client.answer = await line.cast(vote_id, rating=client.rating, key=client.key)
        except Unconfirmed:
            await asyncio.sleep(0.1)
        except Refusal as refusal:
            client.answer = refusal


async def send_again(url: str, vote_id: int, clients: Sequence[Client]) -> None:
    """Everybody, also whoever has an answer: the same key has the same answer."""

    async def again(line: LiveClient, client: Client) -> None:
        number = await line.cast(vote_id, rating=client.rating, key=client.key)
        assert client.answer is None or number == client.answer
        client.answer = number

    async with lines_to(url, clients) as lines:
        await asyncio.gather(*(again(line, client) for line, client in zip(lines, clients, strict=True)))


# Looking


@asynccontextmanager
async def reopened(database_url: str) -> AsyncIterator[None]:
    """The database as a dead server left it, the journal read again from its first entry."""
    if database_url.startswith("postgres"):
        await until_alone(database_url)
    async with database.opened(database_url):
        await check_journals()
        yield


async def check_journals() -> None:
    keeper = Keeper(Ed25519PrivateKey.generate(), "test")
    for journal in set(await Entry.all().distinct().values_list("journal", flat=True)):
        await keeper.reread(int(str(journal)))


async def until_alone(database_url: str) -> None:
    """PostgreSQL may still be ending what the dead server had asked for."""
    connection = await asyncpg.connect(database_url)
    others = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = $1 AND application_name <> $2 AND pid <> pg_backend_pid() AND pid <> ALL($3)"
    )
    name, kept = urlsplit(database_url).path[1:], kept_for(database_url)
    try:
        for _ in range(3_000):
            if not await connection.fetchval(others, name, CLEANER, kept):
                return
            await asyncio.sleep(0.01)
        raise AssertionError("The dead server still has connections.")
    finally:
        await connection.close()


async def check_round(round_: Round) -> None:
    """The oracle's sentence, at any moment when nobody writes."""
    stored = await stored_numbers(round_.vote)
    assert_nothing_twice(stored, await cast_entries(round_.vote))
    for client in round_.clients:
        found = stored.get(client.key, [])
        if client.is_acknowledged:
            assert found == [client.answer], "an acknowledged ballot is there once, under the number told"
        elif not client.sent:
            assert found == []
        else:
            assert client.answer is None, f"nobody here may be refused: {client.answer}"
    for intruder in round_.intruders:
        assert intruder.key not in stored and not intruder.is_acknowledged


async def stored_numbers(vote: Vote) -> dict[str, list[int]]:
    """The journal numbers of the ballots by their key."""
    found: dict[str, list[int]] = {}
    for ballot in await Ballot.filter(vote_id=vote.id):
        found.setdefault(ballot.key, []).append(ballot.number)
    return found


async def cast_entries(vote: Vote) -> list[int]:
    rows = Entry.filter(topic=f"vote-{vote.id}", kind__in=["ballot_cast", "ballot_changed"])
    return [int(str(number)) for number in await rows.order_by("number").values_list("number", flat=True)]


def assert_nothing_twice(stored: dict[str, list[int]], entries: Iterable[int]) -> None:
    """Ballots and entries stand one against one."""
    assert all(len(numbers) == 1 for numbers in stored.values())
    assert sorted(number for numbers in stored.values() for number in numbers) == list(entries)


async def close_and_count(round_: Round, hall: Hall) -> None:
    """At the end, when everybody is acknowledged: closed and counted, and the count is the roll."""
    vote, clients = round_.vote, round_.clients
    await actions.close_vote(vote.id, hall.world["chair"])
    await actions.reveal_vote(vote.id, hall.world["chair"])
    await check_round(round_)
    assert all(client.is_acknowledged for client in clients)
    await vote.refresh_from_db()
    assert vote.result is not None
    roll = await RollEntry.filter(vote_id=vote.id).count()
    assert (vote.result["cast"], vote.result["entitled"]) == (len(clients), roll)
    assert vote.result["cast"] + vote.result["missing"] == roll
    given = Counter(client.rating for client in clients)
    assert list(vote.result["frequencies"]) == [given[rating] for rating in range(1, 10)]
