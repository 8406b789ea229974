"""Ballots at the very moment of closing: each is before the close, and counted, or after it, and refused."""

import asyncio
import random
from typing import Any

import pytest

from deliberate.errors import Refused
from deliberate.live.client import LiveClient
from deliberate.live.models import Entry
from deliberate.voting import actions
from tests.faults import oracle
from tests.faults.oracle import Hall, Round

SOCKETS = 50
SHORT, LONG = 20, 200
SPREAD_SECONDS = 0.01


async def test_every_acknowledged_ballot_is_in_the_result_and_before_the_close(server: Any) -> None:
    await close_again_and_again(server, SHORT)


@pytest.mark.long
async def test_nor_in_two_hundred_rounds_is_one_lost(server: Any) -> None:
    await close_again_and_again(server, LONG)


async def close_again_and_again(server: Any, times: int) -> None:
    rng = random.Random(times)
    hall = await Hall.built(SOCKETS)
    taken = 0
    first = await hall.opens(rng)
    async with oracle.lines_to(server.url, first.clients) as lines:
        for _ in range(times):
            round_ = await hall.opens(rng)
            closed = await vote_and_close(hall, round_, lines, rng)
            await check(round_, closed)
            taken += sum(client.is_acknowledged for client in round_.clients)
    assert 0 < taken < times * SOCKETS  # so the close fell among the ballots
    await oracle.check_journals()


async def vote_and_close(hall: Hall, round_: Round, lines: list[LiveClient], rng: random.Random) -> int:
    async def close() -> int:
        await asyncio.sleep(rng.uniform(0, SPREAD_SECONDS))
        return await actions.close_vote(round_.vote.id, hall.world["chair"])

    casting = [
        oracle.insist(line, round_.vote.id, client, rng.uniform(0, SPREAD_SECONDS))
        for line, client in zip(lines, round_.clients, strict=True)
    ]
    closed, *_ = await asyncio.gather(close(), *casting)
    return int(str(closed))


async def check(round_: Round, closed: int) -> None:
    stored = await oracle.stored_numbers(round_.vote)
    oracle.assert_nothing_twice(stored, await oracle.cast_entries(round_.vote))
    taken = {client.key: [client.answer] for client in round_.clients if client.is_acknowledged}
    assert stored == taken
    assert all(number < closed for numbers in stored.values() for number in numbers)
    refused = [client.answer for client in round_.clients if not client.is_acknowledged]
    assert all(isinstance(answer, Refused) and "closed" in str(answer) for answer in refused)
    told = await Entry.get(topic=f"vote-{round_.vote.id}", kind="vote_closed")
    assert f'"cast":{len(taken)},' in told.body
