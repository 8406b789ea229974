"""Connections to PostgreSQL that outlive a test: a new one has to learn each table and each statement anew,
which takes longer than most tests.
"""

import asyncio
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from deliberate.live import asyncpg_kept

MOST = 4  # pools of up to five connections that wait in one process: the server has a hundred in all

_idle: dict[tuple[Any, ...], asyncpg.Pool] = {}
_loop: asyncio.AbstractEventLoop | None = None  # that of the tests; in others, what is closed is closed


class PoolingClient(asyncpg_kept.KeptClient):
    """What the product closes waits for the next test on the same database, in the same loop."""

    kept_as: tuple[Any, ...] = ()

    async def create_pool(self, **options: Any) -> asyncpg.Pool:
        self.kept_as = (
            options["database"],
            *(f"{name}={options[name]}" for name in sorted(options) if name not in ("loop", "password")),
        )
        pool = _idle.pop(self.kept_as, None) if asyncio.get_running_loop() is _loop else None
        return await super().create_pool(**options) if pool is None or pool.is_closing() else pool

    async def _close(self) -> None:
        pool = self._pool
        is_busy = pool and pool.get_size() > pool.get_idle_size()
        is_elsewhere = asyncio.get_running_loop() is not _loop
        if pool is None or pool.is_closing() or is_busy or is_elsewhere or self.kept_as in _idle:
            await super()._close()
            return
        self._pool = None
        _idle[self.kept_as] = pool
        if len(_idle) > MOST:
            await _idle.pop(next(iter(_idle))).close()


def keep_pools() -> None:
    """From now on, in this process, in the loop that runs."""
    global _loop
    _loop = asyncio.get_running_loop()
    asyncpg_kept.client_class = PoolingClient


def kept_for(url: str) -> list[int]:
    """The processes of the server that wait for the next test on this database."""
    name = urlsplit(url).path.removeprefix("/")
    return [
        holder._con.get_server_pid()
        for key, pool in _idle.items()
        if key[0] == name
        for holder in pool._holders
        if holder.is_connected()
    ]


async def end_pools() -> None:
    """While the loop still runs in which they were opened."""
    while _idle:
        await _idle.popitem()[1].close()
