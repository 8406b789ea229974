"""A transaction that is given up gives back what it held."""

import asyncio
from typing import Any

import pytest
from tortoise.backends.asyncpg.client import TransactionWrapper

from deliberate.live.database import writing
from deliberate.live.models import JournalHead
from deliberate.live.sqlite_immediate import ImmediateTransaction

MORE_THAN_THE_POOL_HAS = 8


async def test_a_task_cancelled_while_its_transaction_begins_keeps_no_connection(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MORE_THAN_THE_POOL_HAS):
        await give_up_at_the_beginning(number, monkeypatch)
    async with asyncio.timeout(5), writing():
        await JournalHead.create(id=7)
    assert await JournalHead.all().values_list("id", flat=True) == [7]


async def give_up_at_the_beginning(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has asked the server for its transaction, and is cancelled before it hears the answer."""
    asked = asyncio.Event()

    async def act() -> None:
        async with writing():
            await JournalHead.create(id=number + 100)

    with monkeypatch.context() as patch:
        for client in (ImmediateTransaction, TransactionWrapper):
            begin = client.begin

            async def begin_and_wait(self: Any, begin: Any = begin) -> None:
                await begin(self)
                asked.set()
                await asyncio.Event().wait()

            patch.setattr(client, "begin", begin_and_wait)
        task = asyncio.create_task(act())
        async with asyncio.timeout(5):
            await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
