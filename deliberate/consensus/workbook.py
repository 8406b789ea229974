"""The first sheet of an XLSX workbook as the text of a CSV file, a line per row: line numbers are its rows.

No formula is computed, and none is taken: what another program last made of it may not be what it says.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from .sheet import Problem, UnreadableRatings

LARGEST_BYTES = 300_000_000  # unpacked; a panel of 200 raters by 2,000 items by 3 rounds has a tenth of it


def workbook_text(content: bytes) -> tuple[str, dict[str, Problem]]:
    """The first sheet as CSV, and a problem for each formula, by what stands in its place in the text."""
    formulas: dict[str, Problem] = {}
    rows = list(_rows(content, formulas))
    return _as_csv(rows), formulas


def _rows(content: bytes, formulas: dict[str, Problem]) -> Iterator[list[str]]:
    """Every row from the first, empty ones too. A formula leaves its place, `=D5`, and a problem."""
    try:
        _check_size(content)
        book = load_workbook(BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its size need not be so
        for number, row in enumerate(sheet.iter_rows(), 1):
            for cell in (each for each in row if each.data_type == "f"):
                formulas[f"={cell.coordinate}"] = Problem(
                    number,
                    "the cell {cell} holds a formula. Copy the column and paste it as values.",
                    {"cell": cell.coordinate},
                )
            yield [_text(cell.value) if cell.data_type != "f" else f"={cell.coordinate}" for cell in row]
    except UnreadableRatings:
        raise
    except Exception as error:  # a damaged workbook breaks anywhere inside openpyxl
        reason = re.sub(r"\s+", " ", str(error)).strip() or type(error).__name__
        raise UnreadableRatings(
            [Problem(1, "this workbook cannot be read ({reason}).", {"reason": reason})]
        ) from error


def _check_size(content: bytes) -> None:
    try:
        with ZipFile(BytesIO(content)) as archive:
            size = sum(file.file_size for file in archive.infolist())
    except BadZipFile:
        raise UnreadableRatings([Problem(1, "this workbook is damaged. Save it again.")]) from None
    if size > LARGEST_BYTES:
        raise UnreadableRatings(
            [Problem(1, "this workbook unpacks to {size} bytes. Save its sheet as CSV.", {"size": size})]
        )


def _text(value: Any) -> str:
    """A cell on one line; 7.0 is 7, for spreadsheets keep whole numbers either way."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return " ".join(str(value).encode("utf-8", "replace").decode().split())


def _as_csv(rows: Sequence[Sequence[str]]) -> str:
    """Rows as wide as the header, where nothing but empty cells is cut off or added."""
    width = next((len(_trimmed(row)) for row in rows if any(row)), 0)
    lines = []
    for row in rows:
        kept = _trimmed(row)
        cells = [*kept, *[""] * (width - len(kept))]
        lines.append(",".join('"' + cell.replace('"', '""') + '"' for cell in cells))
    return "\n".join(lines)


def _trimmed(row: Sequence[str]) -> Sequence[str]:
    """Without the empty cells at its end."""
    last = max((place for place, cell in enumerate(row) if cell), default=-1)
    return row[: last + 1]
