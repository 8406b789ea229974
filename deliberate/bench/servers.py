"""Servers in processes of their own, on free ports, stopped at the end."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from deliberate.bench.benchmark import Absent
from deliberate.bench.driver import Address
from deliberate.rehearsal.plan import Unexpected
from deliberate.rehearsal.server import environment_for, free_port, stop, tail, until_ready

START_SECONDS = 60
PRODUCT, ECHO, BROADCAST = "product", "echo", "broadcast"


@dataclass(frozen=True)
class Server:
    address: Address
    pid: int

    def resident_bytes(self) -> int:
        """Memory of the process that is really there."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]
        except OSError:
            raise Absent("Memory is read from /proc, which this system does not have.") from None
        return int(pages) * 4096


@asynccontextmanager
async def running(
    kind: str,
    data: Path,
    database_url: str | None = None,
    workers: int = 1,
    more: Mapping[str, str] | None = None,
) -> AsyncIterator[Server]:
    """The product or a floor. With several workers it is `deliberate serve --workers`."""
    log, port = data / f"{kind}.log", free_port()
    command = ["-m", "deliberate.bench.served", kind]
    if workers > 1:
        command = ["-m", "deliberate.cli", "serve", "--workers", str(workers)]
    with opened_log(log) as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            env={**environment_for(data, port, database_url), **(more or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    try:
        async with asyncio.timeout(START_SECONDS):
            if kind == PRODUCT:
                await until_ready(f"http://127.0.0.1:{port}", process)
            else:
                await until_open(port, process)
        yield Server(("127.0.0.1", port), process.pid)
    except TimeoutError:
        raise Unexpected(f"The {kind} server did not start. It said: {tail(log)}") from None
    except Unexpected as error:
        raise Unexpected(
            f"{error}\nThe log of the {kind} server ends so: {tail(log) or 'nothing'}"
        ) from error
    finally:
        await stop(process)


def opened_log(log: Path) -> BinaryIO:
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.open("wb")


async def until_open(port: int, process: asyncio.subprocess.Process) -> None:
    while process.returncode is None:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        await asyncio.sleep(0.02)
    raise TimeoutError
