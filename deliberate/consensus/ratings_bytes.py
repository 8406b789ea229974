"""Ratings out of the bytes of a file that somebody brings, CSV or XLSX."""

import codecs
from collections.abc import Collection

from .ratings_file import Problem, UnreadableRatings, read_ratings
from .table import RatingTable

XLSX, OLD_XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def table_in(content: bytes, known: Collection[str] | None = None) -> RatingTable:
    """The ratings in a CSV or XLSX file. UnreadableRatings lists every problem with its line or row.

    `known` are the items there may be; by default any.
    """
    if content.startswith(XLSX):
        return _in_workbook(content, known)
    if content.startswith(OLD_XLS):
        raise UnreadableRatings([Problem(1, "this is an .xls workbook. Save it as .xlsx or as CSV.")])
    return read_ratings(_decoded(content), known)


def _in_workbook(content: bytes, known: Collection[str] | None) -> RatingTable:
    from .workbook import workbook_text  # openpyxl takes half a second to load

    text, formulas = workbook_text(content)
    try:
        table = read_ratings(text, known)
    except UnreadableRatings as error:
        told = set(map(repr, formulas))  # "'=D5' for an item is not a rating" would say it twice
        others = [each for each in error.problems if each.message.partition(" for ")[0] not in told]
        raise UnreadableRatings([*formulas.values(), *others]) from None
    if formulas:
        raise UnreadableRatings([*formulas.values()])
    return table


def _decoded(content: bytes) -> str:
    """Spreadsheets write UTF-8, with or without its mark, or UTF-16 as "Unicode text"."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if wide else "utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problem = Problem(line, "these letters are not in UTF-8. Save the file as CSV in UTF-8.")
        raise UnreadableRatings([problem]) from None
