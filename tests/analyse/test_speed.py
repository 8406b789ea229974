"""60 raters, 2,000 items, 3 rounds: under two seconds on an idle machine.

`deliberate bench --only analyse` measures that; here, beside other tests, it may not take many times as long.
"""

import json
import random
import resource
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECONDS = 10.0  # of the processor: it was 1.5 alone, and 5.3 on a machine that others used


def test_a_large_panel_is_analysed_in_seconds(tmp_path):
    file = tmp_path / "ratings.csv"
    draw = random.Random(7)
    lines = [",".join(["rater", "round", *(f"S{item}" for item in range(2000))])]
    for number in (1, 2, 3):
        for rater in range(60):
            row = draw.choices(range(1, 10), weights=range(1, 10), k=2000)
            lines.append(",".join([f"R{rater}", str(number), *map(str, row)]))
    file.write_text("\n".join(lines))

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "deliberate.cli", "analyse", str(file), "--json"]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    told = json.loads(done.stdout)
    assert (told["panel"]["raters"], told["panel"]["items"], len(told["rounds"]["steps"])) == (60, 2000, 2)
    taken = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert taken < SECONDS, f"{taken:.1f} seconds of the processor"
