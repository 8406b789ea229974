"""What the tests keep open between them, and what they must not: nobody copies a database that is in use."""

import asyncio
import threading

import pytest

from deliberate.live.database import opened
from tests.support.pools import kept_for


async def open_and_close(url: str) -> None:
    async with opened(url):
        pass


@pytest.mark.parametrize("engine", ["postgres"])
async def test_connections_wait_for_the_next_test_in_the_loop_of_the_tests_alone(database_url: str) -> None:
    waiting = kept_for(database_url)  # the database of an earlier test, perhaps
    elsewhere = threading.Thread(target=lambda: asyncio.run(open_and_close(database_url)))
    elsewhere.start()
    await asyncio.to_thread(elsewhere.join)

    assert kept_for(database_url) == waiting

    await open_and_close(database_url)

    assert len(kept_for(database_url)) >= 1
