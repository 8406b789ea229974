"""`ballots`, `ballots-pg`, `ballots-http`: everybody votes at once, and hears that the ballot is durable."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from deliberate.bench import places, servers, world
from deliberate.bench.benchmark import Found, Stage, interleaved
from deliberate.bench.driver import Crowd, Driver, masked
from deliberate.bench.servers import ECHO, PRODUCT, Server
from deliberate.bench.visitors import Visitors, get, post
from deliberate.bench.world import Guest

ACK = b'{"ack"'
REDIS = "DELIBERATE_BENCH_REDIS"
LOCAL_REDIS = "redis://127.0.0.1:6379/0"


@dataclass(frozen=True)
class Hall:
    """The server, those who vote, and a fresh vote for each run."""

    server: Server
    voters: list[Guest]
    votes: Iterator[int]


@asynccontextmanager
async def hall(stage: Stage, url: str | None = None, workers: int = 1) -> AsyncIterator[Hall]:
    data = stage.folder / "data"
    stage.told(f"inviting {stage.sizes.voters} voters")
    async with places.opened(data, url) as settings:
        house = await world.make_house(settings, stage.sizes.voters)
        votes = await world.open_votes(house, stage.runs + 1)
    async with servers.running(PRODUCT, data, url, workers, more_settings(workers)) as server:
        yield Hall(server, house.experts, iter(votes))


def more_settings(workers: int) -> dict[str, str]:
    if workers == 1:
        return {}
    return {"DELIBERATE_REDIS_URL": os.environ.get(REDIS, LOCAL_REDIS)}


async def by_socket(stage: Stage) -> Found:
    async with hall(stage) as found:
        return await against_echo(stage, found)


async def against_echo(stage: Stage, found: Hall) -> Found:
    cookies = [voter.cookie for voter in found.voters]
    async with servers.running(ECHO, stage.folder / "echo") as echo:
        with Driver() as driver:
            ours = Crowd(driver, found.server.address, cookies)
            floor = Crowd(driver, echo.address, cookies)

            async def vote() -> float:
                frames = ballots(next(found.votes), len(cookies))
                return len(cookies) / ours.ask(frames, ACK)

            async def ask() -> float:
                return len(cookies) / floor.ask(ballots(1, len(cookies)), ACK)

            return await interleaved(stage, vote, ask)


def ballots(vote: int, count: int) -> list[bytes]:
    return [
        masked(f'{{"cast":{{"vote":{vote},"choice":"for","key":"{uuid4().hex}"}}}}') for _ in range(count)
    ]


async def on_postgres(stage: Stage) -> Found:
    """One worker decides; what two come to is told beside it, or why not."""
    async with places.postgres() as url, hall(stage, url) as found:
        return await against_echo(stage, found)


async def by_form(stage: Stage) -> Found:
    async with hall(stage) as found:
        with Driver() as driver:
            address = found.server.address
            visitors = Visitors(driver, address, stage.sizes.posts_at_once)
            plain = [get(address, "/bench/empty", voter.cookie) for voter in found.voters]

            async def vote() -> float:
                path = f"/votes/{next(found.votes)}/ballots"
                forms = [
                    post(address, path, voter.cookie, {"key": uuid4().hex, "choice": "for"})
                    for voter in found.voters
                ]
                return len(forms) / visitors.ask(forms, 303)[0]

            async def read() -> float:
                return len(plain) / visitors.ask(plain)[0]

            return await interleaved(stage, vote, read)
