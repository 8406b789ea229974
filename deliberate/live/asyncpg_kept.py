"""Tortoise's PostgreSQL engine, with two things done about its pool of connections.

They go back as they came. asyncpg does not know that and asks the server to forget whatever one may have left
behind (LISTEN, SET, cursors, locks of a session): one more round trip after each query of each page. We leave
nothing. A transaction that is still open is ended all the same.

And they do go back. A task that is cancelled while its transaction begins would keep one for ever, and five
of them the whole process.

The word "asyncpg" in this module's name matters: Tortoise picks its migration editor by it.
"""

from asyncpg.connection import Connection
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections


class KeptConnection(Connection):  # type: ignore[misc]
    def get_reset_query(self) -> str:
        return ""


class KeptTransactionContext(TransactionContextPooled):
    async def __aenter__(self) -> TransactionalDBClient:
        try:
            return await super().__aenter__()
        except BaseException:
            if hasattr(self, "token"):  # it has its connection
                get_connections().reset(self.token)
                await self.client._parent._pool.release(self.client._connection)
            raise


class KeptClient(AsyncpgDBClient):
    connection_class = KeptConnection

    def _in_transaction(self) -> TransactionContext:
        return KeptTransactionContext(TransactionWrapper(self), self._pool_init_lock)


client_class = KeptClient
