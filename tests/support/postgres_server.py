"""The PostgreSQL server of the tests, or a failure: what holds on one engine only is no rule.

It is the one `DELIBERATE_TEST_POSTGRES` names, else the one of this machine, else one of our own, started for
this run and stopped at its end.
"""

import asyncio
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import asyncpg

NAMED = "DELIBERATE_TEST_POSTGRES"
USUAL = "postgres://postgres@127.0.0.1:5432/postgres"
RUN = "DELIBERATE_TEST_RUN"  # the directory of this run, shared by its processes
RUN_PREFIX = "deliberate-tests-"

_alive: IO[str] | None = None  # locked as long as the run lives


class NoPostgres(Exception):
    """The tests need a PostgreSQL server and could neither find nor start one."""


def server_url() -> str:
    """The server to test on.

    Raises:
        NoPostgres: with a sentence on what to do.
    """
    if named := os.environ.get(NAMED):
        if problem := unreachable(named):
            raise NoPostgres(f"{NAMED} names {urlsplit(named).hostname}, where we cannot work: {problem}")
        return named
    return own_server() if unreachable(USUAL) else USUAL


def begin_run() -> None:
    """In the first process of a run: makes its directory, and ends the servers of runs that were killed."""
    global _alive
    if RUN in os.environ:
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{RUN_PREFIX}*"):
        with suppress(OSError, NoPostgres), (folder / "alive").open("r+") as alive:
            fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            stop_server(folder)
            shutil.rmtree(folder, ignore_errors=True)
    run = Path(tempfile.mkdtemp(prefix=RUN_PREFIX))
    _alive = (run / "alive").open("w")
    fcntl.flock(_alive, fcntl.LOCK_EX)
    os.environ[RUN] = str(run)


def end_run() -> None:
    """In the same process, at the end."""
    global _alive
    if _alive is None:
        return
    run = Path(os.environ.pop(RUN))
    with suppress(NoPostgres):
        stop_server(run)
    shutil.rmtree(run, ignore_errors=True)
    _alive.close()
    _alive = None


def own_server() -> str:
    """Started by the first process of the run that needs it."""
    run = Path(os.environ[RUN])
    with (run / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        address = run / "address"
        if not address.exists():
            address.write_text(start_server(run))
        return address.read_text()


def start_server(run: Path) -> str:
    programs = find_programs()
    data = run / "data"
    data.mkdir(mode=0o700)
    run.chmod(0o711)  # PostgreSQL refuses to run as root, and must reach its directory
    if os.geteuid() == 0:
        shutil.chown(data, "postgres", "postgres")
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-p {port} -k {data} -c listen_addresses=127.0.0.1"
    as_postgres(
        f"{programs}/initdb", "-D", f"{data}", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C"
    )
    as_postgres(f"{programs}/pg_ctl", "-D", f"{data}", "-w", "-l", f"{data}/log", "-o", options, "start")
    return f"postgres://postgres@127.0.0.1:{port}/postgres"


def stop_server(run: Path) -> None:
    if (run / "data" / "postmaster.pid").exists():
        as_postgres(f"{find_programs()}/pg_ctl", "-D", f"{run}/data", "-m", "immediate", "stop")


def as_postgres(*command: str) -> None:
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryFile(
        "w+"
    ) as said:  # a pipe would stay open in the server, and we would wait for ever
        done = subprocess.run(
            [*prefix, *command], cwd="/", stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False
        )
        said.seek(0)
        if done.returncode:
            raise NoPostgres(f"{Path(command[0]).name} failed: {said.read().strip()}")


def find_programs() -> Path:
    """Where initdb and pg_ctl lie; root on Debian installs them."""
    if found := installed_programs():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
            subprocess.run(
                ["apt-get", "-qq", *command], env=environment, stdout=subprocess.DEVNULL, check=False
            )
        if found := installed_programs():
            return found
    raise NoPostgres(
        "The tests need PostgreSQL, and there is none. Install it (Debian: apt-get install postgresql), "
        f"or name a server in {NAMED}, where test databases may be made."
    )


def installed_programs() -> Path | None:
    """Debian keeps them out of PATH, by version."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda folder: float(folder.parent.name))
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def unreachable(url: str) -> str | None:
    """Why we cannot work there, or None."""
    problems: list[str] = []

    async def connect() -> None:
        try:
            connection = await asyncpg.connect(url, timeout=5)
            await connection.close()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            problems.append(str(error) or type(error).__name__)

    thread = threading.Thread(target=lambda: asyncio.run(connect()))  # a test's loop may own this thread
    thread.start()
    thread.join()
    return problems[0] if problems else None
