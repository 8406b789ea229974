"""`fanout`: one fact to everybody who watches, again and again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

from deliberate.bench import places, servers, world
from deliberate.bench.benchmark import Found, Stage, interleaved
from deliberate.bench.driver import Crowd, Driver, masked
from deliberate.bench.servers import BROADCAST, PRODUCT, Server

NEWS = b'{"topic"'
WATCHING = b'{"watching"'


@dataclass(frozen=True)
class Room:
    """The server, the topic, and the cookies of those who watch."""

    server: Server
    topic: str
    cookies: list[str]


@asynccontextmanager
async def room(stage: Stage) -> AsyncIterator[Room]:
    data = stage.folder / "data"
    stage.told(f"inviting {stage.sizes.voters} watchers")
    async with places.opened(data) as settings:
        house = await world.make_house(settings, stage.sizes.voters)
        meeting, _ = await world.convene(house, ["Opening"])
    async with servers.running(PRODUCT, data) as server:
        yield Room(server, f"meeting-{meeting}", [guest.cookie for guest in house.experts])


def watching(driver: Driver, found: Room) -> Crowd:
    crowd = Crowd(driver, found.server.address, found.cookies)
    crowd.ask([masked(f'{{"watch":"{found.topic}"}}')] * len(crowd.tabs), WATCHING)
    return crowd


class Rounds:
    """One tells, all hear, and only then the next."""

    def __init__(self, crowd: Crowd, count: int, topic: str) -> None:
        self.crowd, self.count = crowd, count
        self.frame = masked(f'{{"tell":{{"topic":"{topic}","key":"{"k" * 32}"}}}}')

    async def seconds(self) -> float:
        total = 0.0
        for _ in range(self.count):
            self.crowd.wait_for(NEWS)
            began = perf_counter()
            self.crowd.tabs[0].send(self.frame)
            total += self.crowd.driver.run(self.crowd.is_done) - began
        return total

    async def rate(self) -> float:
        return self.count * len(self.crowd.tabs) / await self.seconds()


async def fanout(stage: Stage) -> Found:
    rounds = stage.sizes.deliveries
    async with room(stage) as found, servers.running(BROADCAST, stage.folder / "bare") as bare:
        with Driver() as driver:
            ours = Rounds(watching(driver, found), rounds, found.topic)
            floor = Rounds(Crowd(driver, bare.address, found.cookies), rounds, found.topic)
            return await interleaved(stage, ours.rate, floor.rate)
