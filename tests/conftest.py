"""Fixtures for all tests. Ask for the least: nothing, `database_url`, `database`, `settings`, `server`.

Whatever needs a database runs once on SQLite and once on PostgreSQL; the rest runs once.
"""

import asyncio
import gc
import os
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
import uvicorn
import uvloop
from starlette.applications import Starlette

from deliberate.settings import PREFIX, Settings, ensure_data_dir
from tests.support import postgres_server
from tests.support.databases import Databases, unmigrated_are_upgraded


def pytest_configure(config: pytest.Config) -> None:
    """The settings of whoever runs the tests are not those of the tests."""
    for name in [
        name for name in os.environ if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}TEST_")
    ]:
        del os.environ[name]
    os.environ.pop("PORT", None)
    os.environ[f"{PREFIX}CONFIG"] = ""
    # Databases of tests in memory where there is room: they wait for the disk at each of some 100,000
    # commits.
    memory = Path("/dev/shm")  # noqa: S108
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
    gc.set_threshold(
        100_000, 20, 100
    )  # tests leave much behind, and looking through it takes a tenth of the time
    postgres_server.begin_run()


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], Any]]:
    """The loop that the server runs on when it is not a test's."""
    return {"uvloop": uvloop.new_event_loop}


def pytest_unconfigure(config: pytest.Config) -> None:
    postgres_server.end_run()


@pytest_asyncio.fixture(scope="session")
async def pools() -> AsyncIterator[None]:
    from tests.support.pools import end_pools, keep_pools

    keep_pools()
    yield
    await end_pools()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory, pools: None) -> Iterator[Databases]:
    from tests.support.models import keep_finalised

    keep_finalised()
    found = Databases(tmp_path_factory.mktemp("databases"))
    yield found
    found.close()


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """The engine this test runs on: `pytest -k sqlite` runs one half."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(databases: Databases, engine: str, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database, closed."""
    url = databases.fresh(engine, tmp_path / "deliberate.sqlite3")
    yield url
    databases.give_back(url)


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Any]:
    """The same, open for the models. A test with `server` needs it not: the server opened it."""
    from deliberate.live.database import opened

    async with opened(database_url) as context:
        yield context


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A free port of this machine, ours from now on."""
    with free_port() as free:
        yield free


def free_port() -> socket.socket:
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer takes 40 ms.
    free = socket.socket(proto=socket.IPPROTO_TCP)
    free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    free.bind(("127.0.0.1", 0))
    return free


@pytest.fixture
def settings(database_url: str, listener: socket.socket, tmp_path: Path) -> Settings:
    """Settings that would start, the data directory made. Vary them by `settings.model_copy(update=…)`."""
    made = Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        port=listener.getsockname()[1],
        mail_from="Deliberate <no-reply@example.org>",
        sign_in_limit="1000/minute",
        log_level="warning",
    )
    made.check()
    ensure_data_dir(made)
    return made


class RunningServer:
    """A real server in the loop of the test, reached by real HTTP and WebSocket."""

    def __init__(self, app: Starlette, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.url = settings.public_url
        self.ws_url = self.url.replace("http", "ws", 1)
        self._clients: list[httpx2.AsyncClient] = []

    def client(self, **options: Any) -> httpx2.AsyncClient:
        """A browser of its own, signed out. It sends our Origin and does not follow redirects by itself."""
        headers = {"Origin": self.url, **options.pop("headers", {})}
        client = httpx2.AsyncClient(
            base_url=self.url, headers=headers, verify=NO_TLS, trust_env=False, timeout=120, **options
        )
        self._clients.append(client)
        return client

    async def close_clients(self) -> None:
        for client in self._clients:
            await client.aclose()


NO_TLS = ssl.SSLContext(
    ssl.PROTOCOL_TLS_CLIENT
)  # reading the certificates of the system takes 20 ms a client
Serve = Callable[[Settings, socket.socket], AbstractAsyncContextManager[RunningServer]]


@pytest.fixture
def serve() -> Serve:
    """For a server with settings of the test's own: `async with serve(settings, listener) as server`."""
    return serving


@pytest_asyncio.fixture
async def server(settings: Settings, listener: socket.socket) -> AsyncIterator[RunningServer]:
    async with serving(settings, listener) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Any]:
    """A real browser, started once by each process."""
    from tests.support.browser import running

    async with running() as browser:
        yield browser


class Server(uvicorn.Server):
    """Ends when told, where uvicorn looks every tenth of a second whether it should, and waits another one
    for whoever is still connected.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ended = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)  # the date in the headers
        await self.ended.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)
            return
        for server in self.servers:
            server.close()
            await server.wait_closed()
        for listening in sockets or []:
            listening.close()
        await self.lifespan.shutdown()


@asynccontextmanager
async def serving(settings: Settings, listener: socket.socket) -> AsyncIterator[RunningServer]:
    from deliberate.app import create_app
    from deliberate.voting import deadlines
    from deliberate.web.edge import server_options
    from tests.support.templates import keep_compiled

    keep_compiled()
    deadlines.EVERY_SECONDS = 3600  # tests close by themselves, and pages are counted without its queries
    app = create_app(settings)
    config = uvicorn.Config(app, lifespan="on", **server_options(settings))
    server = Server(config)
    with unmigrated_are_upgraded():
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            if task.done():
                await task  # raises what went wrong
                raise RuntimeError("The server ended before it had started; its log says why.")
            await asyncio.sleep(0.005)
    running = RunningServer(app, settings)
    try:
        yield running
    finally:
        await running.close_clients()
        for _ in range(20):  # until the server, too, knows that they are gone
            if not server.server_state.connections:
                break
            await asyncio.sleep(0.001)
        server.ended.set()
        await task
