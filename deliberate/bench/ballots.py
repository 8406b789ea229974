"""`ballots`, `ballots-pg`, `ballots-http`: everybody votes at once, and hears that the ballot is durable."""

import os
from collections.abc import Sequence
from statistics import median
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


async def by_socket(stage: Stage) -> Found:
    hall = await stage.halls.shared()
    votes = [next(hall.votes) for _ in range(stage.runs + 1)]
    return await against_echo(stage, hall.server, hall.house.experts, votes)


async def against_echo(stage: Stage, server: Server, voters: Sequence[Guest], votes: Sequence[int]) -> Found:
    cookies, waiting = [voter.cookie for voter in voters], iter(votes)
    async with servers.running(ECHO, stage.folder / "echo") as echo:
        with Driver() as driver:
            ours = Crowd(driver, server.address, cookies)
            floor = Crowd(driver, echo.address, cookies)

            async def vote() -> float:
                return len(cookies) / ours.ask(ballots(next(waiting), len(cookies)), ACK)

            async def ask() -> float:
                return len(cookies) / floor.ask(ballots(1, len(cookies)), ACK)

            return await interleaved(stage, vote, ask)


def ballots(vote: int, count: int) -> list[bytes]:
    return [
        masked(f'{{"cast":{{"vote":{vote},"choice":"for","key":"{uuid4().hex}"}}}}') for _ in range(count)
    ]


async def on_postgres(stage: Stage) -> Found:
    """One worker, then two with Redis between them: the goal is for both, what is told first is for one."""
    async with places.postgres() as url:
        data = stage.folder / "data"
        stage.told(f"inviting {stage.sizes.voters} voters")
        async with places.opened(data, url) as settings:
            house = await world.make_house(settings, stage.sizes.voters)
            votes = await world.open_votes(house, 2 * (stage.runs + 1))
        async with servers.running(PRODUCT, data, url) as server:
            found = await against_echo(stage, server, house.experts, votes[: stage.runs + 1])
        if (reason := places.no_redis(redis_url())) is not None:
            found.more["note"] = f"one worker; two were not measured: {reason}"
            return found
        bus = {"DELIBERATE_REDIS_URL": redis_url(), "DELIBERATE_REDIS_PREFIX": f"bench-{uuid4().hex[:8]}:"}
        async with servers.running(PRODUCT, data, url, workers=2, more=bus) as server:
            two = await against_echo(stage, server, house.experts, votes[stage.runs + 1 :])
        found.more |= {"two_workers": {"value": median(two.values), "ratio": median(two.ratios)}}
        found.more["note"] = f"one worker; two workers and Redis: ratio {median(two.ratios):.2f}"
        return found


def redis_url() -> str:
    return os.environ.get(REDIS, LOCAL_REDIS)


async def by_form(stage: Stage) -> Found:
    hall = await stage.halls.shared()
    address = hall.server.address
    with Driver() as driver:
        visitors = Visitors(driver, address, stage.sizes.posts_at_once)
        plain = [get(address, "/bench/empty", cookie) for cookie in hall.cookies]

        async def vote() -> float:
            path = f"/votes/{next(hall.votes)}/ballots"
            forms = [
                post(address, path, cookie, {"key": uuid4().hex, "choice": "for"}) for cookie in hall.cookies
            ]
            return len(forms) / visitors.ask(forms, 303)[0]

        async def read() -> float:
            return len(plain) / visitors.ask(plain)[0]

        return await interleaved(stage, vote, read)
