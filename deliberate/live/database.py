"""The database: which engine, how it is opened, upgraded and checked. Nothing here knows what the tables
mean.

SQLite has two connections: one that writes, one that only reads, so that no page waits behind a commit.
Inside `writing()` every query goes to the writing connection; outside, reads go to the other one. PostgreSQL
has its pool.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import io
import json
import os
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.fields.relational import RelationalField
from tortoise.migrations.api import plan
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.transactions import in_transaction

from deliberate.errors import Unconfirmed

# Story order: a table may point only at tables of packages before it. `live` comes after people: an entry
# has an actor.
APPS = (
    "people",
    "live",
    "mail",
    "assessments",
    "interests",
    "evidence",
    "questions",
    "voting",
    "meetings",
    "hearings",
    "record",
    "review",
)

_writing: ContextVar[bool] = ContextVar("writing", default=False)
when_unconfirmed: list[Callable[[], None]] = []  # called once a commit has failed: the process should leave


class UnsafeDatabase(Exception):
    """The database would lose acknowledged ballots, or is not the one this version expects."""


class ReadRouter:
    """Sends reads to the read-only connection, unless a transaction of ours is under way."""

    def db_for_read(self, model: type) -> str:
        return "default" if _writing.get() else "reading"

    def db_for_write(self, model: type) -> str:
        return "default"


def config(url: str) -> dict[str, Any]:
    """Tortoise's configuration for `url` (`sqlite:///path` or `postgres://…`)."""
    apps = {
        name: {
            "models": [f"deliberate.{name}.models"],
            "default_connection": "default",
            "migrations": f"deliberate.{name}.migrations",
        }
        for name in APPS
    }
    connections = sqlite_connections(sqlite_path(url)) if is_sqlite(url) else postgres_connections(url)
    return {
        "connections": connections,
        "apps": apps,
        "routers": [ReadRouter] if is_sqlite(url) else [],
        "use_tz": True,
        "timezone": "UTC",
    }


def is_sqlite(url: str) -> bool:
    return urlsplit(url).scheme == "sqlite"


def sqlite_path(url: str) -> Path:
    """`sqlite:///var/lib/x.db` is absolute; `sqlite://x.db` is relative to the working directory."""
    return Path(unquote(url.removeprefix("sqlite://"))).resolve()


def sqlite_connections(path: Path) -> dict[str, Any]:
    # synchronous=FULL is SQLite's default and the promise of every acknowledgement; check_safety reads it
    # back. journal_size_limit=-1: Tortoise's own default truncates the WAL at each commit and costs 1.6
    # times.
    pragmas = {"journal_mode": "WAL", "synchronous": "FULL", "busy_timeout": 10000, "journal_size_limit": -1}
    found = {"file_path": str(path), **pragmas}
    return {
        "default": {"engine": "deliberate.live.sqlite_immediate", "credentials": found},
        "reading": {
            "engine": "deliberate.live.sqlite_reading",
            "credentials": {**found, "query_only": "ON"},
        },
    }


def postgres_connections(url: str) -> dict[str, Any]:
    return {"default": {**expand_db_url(url), "engine": "deliberate.live.asyncpg_kept"}}


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[TortoiseContext]:
    """The database, open and safe, until the end of the block.

    Raises:
        UnsafeDatabase: it is not durable, or its migrations are not those of this version.
    """
    EXECUTOR_CACHE.clear()  # Tortoise keeps statements by connection name: another engine may have been open
    # The fallback lets request tasks, which do not inherit this task's context, find the connections.
    context = await Tortoise.init(config=config(url), _enable_global_fallback=True)
    try:
        await check_safety(url)
        yield context
    finally:
        await context.close_connections()


async def check_safety(url: str) -> None:
    """Reads back what durability stands on. No setting relaxes it."""
    connection = connected()
    if is_sqlite(url):
        mode = await value(connection, "PRAGMA journal_mode")
        level = await value(connection, "PRAGMA synchronous")
        if str(mode).lower() != "wal" or int(level) < 2:
            raise UnsafeDatabase(f"SQLite must run in WAL with synchronous FULL; found {mode} and {level}.")
        return
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        found = await value(connection, f"SHOW {name}")
        if found not in ("on", "remote_apply", "remote_write"):
            raise UnsafeDatabase(f"PostgreSQL must run with {name} on; found {found}.")


@asynccontextmanager
async def writing() -> AsyncIterator[BaseDBAsyncClient]:
    """One transaction on the writing connection; a nested one is a savepoint.

    A commit that fails is never retried: nobody knows whether it reached the disk, so the answer is
    Unconfirmed.
    """
    outermost = not _writing.get()
    token = _writing.set(True)
    finished = False
    try:
        async with in_transaction("default") as connection:
            yield connection
            finished = True
    except Exception as error:
        if outermost and finished:
            for leave in when_unconfirmed:
                leave()
            raise Unconfirmed(
                "The database did not confirm this. Reload the page to see whether it was stored, and if "
                "not, do it again."
            ) from error
        raise
    finally:
        _writing.reset(token)


def is_writing() -> bool:
    """Whether the current task is inside `writing()`."""
    return _writing.get()


def connected() -> BaseDBAsyncClient:
    """The writing connection, for the few places that speak SQL."""
    return get_connection("default")


def connected_to_read() -> BaseDBAsyncClient:
    """Where the ORM would read: in the transaction under way, else where no commit is waited for."""
    found = connected()
    is_apart = found.capabilities.dialect == "sqlite" and not is_writing()
    return get_connection("reading") if is_apart else found


async def value(connection: BaseDBAsyncClient, sql: str) -> Any:
    """The first column of the first row."""
    rows = await connection.execute_query_dict(sql)
    return next(iter(rows[0].values())) if rows else None


async def is_writable() -> bool:
    """Whether a write transaction can be begun and ended right now."""
    async with asyncio.timeout(2), in_transaction("default"):
        return True


async def upgrade(url: str) -> list[str]:
    """Brings the database to this version, once, under a file lock, after a backup. Returns what was applied.

    Raises:
        UnsafeDatabase: the result is not the schema this version expects; the backup stands beside the file.
    """
    with upgrade_lock(url):
        pending = await pending_migrations(url)
        if not pending:
            return []
        if is_sqlite(url):
            back_up_sqlite(sqlite_path(url))
        try:
            await migrate(url)
        finally:
            await Tortoise.close_connections()
        await verify_schema(url)
        return pending


class Additive(State):
    """What stands after a step, made anew as far as the step needs it: its models, and what they point at.

    For steps that change or remove, Tortoise makes all that hangs together anew, twice; we have none of them,
    and no query is ever built through these models.
    """

    def clone(self) -> State:
        return self

    def reload_model(self, app_label: str, model_name: str) -> None:
        self.reload_models([(app_label, model_name)])

    def reload_models(self, model_tuples: Iterable[tuple[str, str]]) -> None:
        self.apps = StateApps(dict.fromkeys(APPS, "default"))
        wanted = [key for key in model_tuples if key in self.models]
        for key in wanted:
            found = self.models[key]
            self.apps.register_model(key[0], found.render(self.apps))
            points_at = {
                self.apps.split_reference(field.model_name)  # type: ignore[attr-defined]
                for field in found.fields.values()
                if isinstance(field, RelationalField)
            }
            wanted += (points_at & self.models.keys()) - set(wanted)  # the loop goes on with them
        self.apps._init_relations()


class InStoryOrder(MigrationExecutor):
    """Tortoise works out what is applied in the order of the alphabet. Where a database is not new, it then
    misses what an app points at: its migrations depend on none of another app, the story is their order.
    """

    def _full_plan(self) -> list[MigrationKey]:
        return sorted(super()._full_plan(), key=lambda key: (APPS.index(key.app_label), key.name))

    async def _project_state(self, applied: set[MigrationKey], *, upto: MigrationKey | None = None) -> State:
        state = Additive({}, StateApps(dict.fromkeys(APPS, "default")))
        for key in self._full_plan():
            if key == upto:
                break
            if key in applied and (migration := self.loader.graph.nodes[key]) is not None:
                await migration.apply(state, dry_run=True)
        return state


async def migrate(url: str) -> None:
    found = config(url)
    await Tortoise.init(config=found, init_connections=False)
    executor = InStoryOrder(get_connection("default"), found["apps"])
    await executor.migrate([MigrationTarget(app, "__latest__") for app in APPS])


async def pending_migrations(url: str) -> list[str]:
    """The migrations this database still lacks, in order, as `app.name`."""
    try:
        # Tortoise prints the plan as well: standard output belongs to our commands.
        with contextlib.redirect_stdout(io.StringIO()):
            lines = await plan(config=config(url))
        return [line.removeprefix("+ ") for line in lines if line.startswith("+ ")]
    finally:
        await Tortoise.close_connections()


async def verify_schema(url: str) -> None:
    """Compares tables, columns and indexes with the fingerprint that travels with the code."""
    found = await read_schema(url)
    expected = json.loads(resources.files("deliberate.live").joinpath("schema.json").read_text("utf-8"))
    kind = "sqlite" if is_sqlite(url) else "postgres"
    if found != expected[kind]:
        names = sorted(set(map(str, found)) ^ set(map(str, expected[kind])))
        raise UnsafeDatabase(f"The schema differs from what this version expects: {', '.join(names)[:600]}")


async def read_schema(url: str) -> list[str]:
    """Every column and index, one line each, sorted: `table.column type null` and `table index (…)`."""
    context = await Tortoise.init(config=config(url))
    try:
        connection = context.db("default")
        return await (sqlite_schema(connection) if is_sqlite(url) else postgres_schema(connection))
    finally:
        await context.close_connections()


async def sqlite_schema(connection: BaseDBAsyncClient) -> list[str]:
    broken = await connection.execute_query_dict("PRAGMA foreign_key_check")
    if broken:
        raise UnsafeDatabase(f"Rows point at rows that do not exist: {broken[:5]}")
    rows = await connection.execute_query_dict(
        'SELECT m.name AS t, p.name AS c, p.type AS k, p."notnull" AS n FROM sqlite_master m '
        "JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'"
    )
    lines = [f"{row['t']}.{row['c']} {row['k']}{'' if row['n'] else ' null'}" for row in rows]
    rows = await connection.execute_query_dict(
        "SELECT tbl_name AS t, type AS y, name AS i, sql AS s FROM sqlite_master "
        "WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    )
    return sorted(
        lines
        + [f"{row['t']} {row['y']} {row['i']}{' unique' if 'UNIQUE' in row['s'] else ''}" for row in rows]
    )


async def postgres_schema(connection: BaseDBAsyncClient) -> list[str]:
    rows = await connection.execute_query_dict(
        "SELECT table_name AS t, column_name AS c, data_type AS k, is_nullable AS n "
        "FROM information_schema.columns WHERE table_schema = current_schema()"
    )
    lines = [f"{row['t']}.{row['c']} {row['k']}{' null' if row['n'] == 'YES' else ''}" for row in rows]
    rows = await connection.execute_query_dict(
        "SELECT tablename AS t, indexname AS i, indexdef AS s FROM pg_indexes "
        "WHERE schemaname = current_schema()"
    )
    return sorted(
        lines + [f"{row['t']} index {row['i']}{' unique' if 'UNIQUE' in row['s'] else ''}" for row in rows]
    )


def back_up_sqlite(path: Path) -> Path | None:
    """A whole copy beside the file, named by the moment, before anything is changed."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    copy = path.with_name(f"{path.stem}-before-upgrade-{datetime.now(UTC):%Y%m%dT%H%M%S%f}{path.suffix}")
    with sqlite3.connect(path) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    os.chmod(copy, 0o600)
    return copy


@contextmanager
def upgrade_lock(url: str) -> Iterator[None]:
    """One upgrade at a time on this machine; the migrations themselves take no lock."""
    name = sqlite_path(url).with_suffix(".upgrade-lock") if is_sqlite(url) else lock_for_server(url)
    name.parent.mkdir(parents=True, exist_ok=True)
    with name.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def lock_for_server(url: str) -> Path:
    return (
        Path(tempfile.gettempdir())
        / f"deliberate-upgrade-{hashlib.sha256(url.encode()).hexdigest()[:16]}.lock"
    )


def migration_names(package: str) -> Sequence[str]:
    """The migration files of one package, in order."""
    folder = resources.files(f"deliberate.{package}").joinpath("migrations")
    names = (entry.name for entry in folder.iterdir())
    return sorted(name.removesuffix(".py") for name in names if name[0].isdigit())
