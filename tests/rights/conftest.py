"""One world for a whole module: refused requests change nothing, and reading changes nothing."""

import hashlib
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
import pytest
import pytest_asyncio

from deliberate.people.models import Person
from deliberate.settings import Settings, ensure_data_dir
from tests.conftest import RunningServer, free_port, serving
from tests.support.builders import sign_in
from tests.support.databases import Databases
from tests.support.objects import Objects, make_everything

ANONYMOUS = "anonymous"
# A checkpoint says again what the journal holds, and is signed by the clock, whoever reads.
NOT_STATE = {"live_checkpoint"}
SEEN = {"people_auth_session": ("seen_at", "idle_at")}


class Scene:
    """A running server with one object of every kind, a browser for each persona, and a look at the
    tables.
    """

    def __init__(self, server: RunningServer, made: Objects) -> None:
        self.server, self.made = server, made
        self.people: dict[str, Person | None] = {
            **made.world.people,
            "rival": made.rival,
            ANONYMOUS: None,
        }
        self.browsers: dict[str, httpx2.AsyncClient] = {}
        self.turn = 0

    def tried_by(self, personas: Iterable[str]) -> list[str]:
        """All of them on SQLite; on PostgreSQL, where the rules are the same, every sixth, each time
        from another one on.
        """
        self.turn += 1
        names = sorted(personas)
        return names if self.server.settings.uses_sqlite else names[self.turn % 6 :: 6]

    async def open_browsers(self) -> None:
        """All at once, for a sign-in is a row, too."""
        for persona in self.people:
            self.browsers[persona] = await self.new_browser(persona)

    async def new_browser(self, persona: str) -> httpx2.AsyncClient:
        """Without sockets in between: rights are the application's, and some ten thousand questions are
        asked here.
        """
        person = self.people[persona]
        cookies = {"deliberate": await sign_in(person)} if person else {}
        transport = httpx2.ASGITransport(self.server.app, raise_app_exceptions=False)
        return self.server.client(cookies=cookies, transport=transport)

    async def digest(self) -> dict[str, str]:
        """Table -> a hash of its rows, so that a difference has a name."""
        url = self.server.settings.database_url
        return await postgres_digest(url) if url.startswith("postgres") else sqlite_digest(url)


def sqlite_digest(url: str) -> dict[str, str]:
    with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
        rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        found = {}
        for (table,) in rows:
            if table in NOT_STATE or table.startswith("sqlite_"):
                continue
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            kept = ", ".join(f'"{name}"' for name in columns if name not in SEEN.get(table, ()))
            rows = connection.execute(f'SELECT {kept} FROM "{table}" ORDER BY 1').fetchall()  # noqa: S608
            found[table] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


async def postgres_digest(url: str) -> dict[str, str]:
    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        parts = []
        for (table,) in names:
            if table in NOT_STATE:
                continue
            row = "to_jsonb(t)" + "".join(f" - '{name}'" for name in SEEN.get(table, ()))
            parts.append(
                f"SELECT '{table}' AS name, md5(coalesce(string_agg(r, '|' ORDER BY r), '')) AS sum "  # noqa: S608
                f'FROM (SELECT ({row})::text AS r FROM "{table}" t) rows'
            )
        return {row["name"]: row["sum"] for row in await connection.fetch(" UNION ALL ".join(parts))}
    finally:
        await connection.close()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest_asyncio.fixture(scope="module")
async def scene(
    databases: Databases, engine: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    folder = tmp_path_factory.mktemp("rights")
    url = databases.fresh(engine, folder / "deliberate.sqlite3")
    with free_port() as listener:
        async with serving(make_settings(url, listener, folder), listener) as server:
            found = Scene(server, await make_everything())
            await found.open_browsers()
            # The journal holds one line a day of a missing declaration; other refusals leave no trace.
            await found.browsers["undeclared"].get(f"/questions/{found.made.question}")
            yield found
    databases.give_back(url)


def make_settings(url: str, listener: socket.socket, folder: Path, **more: Any) -> Settings:
    made = Settings(
        data_dir=folder / "data",
        database_url=url,
        port=listener.getsockname()[1],
        mail_from="Deliberate <no-reply@example.org>",
        sign_in_limit="1000/minute",
        log_level="error",
        **more,
    )
    ensure_data_dir(made)
    return made
