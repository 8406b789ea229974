"""A fresh, migrated database for each test, on SQLite and on PostgreSQL.

One template per engine is migrated by the product's own upgrade and copied for each test: as a file, or by
`CREATE DATABASE … TEMPLATE`. Migrating takes seconds, so a template is kept for as long as no migration
changes: its name holds their fingerprint.
"""

import asyncio
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import asyncpg

from tests.support.pools import kept_for
from tests.support.postgres_server import server_url

migrated: set[str] = set()  # whoever opens one of these need not look for migrations
ENOUGH = 2  # copies in one process: emptying one takes a tenth of the time of making and dropping another
CLEANER = "cleaner of the tests"  # so its connections call themselves
NAME = re.compile(r"deliberate_test_\w+_([0-9a-f]{12})_\w+")


class Databases:
    """Hands out databases and takes them back, in a thread of its own: the loops of the tests come and go."""

    instance: "Databases"  # that of this process

    def __init__(self, folder: Path) -> None:
        Databases.instance = self
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="databases", daemon=True)
        self._thread.start()
        self._sqlite_template: Path | None = None
        self._postgres: PostgresCopies | None = None

    def fresh(self, engine: str, path: Path) -> str:
        """The URL of a new migrated database; on SQLite it is the file `path`."""
        url = self._copy_file(path) if engine == "sqlite" else self._copy_database()
        migrated.add(url)
        return url

    def _copy_database(self) -> str:
        if self._postgres is None:
            self._postgres = self._wait(PostgresCopies.opened(server_url()))
        url: str = self._wait(self._postgres.fresh())
        return url

    def give_back(self, url: str) -> None:
        if self._postgres and url.startswith("postgres"):
            self._start(self._postgres.take_back(url, kept_for(url)))

    def url_of(self, connection: Any) -> str | None:
        """The database that the product has open, if it is one of ours."""
        name = getattr(connection, "filename", None)
        if name is None and self._postgres is not None:
            url = self._postgres.url(connection.database)
        else:
            url = f"sqlite://{name}"
        return url if url in migrated else None

    def rows_of(self, url: str) -> Any:
        """All there is in the database, for `lay`."""
        if self._postgres and url.startswith("postgres"):
            return self._wait(self._postgres.rows_of(url))
        found = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as database:
            database.backup(found)
        return found

    def lay(self, url: str, rows: Any) -> None:
        """Into an empty database, as it was where it was found."""
        if self._postgres and url.startswith("postgres"):
            self._wait(self._postgres.lay(url, rows))
            return
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as database:
            rows.backup(database)

    def close(self) -> None:
        if self._postgres:
            self._wait(self._postgres.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _copy_file(self, path: Path) -> str:
        if self._sqlite_template is None:
            self._sqlite_template = self._sqlite_template_of(fingerprint())
        shutil.copyfile(self._sqlite_template, path)
        path.chmod(0o600)
        return f"sqlite://{path}"

    def _sqlite_template_of(self, digest: str) -> Path:
        kept = Path(tempfile.gettempdir()) / f"deliberate-test-template-{os.getuid()}-{digest}.sqlite3"
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                made = self._folder / "template.sqlite3"
                self._wait(upgrade(f"sqlite://{made}"))
                with closing(sqlite3.connect(made)) as connection:
                    connection.execute(
                        "PRAGMA wal_checkpoint(TRUNCATE)"
                    )  # so that the one file is everything
                shutil.copyfile(made, kept.with_suffix(".part"))
                kept.with_suffix(".part").rename(kept)
        return kept

    def _start(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._start(work).result(timeout=180)


class PostgresCopies:
    """Copies of one template on one server, emptied after each test and used again.

    A process holds an advisory lock that the names of its databases tell: whoever can take it knows that the
    owner is gone, and clears up behind it.
    """

    def __init__(self, server: str, connection: asyncpg.Connection) -> None:
        self._server = server
        self._connection = connection
        self._turn = asyncio.Lock()  # the one connection does one thing at a time
        self._token = secrets.token_hex(6)
        self._template = ""
        self._count = 0
        self._names: set[str] = set()
        self._indexes = ""  # of a migrated database
        self._free: list[str] = []  # empty again, and still as the migrations made them
        self._taken_back = asyncio.Condition()
        self._in_work = 0  # being emptied
        self._cleaners: dict[str, Cleaner] = {}

    @classmethod
    async def opened(cls, server: str) -> "PostgresCopies":
        copies = cls(server, await asyncpg.connect(server))
        await copies._connection.execute("SELECT pg_advisory_lock($1)", int(copies._token, 16))
        await copies._clear_up()
        await copies._make_template()
        return copies

    async def _make_template(self) -> None:
        """Migrated once on this server; the comment on it says that it is whole."""
        digest = fingerprint()
        self._template = f"deliberate_template_{digest}"
        await self._connection.execute("SELECT pg_advisory_lock($1)", int(digest, 16))
        is_whole = await self._connection.fetchval(
            "SELECT shobj_description(oid, 'pg_database') = 'whole' FROM pg_database WHERE datname = $1",
            self._template,
        )
        if not is_whole:
            await self._connection.execute(f'DROP DATABASE IF EXISTS "{self._template}" WITH (FORCE)')
            await self._connection.execute(f'CREATE DATABASE "{self._template}" TEMPLATE "template1"')
            await upgrade(self.url(self._template))
            await self._connection.execute(f"COMMENT ON DATABASE \"{self._template}\" IS 'whole'")
        await self._connection.execute("SELECT pg_advisory_unlock($1)", int(digest, 16))

    async def fresh(self) -> str:
        async with self._taken_back:
            if len(self._names) >= ENOUGH:
                await self._taken_back.wait_for(lambda: self._free or not self._in_work)
            if self._free:
                return self.url(self._free.pop())
        return self.url(await self._copy())

    async def take_back(self, url: str, kept: list[int]) -> None:
        """Emptied and kept for another test:

        making and dropping databases took a quarter of the suite's time.
        """
        self._in_work += 1
        try:
            await self._empty(url, kept)
        finally:
            async with self._taken_back:
                self._in_work -= 1
                self._taken_back.notify_all()

    async def _empty(self, url: str, kept: list[int]) -> None:
        name = urlsplit(url).path.removeprefix("/")
        try:
            cleaner = await self._cleaner_of(url)
            is_clean = await cleaner.clean(self._indexes, kept)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            is_clean = False
        if is_clean:
            self._free.append(name)
        else:
            await self.drop(url)

    async def _cleaner_of(self, url: str) -> "Cleaner":
        name = urlsplit(url).path.removeprefix("/")
        if name not in self._cleaners:
            self._cleaners[name] = await Cleaner.opened(url)
        return self._cleaners[name]

    async def rows_of(self, url: str) -> "Rows":
        return await (await self._cleaner_of(url)).rows()

    async def lay(self, url: str, rows: "Rows") -> None:
        await (await self._cleaner_of(url)).lay(rows)

    async def drop(self, url: str) -> None:
        name = urlsplit(url).path.removeprefix("/")
        if name in self._cleaners:
            self._cleaners.pop(name).connection.terminate()
        async with self._turn:
            await self._connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._names.discard(name)

    async def close(self) -> None:
        for name in sorted(self._names):
            await self.drop(self.url(name))
        await self._connection.close()

    async def _copy(self) -> str:
        self._count += 1
        name = await self._create(str(self._count), of=self._template)
        if not self._indexes:
            connection = await asyncpg.connect(self.url(name))
            self._indexes = await indexes(connection)
            await connection.close()
        return name

    async def _create(self, suffix: str, of: str) -> str:
        name = self._name(suffix)
        async with self._turn:
            await self._connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{of}"')
        self._names.add(name)
        return name

    async def _clear_up(self) -> None:
        for row in await self._connection.fetch("SELECT datname FROM pg_database"):
            found = NAME.fullmatch(row["datname"])
            if found is None or found[1] == self._token:
                continue
            owner = int(found[1], 16)
            if await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", owner):
                await self._connection.execute(f'DROP DATABASE IF EXISTS "{found[0]}" WITH (FORCE)')
                await self._connection.execute("SELECT pg_advisory_unlock($1)", owner)

    def _name(self, suffix: str) -> str:
        return f"deliberate_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{self._token}_{suffix}"

    def url(self, name: str) -> str:
        return urlsplit(self._server)._replace(path=f"/{name}").geturl()


async def indexes(connection: asyncpg.Connection) -> str:
    """Which ones there are. Those of a copy have the numbers of its template; one made anew has another."""
    found: str = await connection.fetchval(
        "SELECT string_agg(oid::text, ' ' ORDER BY oid) FROM pg_class "
        "WHERE relkind = 'i' AND relnamespace = 'public'::regnamespace"
    )
    return found


@dataclass(frozen=True)
class Rows:
    tables: dict[str, bytes]
    numbers: list[tuple[str, int]]  # how far each sequence has come


class Cleaner:
    """Empties one database after each test, and fills it, over a connection it keeps: a new one has to learn
    the tables.
    """

    def __init__(self, connection: asyncpg.Connection, tables: list[str]) -> None:
        self.connection = connection
        self._used = " UNION ALL ".join(
            f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")"  # noqa: S608 - names from the catalogue
            for table in tables
        )

    @classmethod
    async def opened(cls, url: str) -> "Cleaner":
        connection = await asyncpg.connect(url, server_settings={"application_name": CLEANER})
        tables = await connection.fetch(
            "SELECT tablename FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
        )
        # Without the foreign keys' triggers: the order of the tables is of no matter when all are emptied.
        await connection.execute("SET session_replication_role = replica")
        return cls(connection, [row[0] for row in tables])

    async def clean(self, expected: str, kept: list[int]) -> bool:
        """Whether all rows could be removed, the indexes are those `expected`; numbers begin at 1 again.

        Whoever is still connected is not, afterwards, but for the processes `kept`.
        """
        await self.connection.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL($1)",
            kept,
        )
        if await indexes(self.connection) != expected:
            return False  # the test dropped or made one
        work = [f'DELETE FROM "{table}"' for table in await self._used_tables()]  # noqa: S608 - the same
        work += [f"SELECT setval('{name}', 1, false)" for name, _ in await self._numbers()]
        if work:
            await self.connection.execute("; ".join(work))
        return True

    async def rows(self) -> Rows:
        tables = {}
        for table in await self._used_tables():
            found = BytesIO()
            await self.connection.copy_from_table(table, output=found, format="binary")
            tables[table] = found.getvalue()
        return Rows(tables, await self._numbers())

    async def lay(self, rows: Rows) -> None:
        async with self.connection.transaction():
            for table, found in rows.tables.items():
                await self.connection.copy_to_table(table, source=BytesIO(found), format="binary")
            await self.connection.execute(
                "; ".join(f"SELECT setval('{name}', {last})" for name, last in rows.numbers)
            )

    async def _used_tables(self) -> list[str]:
        return [row[0] for row in await self.connection.fetch(self._used)]

    async def _numbers(self) -> list[tuple[str, int]]:
        found = await self.connection.fetch(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' "
            "AND last_value IS NOT NULL AND sequencename <> 'tortoise_migrations_id_seq'"
        )
        return [(row[0], row[1]) for row in found]


async def upgrade(url: str) -> None:
    from deliberate.live import database  # here, for a pure test must not need what the database needs

    await database.upgrade(url)


def fingerprint() -> str:
    """Twelve hex digits of everything a migrated database depends on."""
    root = Path(__file__).parents[2] / "deliberate"
    digest = hashlib.sha256()
    for path in sorted(
        [*root.glob("*/migrations/*.py"), *root.glob("*/models.py"), root / "live/schema.json"]
    ):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def unmigrated_are_upgraded() -> Iterator[None]:
    """A server that starts meanwhile upgrades what was not handed out migrated."""
    from deliberate.live import database

    real = database.upgrade

    async def upgrade(url: str) -> list[str]:
        return [] if url in migrated else await real(url)

    with patch.object(database, "upgrade", upgrade):
        yield
