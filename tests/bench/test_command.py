"""`deliberate bench` as people and scripts meet it."""

import json
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from deliberate.bench import NAMES, report

ROOT = Path(__file__).parents[2]
CONTRACT = {"name": str, "value": float, "unit": str, "floor": float, "ratio": float, "reached": bool}


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deliberate.cli", "bench", *words], capture_output=True, text=True, cwd=ROOT
    )


def test_the_command_prints_one_object_with_machine_and_benchmarks():
    done = command("--only", "analyse", "--runs", "1", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert set(told) == {"machine", "benchmarks"}
    assert told["machine"]["cores"] > 0 and len(told["machine"]["load"]) == 3
    [row] = told["benchmarks"]
    assert {name: type(row[name]) for name in CONTRACT} == CONTRACT
    assert (row["name"], row["goal"], row["runs"]) == ("analyse", 20, 1)


def test_an_unknown_name_is_told_with_those_there_are():
    done = command("--only", "analyze")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no benchmark analyze" in done.stderr and ", ".join(NAMES) in done.stderr


def row(**more: object) -> dict[str, object]:
    made = {"name": "one", "unit": "s", "value": 2.0, "floor": 1.0, "ratio": 2.0, "ratio_min": 1.5}
    return {**made, "ratio_max": 2.5, "goal": 3, "goal_is": "ratio at most", "reached": True, **more}


def printed(*rows: dict[str, object], width: int = 160) -> str:
    machine = {"processor": "P", "cores": 2, "load": [1.0], "seconds": 3.0, "python": "3", "system": "S"}
    console = Console(record=True, width=width)
    report.shown({"machine": machine, "benchmarks": list(rows)}, console)
    return console.export_text()


def test_the_table_says_in_words_what_was_reached_and_what_was_not_measured():
    text = printed(
        row(), row(name="two", reached=False), row(name="three", value=None, absent="There is no server.")
    )
    assert "one" in text and "1.5–2.5" in text and "≤ 3" in text
    assert text.count("reached") == 1 and text.count("missed") == 1 and text.count("not measured") == 1
    assert "three: There is no server." in text


def test_a_bar_passes_the_middle_when_the_goal_is_reached():
    middle = report.BAR // 2
    filled = [
        report.bar(found, goal, at_least).count(report.FULL)
        for found, goal, at_least in [(0.6, 0.6, True), (0.3, 0.6, True), (3, 3, False), (6, 3, False)]
    ]
    assert filled == [middle, middle // 2, middle, middle // 2]
    assert report.bar(1000, 0.1, True).count(report.FULL) == report.BAR


def test_a_narrow_terminal_cuts_nothing_off():
    text = printed(row(name="ballots-http", unit="deliveries/s", value=99_999.0), width=80)
    assert "…" not in text and "99,999 deliveries/s" in text and "ballots-http" in text
