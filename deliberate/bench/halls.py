"""A hall full of signed-in voters on SQLite: written once for all benchmarks that need one, then copied.

Most share one server; who measures the server's memory has a fresh one.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from deliberate.bench import places, servers, world
from deliberate.bench.benchmark import Sizes
from deliberate.bench.servers import PRODUCT, Server
from deliberate.bench.world import House

BURSTS = 4  # of ballots, in one run of `reads`
BENCHMARKS_THAT_VOTE = 2 + BURSTS


@dataclass(frozen=True)
class Hall:
    """Everybody of the house, fresh votes, and meetings to watch."""

    house: House
    votes: Iterator[int]
    meeting: int  # with the long agenda
    items: list[int]
    quiet_meeting: int
    server: Server

    @property
    def cookies(self) -> list[str]:
        return [guest.cookie for guest in self.house.experts]


class Halls:
    """`stack` ends what was started here."""

    def __init__(self, runs: int, sizes: Sizes, folder: Path, stack: AsyncExitStack) -> None:
        self.runs, self.sizes, self.folder, self.stack = runs, sizes, folder, stack
        self.written: Hall | None = None
        self.running: Hall | None = None

    async def shared(self) -> Hall:
        """Already running, or started now."""
        if self.running is None:
            self.running = await self.stack.enter_async_context(self.fresh("shared"))
        return self.running

    @asynccontextmanager
    async def fresh(self, name: str) -> AsyncIterator[Hall]:
        """A server of its own, on a copy of what was written."""
        written = await self.write()
        data = self.folder / name
        await asyncio.to_thread(shutil.copytree, self.folder / "written", data)
        async with servers.running(PRODUCT, data) as server:
            yield replace(written, server=server)

    async def write(self) -> Hall:
        if self.written is None:
            async with places.opened(self.folder / "written") as settings:
                house = await world.make_house(settings, self.sizes.voters)
                votes = await world.open_votes(house, (self.runs + 1) * BENCHMARKS_THAT_VOTE)
                titles = [f"Item {number + 1}" for number in range(self.sizes.agenda)]
                meeting, items = await world.convene(house, titles)
                quiet, _ = await world.convene(house, ["Opening"])
            self.written = Hall(house, iter(votes), meeting, items, quiet, Server(("", 0), 0))
        return self.written
