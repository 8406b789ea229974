"""A database that is not new is brought to this version."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from deliberate.live import database
from tests.support.migrations import missing

NEWEST = ("record", "0006_unique_content")
INDEX = "record_content_one_record"


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_database_of_an_earlier_version_gets_what_it_lacks(database_url: str) -> None:
    path = database.sqlite_path(database_url)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"DROP INDEX {INDEX}")
        connection.execute("DELETE FROM tortoise_migrations WHERE app = ? AND name = ?", NEWEST)
    assert await database.upgrade(database_url) == [".".join(NEWEST)]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (INDEX,)).fetchone()
    assert await database.upgrade(database_url) == []
    assert list(Path(path).parent.glob("*before-upgrade*"))


async def test_the_migrations_make_every_table_and_column_of_the_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await missing() == []
    own = database.InStoryOrder._full_plan
    monkeypatch.setattr(database.InStoryOrder, "_full_plan", lambda executor: own(executor)[:-2])
    assert [writer.app_label for writer in await missing()] == ["review"]
