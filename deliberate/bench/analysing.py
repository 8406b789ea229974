"""`analyse`: a large panel's statistics, against numpy that merely reads the same file; whole processes."""

import asyncio
import importlib.util
import random
import sys
import time

from deliberate.bench.benchmark import Absent, Found, Stage, interleaved
from deliberate.rehearsal.plan import Unexpected

READ = (
    "import sys, numpy; file = sys.argv[1]; "
    "columns = range(1, 1 + open(file).readline().count(',')); "
    "numpy.loadtxt(file, delimiter=',', skiprows=1, usecols=columns)"
)


async def analyse(stage: Stage) -> Found:
    if importlib.util.find_spec("numpy") is None:
        raise Absent(
            "numpy reads the file for the floor, and is not installed: pip install 'deliberate[bench]'."
        )
    file = stage.folder / "ratings.csv"
    file.write_text(ratings(stage.sizes.raters, stage.sizes.items))

    async def ours() -> float:
        return await seconds("-m", "deliberate.cli", "analyse", str(file), "--json")

    async def floor() -> float:
        return await seconds("-c", READ, str(file))

    return await interleaved(stage, ours, floor)


def ratings(raters: int, items: int) -> str:
    """A wide file of three rounds that agree more and more; the seed is fixed, the file always the same."""
    draw = random.Random(7)
    lines = [",".join(["rater", "round", *(f"S{item}" for item in range(items))])]
    for number in (1, 2, 3):
        for rater in range(raters):
            row = draw.choices(range(1, 10), weights=[weight**number for weight in range(1, 10)], k=items)
            lines.append(",".join([f"R{rater}", str(number), *map(str, row)]))
    return "\n".join(lines)


async def seconds(*command: str) -> float:
    """Of the whole process, from its start to its end."""
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    _, said = await process.communicate()
    if process.returncode:
        raise Unexpected(f"{' '.join(command[:3])} ended with {process.returncode}: {said[-500:].decode()}")
    return time.perf_counter() - began
