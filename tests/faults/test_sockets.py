"""What happens on the way: everybody is dropped at once, every frame comes twice, the clock goes back."""

import asyncio
import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from deliberate.errors import Refused
from deliberate.live import database
from deliberate.live.client import Frame, LiveClient
from deliberate.live.models import Entry
from deliberate.voting import actions
from tests.faults import oracle
from tests.faults.oracle import Hall
from tests.faults.proxy import proxy_to
from tests.faults.servers import Server
from tests.support.builders import make_world
from tests.voting.votes import cast, open_vote


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_all_come_back_when_all_are_dropped_at_once_and_their_ballots_count(
    database_url: str, tmp_path: Path
) -> None:
    await drop_everybody(database_url, tmp_path, 200)


@pytest.mark.long
async def test_so_do_a_thousand(database_url: str, tmp_path: Path) -> None:
    await drop_everybody(database_url, tmp_path, 1_000)


async def drop_everybody(database_url: str, folder: Path, sockets: int) -> None:
    rng = random.Random(sockets)
    async with database.opened(database_url):
        hall = await Hall.built(sockets)
        round_ = await hall.opens(rng)
    server = Server(folder, database_url)
    async with proxy_to(server.port) as proxy:
        server.environment["DELIBERATE_PUBLIC_URL"] = f"http://127.0.0.1:{proxy.port}"
        await server.start()
        try:
            async with oracle.lines_to(server.environment["DELIBERATE_PUBLIC_URL"], round_.clients) as lines:
                casting = [
                    asyncio.create_task(oracle.insist(line, round_.vote.id, client, rng.uniform(0, 0.5)))
                    for line, client in zip(lines, round_.clients, strict=True)
                ]
                await asyncio.sleep(0.2)
                proxy.drop()
                async with asyncio.timeout(60):
                    await asyncio.gather(*casting)
                    numbers = await asyncio.gather(*(line.watch(f"vote-{round_.vote.id}") for line in lines))
                assert all(line.breaks for line in lines)
                assert len(set(numbers)) == 1  # all are back, and stand at the same number
        finally:
            await server.stop()
    async with oracle.reopened(database_url):
        await oracle.close_and_count(round_, hall)


class Twice(LiveClient):
    """Whatever it says arrives twice, and whatever it is told, too."""

    async def _send(self, message: Mapping[str, Any]) -> None:
        for _ in range(2):
            await super()._send(message)

    async def _hear(self, said: dict[str, Any]) -> None:
        for _ in range(2):
            await super()._hear(json.loads(json.dumps(said)))


async def test_every_frame_delivered_twice_changes_nothing(server: Any) -> None:
    hall = await Hall.built(8)
    round_ = await hall.opens(random.Random(2))
    lines = [Twice(server.url, f"deliberate={client.token}") for client in round_.clients]
    try:
        for line in lines:
            await line.__aenter__()
            await line.watch(f"vote-{round_.vote.id}", after=0)
        await asyncio.gather(
            *(
                oracle.insist(line, round_.vote.id, client)
                for line, client in zip(lines, round_.clients, strict=True)
            )
        )
        await oracle.close_and_count(round_, hall)
        for line in lines:
            numbers = []
            async with asyncio.timeout(60):
                async for item in line:
                    assert isinstance(item, Frame)
                    numbers.append(item.number)
                    if item.kind == "vote_counted":
                        break
            assert numbers == sorted(set(numbers))
    finally:
        await asyncio.gather(*(line.close() for line in lines))


async def test_a_clock_that_goes_back_changes_neither_order_nor_close(database: Any) -> None:
    world = await make_world(experts=4)
    vote = await open_vote(world, changeable=True)
    now = datetime.now(UTC)
    numbers = []
    for step, person in zip((0, 120, -120), world.experts, strict=False):
        with time_machine.travel(now + timedelta(minutes=step)):
            numbers.append(await cast(vote, person, 7))
    with time_machine.travel(now - timedelta(hours=2)):
        closed = await actions.close_vote(vote.id, world["chair"])
    with time_machine.travel(now - timedelta(hours=3)):  # earlier than the close, by the clock
        with pytest.raises(Refused, match="closed"):
            await cast(vote, world.experts[3], 7)
        assert await actions.reveal_vote(vote.id, world["chair"]) > closed
    assert numbers == sorted(numbers) and numbers[-1] < closed
    told = await Entry.filter(topic=f"vote-{vote.id}").order_by("number").values_list("number", flat=True)
    assert list(told) == sorted(set(told))
    await oracle.check_journals()
