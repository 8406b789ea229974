"""Connections to PostgreSQL that outlive a test: a new one has to learn each table and each statement anew,
which takes longer than most tests.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from deliberate.live.asyncpg_kept import KeptClient

MOST = 4  # pools of up to five connections that wait in one process: the server has a hundred in all

_idle: dict[tuple[Any, ...], asyncpg.Pool] = {}


def keep_pools() -> None:
    """What the product closes waits for the next test on the same database, in the same loop."""
    real_create, real_close = KeptClient.create_pool, KeptClient._close

    async def create_pool(self: KeptClient, **options: Any) -> asyncpg.Pool:
        self.kept_as = key_of(options)
        pool = _idle.pop(self.kept_as, None)
        if pool is None or pool.is_closing():
            return await real_create(self, **options)
        return pool

    async def _close(self: KeptClient) -> None:
        pool = self._pool
        if pool is None or pool.is_closing() or self.kept_as in _idle or is_busy(pool):
            await real_close(self)
            return
        self._pool = None
        _idle[self.kept_as] = pool
        if len(_idle) > MOST:
            await _idle.pop(next(iter(_idle))).close()

    KeptClient.create_pool, KeptClient._close = create_pool, _close


def key_of(options: dict[str, Any]) -> tuple[Any, ...]:
    return (
        asyncio.get_running_loop(),
        options["database"],
        *(f"{name}={options[name]}" for name in sorted(options) if name not in ("loop", "password")),
    )


def is_busy(pool: asyncpg.Pool) -> bool:
    return pool.get_size() > pool.get_idle_size()


def kept_for(url: str) -> list[int]:
    """The processes of the server that wait for the next test on this database."""
    name = urlsplit(url).path.removeprefix("/")
    return [
        holder._con.get_server_pid()
        for key, pool in _idle.items()
        if key[1] == name
        for holder in pool._holders
        if holder.is_connected()
    ]


async def end_pools() -> None:
    """While the loop still runs in which they were opened."""
    while _idle:
        await _idle.popitem()[1].close()
