"""Ratings out of the file a methodologist brings, CSV or XLSX: all of them, or every reason why not."""

import sys
from pathlib import Path
from unicodedata import category

from deliberate.consensus.ratings_bytes import table_in
from deliberate.consensus.ratings_file import UnreadableRatings
from deliberate.consensus.table import RatingTable

STANDARD_INPUT = "-"


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


def bytes_of(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else None
        raise Unusable([f"{shown_name(path)} cannot be read: {reason or error}."]) from None
