"""Several processes, and what is between them: Redis dies and forgets, the wire is cut, workers die one after
another. Ballots do not need the bus; news comes a little later, and is then exact.
"""

import asyncio
import os
import random
import re
import signal
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from deliberate.live import database
from deliberate.live.client import Frame, LiveClient
from deliberate.live.journal import last_number
from tests.faults import oracle
from tests.faults.oracle import Hall, Round
from tests.faults.proxy import Proxy, proxy_to
from tests.faults.servers import Server, Workers
from tests.support.redis_server import RedisServer, running_redis

VOTERS = 16
HEALED_SECONDS = 2.0
pytestmark = pytest.mark.parametrize("engine", ["postgres"])


class Reader:
    """Watches a vote through one server, and keeps the numbers it was told."""

    def __init__(self, line: LiveClient, topic: str) -> None:
        self.line, self.topic = line, topic
        self.frames: list[Frame] = []

    async def read(self) -> None:
        await self.line.watch(self.topic, after=0)
        async for item in self.line:
            assert isinstance(item, Frame)
            self.frames.append(item)

    @property
    def last(self) -> int:
        return self.frames[-1].number if self.frames else 0


@asynccontextmanager
async def reading(lines: Sequence[LiveClient], topic: str) -> AsyncIterator[list[Reader]]:
    readers = [Reader(line, topic) for line in lines]
    tasks = [asyncio.create_task(reader.read()) for reader in readers]
    try:
        yield readers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def two_servers(
    database_url: str, folder: Path, first_bus: str, second_bus: str
) -> AsyncIterator[tuple[Server, Server]]:
    """Two processes on one database, each with its way to Redis."""
    prefix = f"test-{folder.name[-20:].lower().replace('_', '-')}"
    pair = [
        Server(folder, database_url, redis_url=bus, redis_prefix=prefix) for bus in (first_bus, second_bus)
    ]
    try:
        for server in pair:
            await server.start()
        yield pair[0], pair[1]
    finally:
        for server in pair:
            await server.stop()


async def all_at(readers: Sequence[Reader], number: int, seconds: float) -> None:
    """Every client equals the database, before `seconds` are over."""
    for _ in range(int(seconds / 0.02)):
        if all(reader.last == number for reader in readers):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{[reader.last for reader in readers]} is not {number}.")


async def vote_through(servers: Sequence[Server], round_: Round, rng: random.Random) -> None:
    """Half of the voters through each server, all of them insisting."""
    async with AsyncExitStack() as stack:
        waiting = []
        for place, server in enumerate(servers):
            clients = round_.clients[place :: len(servers)]
            lines = await stack.enter_async_context(oracle.lines_to(server.url, clients))
            waiting += [
                oracle.insist(line, round_.vote.id, client, rng.uniform(0, 0.3))
                for line, client in zip(lines, clients, strict=True)
            ]
        await asyncio.gather(*waiting)


@pytest.fixture
def redis(tmp_path: Path) -> Any:
    with running_redis(tmp_path) as server:
        yield server


async def test_redis_killed_and_flushed_loses_no_ballot_and_every_client_is_exact_soon(
    database_url: str, tmp_path: Path, redis: RedisServer
) -> None:
    rng = random.Random(1)
    async with database.opened(database_url):
        hall = await Hall.built(VOTERS)
        rounds = [await hall.opens(rng) for _ in range(2)]
    async with two_servers(database_url, tmp_path, redis.url, redis.url) as servers:
        for round_, fault in zip(rounds, (redis.kill, redis.flush), strict=True):
            watching = [LiveClient(server.url, f"deliberate={round_.clients[0].token}") for server in servers]
            async with AsyncExitStack() as stack:
                for line in watching:
                    await stack.enter_async_context(line)
                readers = await stack.enter_async_context(reading(watching, f"vote-{round_.vote.id}"))
                voting = asyncio.create_task(vote_through(servers, round_, rng))
                await asyncio.sleep(0.15)
                await asyncio.to_thread(fault)
                await voting
                await all_at(readers, await newest(database_url, round_), HEALED_SECONDS)
            if redis.process is None:
                await asyncio.to_thread(redis.start)
    await check(database_url, hall, rounds)


async def newest(database_url: str, round_: Round) -> int:
    async with database.opened(database_url):
        return await last_number(round_.vote.assessment_id, f"vote-{round_.vote.id}")


async def check(database_url: str, hall: Hall, rounds: Sequence[Round]) -> None:
    async with oracle.reopened(database_url):
        for round_ in rounds:
            await oracle.close_and_count(round_, hall)


async def test_a_worker_cut_off_from_the_bus_still_tells_within_two_seconds(
    database_url: str, tmp_path: Path, redis: RedisServer
) -> None:
    await cut_again_and_again(database_url, tmp_path, redis, [0.5])


@pytest.mark.long
async def test_so_it_does_in_many_cuts(database_url: str, tmp_path: Path, redis: RedisServer) -> None:
    rng = random.Random(20)
    await cut_again_and_again(database_url, tmp_path, redis, [rng.uniform(1, 10) for _ in range(20)])


async def cut_again_and_again(
    database_url: str, folder: Path, redis: RedisServer, cuts: Sequence[float]
) -> None:
    rng = random.Random(len(cuts))
    async with database.opened(database_url):
        hall = await Hall.built(VOTERS)
        rounds = [await hall.opens(rng) for _ in cuts]
    async with AsyncExitStack() as stack:
        proxy: Proxy = await stack.enter_async_context(proxy_to(redis.port))
        theirs = f"redis://127.0.0.1:{proxy.port}/0"
        servers = await stack.enter_async_context(two_servers(database_url, folder, redis.url, theirs))
        for round_, seconds in zip(rounds, cuts, strict=True):
            watching = [LiveClient(server.url, f"deliberate={round_.clients[0].token}") for server in servers]
            async with AsyncExitStack() as lines:
                for line in watching:
                    await lines.enter_async_context(line)
                readers = await lines.enter_async_context(reading(watching, f"vote-{round_.vote.id}"))
                await all_at(readers, await newest(database_url, round_), HEALED_SECONDS)
                proxy.cut()
                await vote_through(servers, round_, rng)
                await all_at(readers, await newest(database_url, round_), HEALED_SECONDS)
                await asyncio.sleep(seconds)
                proxy.heal()
    await check(database_url, hall, rounds)


# Workers of one server


async def test_workers_that_die_each_second_lose_no_ballot(
    database_url: str, tmp_path: Path, redis: RedisServer
) -> None:
    await kill_workers(database_url, tmp_path, redis, 4)


@pytest.mark.long
async def test_nor_in_a_minute(database_url: str, tmp_path: Path, redis: RedisServer) -> None:
    await kill_workers(database_url, tmp_path, redis, 60)


async def kill_workers(database_url: str, folder: Path, redis: RedisServer, seconds: int) -> None:
    """One of three dies each second while people vote; then all that is left is told to end."""
    rng = random.Random(seconds)
    async with database.opened(database_url):
        hall = await Hall.built(VOTERS)
        rounds = [await hall.opens(rng) for _ in range(seconds)]
    server = Workers(folder, database_url, redis.url, 3)
    await server.start()
    killed: set[int] = set()
    try:
        await until_serving(server, 3)
        async with oracle.lines_to(server.url, rounds[0].clients) as lines:
            for round_ in rounds:
                began = time.monotonic()
                voting = [
                    asyncio.create_task(oracle.insist(line, round_.vote.id, client, rng.uniform(0, 1)))
                    for line, client in zip(lines, round_.clients, strict=True)
                ]
                victim = rng.choice(await until_serving(server, 1))
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                killed.add(victim)
                async with asyncio.timeout(180):
                    await asyncio.gather(*voting)
                await asyncio.sleep(max(0, began + 1 - time.monotonic()))
        await until_serving(server, 3)
        assert killed.isdisjoint(server.serving())  # so the dead were replaced
        if seconds > 10:
            await replaces_all(server)
        await ends_with_1012(server, rounds[0].clients[0].token)
        said = server.log.read_text()
        assert len(re.findall(r"/sign-in/", said)) == 1  # the first administrator's link, printed once
    finally:
        await server.stop()
    await check(database_url, hall, rounds)


async def until_serving(server: Workers, count: int) -> list[int]:
    for _ in range(3_000):
        if len(found := server.serving()) >= count:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(server.log.read_text())


async def replaces_all(server: Workers) -> None:
    """SIGHUP: one after another, and nobody finds the door closed meanwhile."""
    assert server.process is not None
    before = set(server.serving())
    os.kill(server.process.pid, signal.SIGHUP)
    for _ in range(1_000):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.close()
        if before.isdisjoint(server.serving()):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(server.log.read_text())


async def ends_with_1012(server: Workers, token: str) -> None:
    """Told to end, the server says so to every browser: come back, with some patience."""
    options: dict[str, Any] = {"compression": None, "proxy": None, "origin": server.url}
    headers = {"Cookie": f"deliberate={token}"}
    address = server.url.replace("http", "ws", 1) + "/live"
    async with connect(address, additional_headers=headers, **options) as line:
        stopping = asyncio.create_task(server.stop())
        with pytest.raises(ConnectionClosed):
            while True:
                await line.recv()
        assert line.close_code == 1012
        await stopping
