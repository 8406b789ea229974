"""A real server is killed in the middle of a burst of ballots: what was acknowledged is there, and once.

The oracle of TRUST.md section 6: each client keeps a history. Afterwards every accepted ballot is in database
and journal exactly once, every refused one nowhere, every unknown one at most once; sent again under its key,
it has one answer. The journal is whole, and the count is the roll.
"""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx2
import pytest

from deliberate.errors import Refusal, Unconfirmed
from deliberate.live import database
from deliberate.live.client import LiveClient
from deliberate.live.keeper import Keeper, load_key
from deliberate.live.models import Entry
from deliberate.people.models import Person
from deliberate.rehearsal.server import environment_for, free_port, stop, until_ready
from deliberate.voting.models import Ballot, RollEntry, Vote
from tests.support.builders import make_world, sign_in
from tests.voting.votes import more_experts, open_vote

VOTERS = 48
BURST_SECONDS = 0.3
SHORT = [("sqlite", seed) for seed in range(3)] + [("postgres", seed) for seed in range(2)]
LONG = [(engine, seed) for engine in ("sqlite", "postgres") for seed in range(100, 125)]


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


class Server:
    """`deliberate serve` in a process group of its own."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.data = folder / "data"
        self.environment = environment_for(self.data, self.port, database_url)
        self.log = folder / "server.log"
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "deliberate.cli", "serve"),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            async with asyncio.timeout(60):
                await until_ready(self.url, self.process)
        except TimeoutError:
            raise AssertionError(self.log.read_text()) from None

    async def kill(self) -> None:
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> None:
        if self.process is not None:
            await stop(self.process)


@pytest.mark.parametrize(("engine", "seed"), SHORT)
async def test_no_acknowledged_ballot_is_lost_or_doubled_when_the_server_is_killed(
    engine: str, seed: int, database_url: str, tmp_path: Path
) -> None:
    await kill_in_a_burst(database_url, tmp_path, random.Random(f"{engine}-{seed}"))


@pytest.mark.long
@pytest.mark.parametrize(("engine", "seed"), LONG)
async def test_nor_at_any_of_many_other_moments(
    engine: str, seed: int, database_url: str, tmp_path: Path
) -> None:
    await kill_in_a_burst(database_url, tmp_path, random.Random(f"{engine}-{seed}"))


async def kill_in_a_burst(database_url: str, folder: Path, rng: random.Random) -> None:
    async with database.opened(database_url):
        vote, chair, clients, intruders = await prepare(rng)
    server = Server(folder, database_url)
    await server.start()
    try:
        await burst(server, vote.id, [*clients, *intruders], rng)
        async with reopened(database_url, server):
            await check_after_the_kill(vote, clients, intruders)
        await server.start()
        await send_again(server, vote.id, clients)
        await close_and_count(server, vote.id, chair)
        await server.stop()
        async with reopened(database_url, server):
            await check_at_the_end(vote, clients)
    finally:
        await server.stop()


async def prepare(rng: random.Random) -> tuple[Vote, str, list[Client], list[Client]]:
    """An open confidential rating. Of the intruders one is recused, one rates 12, one is not on the roll."""
    world = await make_world()
    experts = await more_experts(world, VOTERS + 2)
    vote = await open_vote(world, voters=experts[: VOTERS + 1])

    async def client(person: Person, rating: int) -> Client:
        return Client(await sign_in(person), person.id, rating)

    clients = [await client(person, rng.randint(1, 9)) for person in experts[:VOTERS]]
    intruders = [
        await client(world["recused"], 9),
        await client(experts[VOTERS], 12),
        await client(experts[VOTERS + 1], 9),
    ]
    return vote, await sign_in(world["chair"]), clients, intruders


async def burst(server: Server, vote_id: int, clients: Sequence[Client], rng: random.Random) -> None:
    """Everybody casts within a moment, and in the middle of it the server is killed."""
    lines = [LiveClient(server.url, f"deliberate={client.token}") for client in clients]
    await asyncio.gather(*(line.__aenter__() for line in lines))
    casting = [
        asyncio.create_task(cast(line, vote_id, client, rng.uniform(0, BURST_SECONDS)))
        for line, client in zip(lines, clients, strict=True)
    ]
    await asyncio.sleep(rng.uniform(0.02, BURST_SECONDS))
    await server.kill()
    # What the server had written into a socket still arrives: acknowledged is what a client read.
    await asyncio.sleep(0.1)
    await asyncio.gather(*(line.close() for line in lines))
    await asyncio.gather(*casting)


async def cast(line: LiveClient, vote_id: int, client: Client, wait: float) -> None:
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


@asynccontextmanager
async def reopened(database_url: str, server: Server) -> AsyncIterator[None]:
    """The database as the dead server left it, the journal read again from its first entry."""
    if database_url.startswith("postgres"):
        await until_alone(database_url)
    async with database.opened(database_url):
        keeper = Keeper(load_key(server.data / "signing.key"), "test")
        for journal in set(await Entry.all().distinct().values_list("journal", flat=True)):
            await keeper.reread(int(str(journal)))
        yield


async def until_alone(database_url: str) -> None:
    """PostgreSQL may still be ending what the dead server had asked for."""
    connection = await asyncpg.connect(database_url)
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    try:
        for _ in range(3_000):
            if not await connection.fetchval(others, urlsplit(database_url).path[1:]):
                return
            await asyncio.sleep(0.01)
        raise AssertionError("The dead server still has connections.")
    finally:
        await connection.close()


async def check_after_the_kill(vote: Vote, clients: Sequence[Client], intruders: Sequence[Client]) -> None:
    stored = await stored_numbers(vote)
    assert_nothing_twice(stored, await cast_entries(vote))
    for client in clients:
        found = stored[client.key]
        if client.is_acknowledged:
            assert found == [client.answer], "an acknowledged ballot is there once, under the number told"
        elif not client.sent:
            assert found == []
        else:
            assert client.answer is None, f"nobody here may be refused: {client.answer}"
    for intruder in intruders:
        assert stored[intruder.key] == [] and not intruder.is_acknowledged


async def stored_numbers(vote: Vote) -> dict[str, list[int]]:
    """The journal numbers of the ballots by their key."""
    found: dict[str, list[int]] = {}
    for ballot in await Ballot.filter(vote_id=vote.id):
        found.setdefault(ballot.key, []).append(ballot.number)
    return Found(found)


class Found(dict[str, list[int]]):
    def __missing__(self, key: str) -> list[int]:
        return []


async def cast_entries(vote: Vote) -> list[int]:
    rows = Entry.filter(topic=f"vote-{vote.id}", kind__in=["ballot_cast", "ballot_changed"])
    return [int(str(number)) for number in await rows.order_by("number").values_list("number", flat=True)]


def assert_nothing_twice(stored: dict[str, list[int]], entries: list[int]) -> None:
    """Ballots and entries stand one against one."""
    assert all(len(numbers) == 1 for numbers in stored.values())
    assert sorted(number for numbers in stored.values() for number in numbers) == entries


async def send_again(server: Server, vote_id: int, clients: Sequence[Client]) -> None:
    """Everybody, also whoever has an answer: the same key has the same answer."""

    async def again(client: Client) -> None:
        async with LiveClient(server.url, f"deliberate={client.token}") as line:
            number = await line.cast(vote_id, rating=client.rating, key=client.key)
        assert client.answer is None or number == client.answer
        client.answer = number

    await asyncio.gather(*(again(client) for client in clients))


async def close_and_count(server: Server, vote_id: int, token: str) -> None:
    headers = {"Origin": server.url, "Accept": "application/json", "Cookie": f"deliberate={token}"}
    async with httpx2.AsyncClient(base_url=server.url, headers=headers, trust_env=False) as chair:
        for step in ("close", "reveal"):
            answer = await chair.post(f"/votes/{vote_id}/{step}")
            assert answer.status_code == 200, answer.text


async def check_at_the_end(vote: Vote, clients: Sequence[Client]) -> None:
    await vote.refresh_from_db()
    stored = await stored_numbers(vote)
    assert_nothing_twice(stored, await cast_entries(vote))
    assert {client.key: [client.answer] for client in clients} == stored
    assert vote.result is not None
    roll = await RollEntry.filter(vote_id=vote.id).count()
    assert (vote.result["cast"], vote.result["entitled"]) == (len(clients), roll)
    assert vote.result["cast"] + vote.result["missing"] == roll
    given = Counter(client.rating for client in clients)
    assert list(vote.result["frequencies"]) == [given[rating] for rating in range(1, 10)]
