"""Ratings out of the file a methodologist brings, CSV or XLSX: all of them, or every reason why not."""

import codecs
import sys
from pathlib import Path
from unicodedata import category

from deliberate.consensus.ratings_file import Problem, UnreadableRatings, read_ratings
from deliberate.consensus.table import RatingTable

STANDARD_INPUT = "-"
XLSX, OLD_XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class Unusable(Exception):
    """A file that was not taken; `lines` says all that is wrong, a sentence each, with file and line."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def printable(text: str) -> str:
    """`text` without what would steer a terminal: names come from files of strangers."""
    return "".join(char if char.isprintable() or category(char) == "Zs" else "\ufffd" for char in text)


def shown_name(path: str) -> str:
    return printable("standard input" if path == STANDARD_INPUT else path)


def read_table(path: str) -> RatingTable:
    """The ratings in a file, or on standard input. Unusable tells every problem with its line."""
    content = bytes_of(path)
    try:
        return table_in(content)
    except UnreadableRatings as error:
        name = shown_name(path)
        raise Unusable(
            [f"{name}:{each.line}: {printable(each.message)}" for each in error.problems]
        ) from None


def table_in(content: bytes) -> RatingTable:
    """The ratings in the bytes of a CSV or XLSX file. UnreadableRatings lists every problem."""
    if content.startswith(XLSX):
        from deliberate.analyse.workbook import read_workbook  # openpyxl takes half a second to load

        return read_workbook(content)
    if content.startswith(OLD_XLS):
        raise UnreadableRatings([Problem(1, "this is an .xls workbook. Save it as .xlsx or as CSV.")])
    return read_ratings(_decoded(content))


def _decoded(content: bytes) -> str:
    """Spreadsheets write UTF-8, with or without its mark, or UTF-16 as "Unicode text"."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(line, "these letters are not in UTF-8. Save the file as CSV in UTF-8.")
        raise UnreadableRatings([problem]) from None


def bytes_of(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else None
        raise Unusable([f"{shown_name(path)} cannot be read: {reason or error}."]) from None
