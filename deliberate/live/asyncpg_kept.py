"""Tortoise's PostgreSQL engine, whose connections are as they were when they go back to the pool.

asyncpg does not know that and asks the server to forget whatever one may have left behind (LISTEN, SET,
cursors, locks of a session): one more round trip after each query of each page. We leave nothing. A
transaction that is still open is ended all the same.

The word "asyncpg" in this module's name matters: Tortoise picks its migration editor by it.
"""

from asyncpg.connection import Connection
from tortoise.backends.asyncpg.client import AsyncpgDBClient


class KeptConnection(Connection):  # type: ignore[misc]
    def get_reset_query(self) -> str:
        return ""


class KeptClient(AsyncpgDBClient):
    connection_class = KeptConnection


client_class = KeptClient
