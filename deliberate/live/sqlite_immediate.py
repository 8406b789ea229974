"""Tortoise's SQLite engine, made safe: transactions begin IMMEDIATE and a failed begin frees the lock.

And made quick: the statements of a transaction, and those of the connection that only reads, run where they
are asked. None of them waits for anybody: a transaction holds the write lock, and in WAL a reader needs none.
The way to the connection's thread and back costs more than most of them take; on a busy machine, many times
more. What may wait goes to the thread: the begin for the lock, the commit for the disk, many rows at once and
scripts for their length.

The word "sqlite" in this module's name matters: Tortoise picks its migration editor by it. With the stock
deferred BEGIN most concurrent read-then-write transactions die of "database is locked", busy timeout or not.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import aiosqlite
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError

MANY = 50  # rows: more are worth the way to the thread


def moment_from(stored: bytes) -> datetime:
    """What Tortoise would make of it with regular expressions, in fifteen times the time."""
    return datetime.fromisoformat(stored.decode())


sqlite3.register_converter("timestamp", moment_from)


class InPlace(SqliteClient):
    """Statements that run where they are asked: nothing is awaited, so nobody comes between."""

    @translate_exceptions
    async def execute_query(
        self, query: str, values: list[Any] | None = None
    ) -> tuple[int, Sequence[dict[str, Any]]]:
        return await self.fetch(query, values)

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        _, rows = await self.fetch(query, values)
        return [dict(row) for row in rows]

    async def fetch(self, query: str, values: list[Any] | None) -> tuple[int, Sequence[Any]]:
        """How many rows were changed or found, and the rows."""
        query = query.replace("\x00", "'||CHAR(0)||'")
        async with self.acquire_connection() as connection:
            self.log.debug("%s: %s", query, values)
            before = connection.total_changes
            rows = connection._conn.execute(query, values or ()).fetchall()
            return (connection.total_changes - before) or len(rows), rows


class ImmediateTransaction(InPlace, SqliteTransactionWrapper):
    @translate_exceptions
    async def execute_insert(self, query: str, values: list[Any]) -> int:
        async with self.acquire_connection() as connection:
            self.log.debug("%s: %s", query, values)
            return int(connection._conn.execute(query, values).lastrowid)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        if len(values) > MANY:
            await super().execute_many(query, values)
        else:
            await self.execute_few(query, values)

    @translate_exceptions
    async def execute_few(self, query: str, values: list[list[Any]]) -> None:
        async with self.acquire_connection() as connection:
            self.log.debug("%s: %s", query, values)
            connection._conn.executemany(query, values)

    async def begin(self) -> None:
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransactionManagementError(error) from error


_giving_up: set[asyncio.Task[None]] = set()  # kept alive until they have run


class ImmediateTransactionContext(SqliteTransactionContext):
    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            _giving_up.add(task := asyncio.create_task(self.give_up()))
            task.add_done_callback(_giving_up.discard)
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return cast(TransactionalDBClient, self.connection)

    async def give_up(self) -> None:
        """A BEGIN that nobody waits for any more still comes to its turn in the connection's thread: what it
        opens is ended before the next transaction may begin.
        """
        try:
            connection = self.connection._connection
            await connection._execute(lambda: connection._conn.in_transaction and connection._conn.rollback())
        finally:
            self._trxlock.release()

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        try:
            await super().__aexit__(exc_type, exc_val, exc_tb)
        except BaseException:
            # A commit that failed leaves the transaction open on the one connection: end it, or the next
            # BEGIN fails.
            if self.connection._connection.in_transaction:
                await self.connection._connection.rollback()
            raise


class ImmediateClient(SqliteClient):
    async def create_connection(self, with_db: bool) -> None:
        """As Tortoise does, but open to the thread of the event loop as well."""
        if self._connection:
            return
        self._connection = await aiosqlite.connect(
            self.filename,
            isolation_level=None,
            check_same_thread=False,
            detect_types=sqlite3.PARSE_DECLTYPES,
        )
        self._connection._conn.row_factory = sqlite3.Row
        for pragma, value in self.pragmas.items():
            await (await self._connection.execute(f"PRAGMA {pragma}={value}")).close()
        await self._post_connect()

    def _in_transaction(self) -> TransactionContext:
        return ImmediateTransactionContext(ImmediateTransaction(self), self._lock)


client_class = ImmediateClient
