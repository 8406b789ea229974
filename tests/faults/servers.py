"""Real servers to break: `deliberate serve` in a process that can be killed.

Loading the application takes a second. A process that has loaded it is forked for each start, so that a test
can afford twenty.
"""

import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from deliberate.rehearsal.server import environment_for, free_port, stop, tail

START_SECONDS = 60
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["deliberate.app", "deliberate.cli", "uvicorn", "tests.faults.servers"])


def serve_as(environment: dict[str, str], log: str) -> None:
    """In the forked process: becomes the server."""
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(out, stream)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["deliberate", "serve"]
    from deliberate.cli import app

    app()


class Server:
    """One process on one port, started as often as it is killed."""

    def __init__(self, folder: Path, database_url: str, **settings: Any) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"server-{self.port}.log"
        self.environment = environment_for(folder / "data", self.port, database_url) | {
            f"DELIBERATE_{name.upper()}": str(value) for name, value in settings.items()
        }
        self.process: BaseProcess | None = None

    async def start(self) -> None:
        self.process = _forks.Process(target=serve_as, args=(self.environment, str(self.log)))
        self.process.start()
        await until_answering(self.port, self.is_alive, self.log)

    def is_alive(self) -> bool:
        return self.process is not None and self.process.is_alive()

    async def ended(self) -> None:
        assert self.process is not None
        await asyncio.to_thread(self.process.join)

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await asyncio.to_thread(self.process.join)

    async def stop(self) -> None:
        if self.process is not None and self.process.is_alive():
            self.process.terminate()
            await asyncio.to_thread(self.process.join, 15)
            self.process.kill()


class Workers:
    """`deliberate serve --workers N`, in a process group of its own."""

    def __init__(self, folder: Path, database_url: str, redis_url: str, workers: int) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "workers.log"
        self.environment = environment_for(folder / "data", self.port, database_url) | {
            "DELIBERATE_REDIS_URL": redis_url,
            "DELIBERATE_REDIS_PREFIX": f"test-{self.port}",
        }
        self.workers = workers
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "deliberate.cli", "serve", "--workers", str(self.workers)),
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        await until_answering(self.port, self.is_alive, self.log)

    def is_alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    def serving(self) -> list[int]:
        """The processes of the workers: the children of the first that are servers."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children if b"spawn_main" in command_of(int(pid))]

    async def stop(self) -> None:
        if self.process is not None:
            await stop(self.process)


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


async def until_answering(port: int, is_alive: Any, log: Path) -> None:
    """The socket is opened when the server has started."""
    for _ in range(START_SECONDS * 100):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if not is_alive():
            break
        await asyncio.sleep(0.01)
    raise AssertionError(f"The server did not start. It said: {tail(log)}")
