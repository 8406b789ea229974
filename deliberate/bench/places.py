"""Databases of the benchmarks: an SQLite file, or a PostgreSQL database of their own; thrown away."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from deliberate.bench.benchmark import Absent
from deliberate.live import database
from deliberate.settings import Settings, ensure_data_dir

POSTGRES = "DELIBERATE_BENCH_POSTGRES"
LOCAL = "postgres://postgres@127.0.0.1:5432"


@asynccontextmanager
async def opened(data: Path, url: str | None = None) -> AsyncIterator[Settings]:
    """A fresh database, open for the models until the server takes over; SQLite unless `url` names one."""
    settings = Settings(data_dir=data, **({"database_url": url} if url else {}))
    ensure_data_dir(settings)
    await database.upgrade(settings.database_url)
    async with database.opened(settings.database_url):
        yield settings


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """The address of a new, empty database, dropped at the end.

    Raises:
        Absent: there is no server, or nothing to speak to it with.
    """
    try:
        import asyncpg
    except ImportError:
        raise Absent(
            "The driver for PostgreSQL is not installed: pip install 'deliberate[postgres]'."
        ) from None
    server = os.environ.get(POSTGRES, LOCAL).rstrip("/")
    name = f"deliberate_bench_{uuid4().hex[:12]}"
    try:
        connection = await asyncpg.connect(f"{server}/postgres", timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise Absent(
            f"No PostgreSQL answered at {server.rpartition('@')[2]} ({type(error).__name__}). "
            f"Name a server in {POSTGRES}, like {LOCAL}."
        ) from None
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
        yield f"{server}/{name}"
    finally:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.close()


def no_redis(url: str) -> str | None:
    """Why there is no Redis at `url`; None when there is."""
    try:
        import redis
    except ImportError:
        return "the library for Redis is not installed (pip install 'deliberate[redis]')."
    try:
        with redis.Redis.from_url(url, socket_timeout=3) as client:
            client.ping()
    except (OSError, redis.RedisError) as error:
        return f"no Redis answered at {url.rpartition('@')[2]} ({type(error).__name__})."
    return None
