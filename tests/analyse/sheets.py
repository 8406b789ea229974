"""Files for the tests of `deliberate analyse`, and the command itself in this process."""

import csv
import json
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from itertools import zip_longest
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from typer.testing import CliRunner, Result

from deliberate.cli import app


def run(*arguments: str | Path, stdin: bytes | None = None, columns: int = 80) -> Result:
    runner = CliRunner(env={"COLUMNS": str(columns), "NO_COLOR": "1"})
    return runner.invoke(app, ["analyse", *map(str, arguments)], input=stdin)


def reported(*arguments: str | Path, stdin: bytes | None = None) -> dict[str, Any]:
    """The JSON of a run that has to succeed."""
    result = run(*arguments, "--json", stdin=stdin)
    assert result.exit_code == 0, result.stderr
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def by_item(told: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["item"]: item for item in told["items"]}


def wide(panels: Mapping[str, Sequence[int]]) -> bytes:
    """A wide CSV with a column for each panel; shorter panels leave their last cells empty."""
    text = StringIO()
    lines = csv.writer(text)
    lines.writerow(["rater", *panels])
    for place, row in enumerate(zip_longest(*panels.values()), 1):
        lines.writerow([f"R{place}", *row])
    return text.getvalue().encode()


def from_counts(low: int, middle: int, high: int) -> list[int]:
    return [2] * low + [5] * middle + [8] * high


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    content = BytesIO()
    book.save(content)
    return content.getvalue()
