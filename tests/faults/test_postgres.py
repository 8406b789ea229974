"""PostgreSQL falls and rises in the middle of a burst: no ballot is lost, and the server finds it again."""

import asyncio
import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deliberate.live import database
from tests.faults import oracle
from tests.faults.oracle import Hall, Round
from tests.faults.servers import Server
from tests.support import postgres_server

VOTERS = 24


@contextmanager
def own_cluster() -> Iterator["Cluster"]:
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - it dies as well in memory
    with tempfile.TemporaryDirectory(prefix="deliberate-faults-", dir=memory) as name:
        cluster = Cluster(Path(name))
        try:
            yield cluster
        finally:
            postgres_server.stop_server(cluster.folder)


class Cluster:
    """A PostgreSQL that is the test's alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = postgres_server.start_server(folder)

    def crash_and_restart(self) -> None:
        data, program = f"{self.folder}/data", f"{postgres_server.find_programs()}/pg_ctl"
        postgres_server.as_postgres(program, "-D", data, "-m", "immediate", "-w", "restart")


@pytest.mark.parametrize("engine", ["postgres"])
async def test_no_ballot_is_lost_when_postgresql_is_restarted_in_a_burst(
    database_url: str, tmp_path: Path
) -> None:
    await restart_again_and_again(database_url, tmp_path, 3)


@pytest.mark.long
@pytest.mark.parametrize("engine", ["postgres"])
async def test_nor_in_fifty_restarts(database_url: str, tmp_path: Path) -> None:
    await restart_again_and_again(database_url, tmp_path, 50)


async def restart_again_and_again(source: str, folder: Path, times: int) -> None:
    rng = random.Random(times)
    with own_cluster() as cluster:
        url = await asyncio.to_thread(copied_into, cluster, source)
        async with database.opened(url):
            hall = await Hall.built(VOTERS)
            rounds = [await hall.opens(rng) for _ in range(times)]
        server = Server(folder, url)
        await server.start()
        try:
            async with oracle.lines_to(server.url, rounds[0].clients) as lines:
                for round_ in rounds:
                    await burst(cluster, round_, lines, rng)
        finally:
            await server.stop()
        async with oracle.reopened(url):
            for round_ in rounds:
                await oracle.close_and_count(round_, hall)


def copied_into(cluster: Cluster, source: str) -> str:
    """The migrated, empty database of this test, on the cluster: migrating anew would take seconds."""
    url = cluster.url.removesuffix("/postgres") + "/faults"
    programs = postgres_server.find_programs()
    dump = cluster.folder / "dump.sql"
    for command in (
        [programs / "psql", "-q", "-c", "CREATE DATABASE faults", cluster.url],
        [programs / "pg_dump", "--no-owner", "-f", dump, source],
        [programs / "psql", "-q", "-f", dump, url],
    ):
        subprocess.run(command, check=True, capture_output=True)
    return url


async def burst(cluster: Cluster, round_: Round, lines: list[oracle.LiveClient], rng: random.Random) -> None:
    """Every voter insists, as a browser does."""
    casting = [
        asyncio.create_task(oracle.insist(line, round_.vote.id, client, rng.uniform(0, 0.3)))
        for line, client in zip(lines, round_.clients, strict=True)
    ]
    await asyncio.sleep(rng.uniform(0.02, 0.25))
    await asyncio.to_thread(cluster.crash_and_restart)
    async with asyncio.timeout(180):
        await asyncio.gather(*casting)
