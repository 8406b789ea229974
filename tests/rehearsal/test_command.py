"""The command itself: a real server, real clients, the whole story, on both engines."""

import asyncio
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deliberate.rehearsal.browser import Browser
from deliberate.rehearsal.report import Counts
from deliberate.rehearsal.server import environment_for, own_server

ROOT = Path(__file__).resolve().parents[2]
PROMISED = {
    "questions": int,
    "opinions": int,
    "contributions": int,
    "statements_rated": int,
    "ballots_sent": int,
    "ballots_acknowledged": int,
    "ballots_counted": int,
    "refused_as_expected": int,
    "journal_entries": int,
    "record": str,
    "bundle": str,
    "verified": bool,
    "seconds": float,
}
TRIED = {
    "a recused expert voting",
    "a second ballot in a final vote",
    "a ballot after the close",
    "an expert reading a blind opinion",
    "a stakeholder opening a question",
}


def deliberate(folder: Path, *arguments: object) -> tuple[int, str, str]:
    """Runs the command; exit code, standard output, standard error."""
    done = subprocess.run(
        [sys.executable, "-m", "deliberate.cli", *map(str, arguments)],
        cwd=folder,
        env={**environment_for(folder / "unused", 1, None), "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def rehearsed(folder: Path, *arguments: object) -> dict[str, Any]:
    code, out, err = deliberate(folder, "rehearse", "--json", "--out", folder / "out", *arguments)
    assert code == 0, err
    assert out.count("\n") == 1, "one JSON object and nothing else"
    report: dict[str, Any] = json.loads(out)
    return report


def record_of(report: dict[str, Any]) -> Any:
    return json.loads(Path(report["record"]).read_text("utf-8"))


def fresh(engine: str, databases: Any, folder: Path) -> list[object]:
    """SQLite needs no database of ours; PostgreSQL is given an empty one."""
    return (
        [] if engine == "sqlite" else ["--database-url", databases.fresh(engine, folder / "unused.sqlite3")]
    )


def test_the_whole_story_holds_and_every_ballot_is_counted(
    engine: str, databases: Any, tmp_path: Path
) -> None:
    options = fresh(engine, databases, tmp_path)
    report = rehearsed(tmp_path, "--experts", 12, "--seed", 7, *options)

    found = {name: type(report[name]) for name in PROMISED}
    assert found == PROMISED
    assert report["verified"] is True and report["failed_checks"] == []
    assert report["ballots_sent"] == report["ballots_acknowledged"] == report["ballots_counted"] > 300
    assert report["questions"] == 19 and report["statements_rated"] == 51
    assert set(report["refusals"]) >= TRIED
    assert report["refused_as_expected"] == sum(report["refusals"].values())
    check_files(report, tmp_path)


def check_files(report: dict[str, Any], folder: Path) -> None:
    bundle = Path(report["bundle"])
    with zipfile.ZipFile(bundle) as archive:
        assert archive.read("record.json") == Path(report["record"]).read_bytes()
        assert archive.read("journal.jsonl").count(b"\n") == report["journal_entries"]
    assert "<html" in Path(report["page"]).read_text("utf-8")

    code, out, _ = deliberate(folder, "verify", bundle)
    assert code == 0 and "FAILED" not in out
    flipped = bytearray(bundle.read_bytes())
    flipped[len(flipped) // 3] ^= 1
    bundle.write_bytes(bytes(flipped))
    code, out, _ = deliberate(folder, "verify", bundle)
    assert code != 0 and "FAILED" in out


async def test_a_running_server_is_played_on_once_with_the_ratings_of_a_file(tmp_path: Path) -> None:
    """Eight raters of one mind in an assessment with one group, where no organisation is heard.

    A rehearsal needs its assessment to itself: the second one says so, and changes nothing.
    """
    rows = [f"rater {number},infection,8,2,NSP" for number in range(8)]
    csv = tmp_path / "ratings.csv"
    csv.write_text("\n".join(["rater,group,I-1.1,I-1.2,I-1.3", *rows]), "utf-8")
    small = ["--assessment", str(ROOT / "tests" / "rehearsal" / "small.toml"), "--ratings", str(csv)]
    async with own_server() as house:
        administrator = Browser(house.url, "the administrator", Counts())
        await administrator.sign_in(house.link)

        async def run() -> tuple[int, str, str]:
            link = (await administrator.post("/sign-ins/link"))["link"]
            there = ["--server", house.url, "--link", link, "--out", str(tmp_path / "out")]
            return await asyncio.to_thread(deliberate, tmp_path, "rehearse", "--json", *there, *small)

        code, out, err = await run()
        assert code == 0, err
        report = json.loads(out)
        assert (report["verified"], report["experts"], report["contributions"]) == (True, 8, 0)
        assert report["ballots_counted"] == report["ballots_sent"] > 0
        told = json.dumps(record_of(report))
        assert '"frequencies": [0, 0, 0, 0, 0, 0, 0, 8, 0]' in told
        assert '"frequencies": [0, 8, 0, 0, 0, 0, 0, 0, 0]' in told

        code, out, err = await run()
        assert (code, out) == (1, "")
        assert "already has an assessment called small" in err
        await administrator.close()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--assessment", "missing.toml"], "cannot be read"),
        (["--ratings", "missing.csv"], "cannot be read"),
        (["--server", "http://127.0.0.1:9"], "--link"),
        (["--server", "http://127.0.0.1:9", "--link", "http://127.0.0.1:9/sign-in/x"], "got no answer"),
    ],
)
def test_what_cannot_be_played_is_refused_in_a_sentence(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    code, out, err = deliberate(tmp_path, "rehearse", "--json", "--out", tmp_path / "out", *arguments)
    assert code == 1 and out == ""
    assert sentence in err
