"""A house to walk through: a running server over the world of tests/support/objects.py, and a real
browser.
"""

import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from deliberate.live import database
from deliberate.settings import Settings, ensure_data_dir
from tests.conftest import RunningServer, free_port, serving
from tests.support.browser import Visit, without_complaints
from tests.support.databases import Databases
from tests.support.objects import Objects, make_everything


@dataclass
class House:
    server: RunningServer
    made: Objects
    visit: Visit


@pytest_asyncio.fixture(scope="session")
async def furnished(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Objects]:
    """The world, made once by each process; every test works on a copy of the file."""
    path = tmp_path_factory.mktemp("furnished") / "deliberate.sqlite3"
    url = databases.fresh("sqlite", path)
    async with database.opened(url):
        made = await make_everything()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path, made


@pytest_asyncio.fixture
async def house(chromium: Browser, furnished: tuple[Path, Objects], tmp_path: Path) -> AsyncIterator[House]:
    template, made = furnished
    shutil.copyfile(template, tmp_path / "deliberate.sqlite3")
    with free_port() as listener:
        settings = settings_for(tmp_path, listener)
        async with serving(settings, listener) as server:
            visit = Visit(chromium, server.url)
            try:
                with without_complaints(visit):
                    yield House(server, made, visit)
            finally:
                await visit.close()


def settings_for(folder: Path, listener: socket.socket) -> Settings:
    made = Settings(
        data_dir=folder / "data",
        database_url=f"sqlite://{folder / 'deliberate.sqlite3'}",
        port=listener.getsockname()[1],
        sign_in_limit="1000/minute",
        log_level="error",
    )
    ensure_data_dir(made)
    return made
