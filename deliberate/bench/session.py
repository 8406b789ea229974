"""One run of the benchmarks: each in a folder of its own, one after another, and what the machine is."""

import os
import platform
import resource
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from deliberate import __version__
from deliberate.bench.benchmark import Absent, Benchmark, Sizes, Stage, empty_row, row
from deliberate.bench.catalogue import BENCHMARKS
from deliberate.bench.halls import Halls
from deliberate.rehearsal.plan import Unexpected

OPEN_FILES = 8_192
FULL = Sizes()


async def measured(
    names: Collection[str], runs: int, to_people: Console, sizes: Sizes = FULL
) -> dict[str, Any]:
    """`{"machine": …, "benchmarks": […]}` of those named, or of all."""
    chosen = [each for each in BENCHMARKS if not names or each.name in names]
    allow_many_sockets()
    began, found = time.monotonic(), []
    async with halls_of(runs, sizes) as halls:
        with progress(to_people) as bar:
            task = bar.add_task("bench", total=len(chosen), doing="")
            for benchmark in chosen:
                bar.update(task, description=benchmark.name, doing="")
                found.append(await one(benchmark, halls, partial(tell, bar, task)))
                bar.advance(task)
    return {
        "machine": {**machine(), "seconds": round(time.monotonic() - began, 1)},
        "benchmarks": found,
    }


@asynccontextmanager
async def halls_of(runs: int, sizes: Sizes) -> AsyncIterator[Halls]:
    with temporary() as name:
        async with AsyncExitStack() as stack:
            yield Halls(runs, sizes, Path(name), stack)


def temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="deliberate-bench-")


def progress(to_people: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[doing]}"),
        console=to_people,
        transient=True,
    )


def tell(bar: Progress, task: TaskID, text: str) -> None:
    bar.update(task, doing=text)


async def one(benchmark: Benchmark, halls: Halls, told: Callable[[str], None]) -> dict[str, Any]:
    with temporary() as name:
        try:
            stage = Stage(halls.runs, halls.sizes, Path(name), halls, told)
            return row(benchmark, await benchmark.run(stage))
        except (Absent, Unexpected) as reason:  # the others are still worth measuring
            return empty_row(benchmark, str(reason))


def machine() -> dict[str, Any]:
    """What the figures were taken on, and how busy it was with other things before they were."""
    return {
        "deliberate": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": [round(each, 2) for each in os.getloadavg()],
        "sqlite": sqlite3.sqlite_version,
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


def allow_many_sockets() -> None:
    """Two thousand connections need as many files, here and in the servers, which inherit this."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
