"""The server dies at each single write of one ballot to the disk: there is no moment at which it may not."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from deliberate.live import database
from tests.faults import oracle
from tests.faults.oracle import Hall
from tests.faults.servers import Server

SHORT_STEP = 7  # every seventh call, beginning at another one each time


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_ballot_survives_a_death_at_any_write(database_url: str, tmp_path: Path) -> None:
    await die_at(database_url, tmp_path, count(random.randint(1, SHORT_STEP), SHORT_STEP))


@pytest.mark.long
@pytest.mark.parametrize("engine", ["sqlite"])
async def test_nor_at_any_other(database_url: str, tmp_path: Path) -> None:
    await die_at(database_url, tmp_path, count(1))


async def die_at(database_url: str, folder: Path, calls: Iterator[int]) -> None:
    """One ballot and one death for each of `calls`, until a ballot is through before its call comes."""
    rng = random.Random(1)
    async with database.opened(database_url):
        hall = await Hall.built(1)
    server = Server(folder, database_url)
    deaths, rounds = 0, []
    try:
        for call in calls:
            async with database.opened(database_url):
                rounds.append(await hall.opens(rng))
            round_ = rounds[-1]
            await server.start()
            async with oracle.lines_to(server.url, round_.clients) as (line,), dying_at(server, call):
                casting = asyncio.create_task(oracle.cast_once(line, round_.vote.id, round_.clients[0]))
                await asyncio.wait(
                    {casting, asyncio.create_task(server.ended())}, return_when="FIRST_COMPLETED"
                )
            await casting
            died = not server.is_alive()
            await server.stop()
            async with oracle.reopened(database_url):
                await oracle.check_round(round_)
            if not died:
                break
            deaths += 1
            await server.start()
            await oracle.send_again(server.url, round_.vote.id, round_.clients)
            await server.stop()
    finally:
        await server.stop()
    assert deaths >= 2 and rounds[-1].clients[0].is_acknowledged
    async with oracle.reopened(database_url):
        for round_ in rounds:
            await oracle.close_and_count(round_, hall)


@asynccontextmanager
async def dying_at(server: Server, call: int) -> Any:
    """strace kills the server as it enters the `call`-th write or synchronisation of a file, counted from
    now.
    """
    assert server.process is not None
    inject = f"inject=pwrite64,fdatasync,fsync:signal=SIGKILL:when={call}"
    strace = await asyncio.create_subprocess_exec(
        *("strace", "-f", "-o", "/dev/null", "-e", "trace=pwrite64,fdatasync,fsync", "-e", inject),
        *("-p", str(server.process.pid)),
        stderr=asyncio.subprocess.PIPE,
    )
    assert strace.stderr is not None
    said = await strace.stderr.readline()
    assert b"attached" in said, said.decode()
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            strace.terminate()  # lets go of a server that lives
        await strace.wait()
