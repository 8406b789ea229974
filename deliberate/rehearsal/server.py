"""A real server of our own: `deliberate serve` in a process, on a free port, in a folder thrown away."""

import asyncio
import os
import re
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2

from deliberate.rehearsal.plan import Unexpected

START_SECONDS = 60
LINK = re.compile(r"https?://\S+/sign-in/\S+")


@dataclass(frozen=True)
class House:
    """Where the server is, and the link of an administrator."""

    url: str
    link: str


@asynccontextmanager
async def own_server(database_url: str | None = None) -> AsyncIterator[House]:
    """Started, ready, and stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="deliberate-rehearsal-") as name:
        folder = Path(name)
        log = folder / "server.log"
        port = free_port()
        environment = environment_for(folder / "data", port, database_url)
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "deliberate.cli", "serve"),
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )
        try:
            url = f"http://127.0.0.1:{port}"
            yield House(url, await first_link(url, process, log))
        except Unexpected as error:
            said = tail(log)
            raise Unexpected(f"{error}\nThe server's log ends so:\n{said}" if said else str(error)) from error
        finally:
            await stop(process)
            if process.returncode not in (0, -signal.SIGTERM, -signal.SIGINT):
                sys.stderr.write(f"The server ended with {process.returncode}: {tail(log)}\n")


def environment_for(data: Path, port: int, database_url: str | None) -> dict[str, str]:
    """The settings of whoever rehearses are not those of the server that is thrown away."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DELIBERATE_")}
    kept.pop("PORT", None)
    kept |= {
        "DELIBERATE_CONFIG": "",
        "DELIBERATE_DATA_DIR": str(data),
        "DELIBERATE_HOST": "127.0.0.1",
        "DELIBERATE_PORT": str(port),
        "DELIBERATE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DELIBERATE_LOG_LEVEL": "warning",
        "DELIBERATE_LOG_JSON": "false",
        "PYTHONUNBUFFERED": "1",
    }
    return kept | ({"DELIBERATE_DATABASE_URL": database_url} if database_url else {})


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


async def first_link(url: str, process: asyncio.subprocess.Process, log: Path) -> str:
    """The one line a first start prints, before it serves."""
    reading = asyncio.create_task(read_link(process))
    try:
        async with asyncio.timeout(START_SECONDS):
            await until_ready(url, process)
        async with asyncio.timeout(1):
            return await reading
    except TimeoutError:
        reading.cancel()
    if process.returncode is None:
        raise Unexpected(
            "The database is not fresh: it has an administrator already. Name a new one, or point the "
            "rehearsal at the server with --server and --link."
        )
    raise Unexpected(f"The server did not start. It said: {tail(log)}")


async def read_link(process: asyncio.subprocess.Process) -> str:
    reader = process.stdout
    assert reader is not None  # noqa: S101 - asked for above
    while line := await reader.readline():
        if found := LINK.search(line.decode()):
            return found[0]
    raise TimeoutError


async def until_ready(url: str, process: asyncio.subprocess.Process) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        while process.returncode is None:
            with suppress(httpx2.TransportError):
                if (await client.get(f"{url}/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
    raise TimeoutError


async def stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            async with asyncio.timeout(15):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-2_000:].strip()
