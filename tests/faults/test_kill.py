"""A real server is killed in the middle of a burst of ballots: what was acknowledged is there, and once."""

import asyncio
import random
from pathlib import Path

import pytest

from deliberate.live import database
from tests.faults import oracle
from tests.faults.oracle import Hall, Round
from tests.faults.servers import Server

VOTERS = 24
BURST_SECONDS = 0.15
SHORT = {"sqlite": 12, "postgres": 8}
LONG = {"sqlite": 100, "postgres": 100}


async def test_no_acknowledged_ballot_is_lost_or_doubled_when_the_server_is_killed(
    engine: str, database_url: str, tmp_path: Path
) -> None:
    await kill_again_and_again(database_url, tmp_path, random.Random(f"short-{engine}"), SHORT[engine])


@pytest.mark.long
async def test_nor_at_any_of_many_other_moments(engine: str, database_url: str, tmp_path: Path) -> None:
    await kill_again_and_again(database_url, tmp_path, random.Random(f"long-{engine}"), LONG[engine])


async def kill_again_and_again(database_url: str, folder: Path, rng: random.Random, times: int) -> None:
    """One server, one database, a vote for each kill. Whoever has no answer asks again at the next start."""
    async with database.opened(database_url):
        hall = await Hall.built(VOTERS)
        rounds = [await hall.opens(rng) for _ in range(times)]
    server = Server(folder, database_url)
    await server.start()
    acknowledged = 0
    try:
        for round_ in rounds:
            await burst(server, round_, rng)
            async with oracle.reopened(database_url):
                await oracle.check_round(round_)
            acknowledged += sum(client.is_acknowledged for client in round_.clients)
            await server.start()
            await oracle.send_again(server.url, round_.vote.id, round_.clients)
    finally:
        await server.stop()
    async with oracle.reopened(database_url):
        for round_ in rounds:
            await oracle.close_and_count(round_, hall)
    assert 0 < acknowledged < times * VOTERS  # so the kills fell into the bursts


async def burst(server: Server, round_: Round, rng: random.Random) -> None:
    """Everybody casts within a moment, and in the middle of it the server is killed."""
    async with oracle.lines_to(server.url, round_.everybody) as lines:
        casting = [
            asyncio.create_task(oracle.cast_once(line, round_.vote.id, client, rng.uniform(0, BURST_SECONDS)))
            for line, client in zip(lines, round_.everybody, strict=True)
        ]
        await asyncio.sleep(rng.uniform(0.01, BURST_SECONDS))
        await server.kill()
        # What the server had written into a socket still arrives: acknowledged is what a client read.
        await asyncio.sleep(0.05)
    await asyncio.gather(*casting)
