"""The files a methodologist brings: ratings as CSV or XLSX, a protocol as TOML or JSON. All of it, or none."""

import codecs
import json
import sys
import tomllib
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeVar

from deliberate.assessments.lines import key_lines
from deliberate.consensus.protocol import Protocol, read_protocol
from deliberate.consensus.ratings_file import Problem, UnreadableRatings, read_ratings
from deliberate.consensus.table import RatingTable

STANDARD_INPUT = "-"
XLSX, OLD_XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
Content = TypeVar("Content")


class Unusable(Exception):
    """A file that was not taken; `lines` says all that is wrong, a sentence each, with file and line."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def printable(text: str) -> str:
    """`text` without what would steer a terminal: names come from files of strangers."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def shown_name(path: str) -> str:
    return printable("standard input" if path == STANDARD_INPUT else path)


def read_table(path: str) -> RatingTable:
    """The ratings in a file, or on standard input. Unusable tells every problem with its line."""
    content = _bytes_of(path)
    try:
        return table_in(content)
    except UnreadableRatings as error:
        name = shown_name(path)
        raise Unusable([f"{name}:{each.line}: {printable(each.message)}" for each in error.problems]) from None


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


def read_terms(path: Path) -> Protocol:
    """The protocol in a TOML or JSON file: a table `protocol`, as an assessment has, or the bare parameters."""
    name = shown_name(str(path))
    try:
        text = _bytes_of(str(path)).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unusable([f"{name}: this is not text in UTF-8. Save it in that encoding."]) from None
    if text.lstrip().startswith("{"):
        return _checked(name, _parsed(name, json.loads, text), {})
    given = _parsed(name, tomllib.loads, text)
    return _checked(name, given, key_lines(text))


def _bytes_of(path: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = error.strerror if isinstance(error, OSError) else None
        raise Unusable([f"{shown_name(path)} cannot be read: {reason or error}."]) from None


def _parsed(name: str, parse: Callable[[str], Content], text: str) -> Content:
    try:
        return parse(text)
    except RecursionError:
        raise Unusable([f"{name}: tables stand too deep in each other."]) from None
    except ValueError as error:
        raise Unusable([f"{name}: this is neither TOML nor JSON: {printable(str(error))}."]) from None


def _checked(name: str, given: Any, lines: Mapping[tuple[str | int, ...], int]) -> Protocol:
    """The reader tells one fault at a time: what it names is taken out, and the rest read again."""
    if not isinstance(given, dict):
        raise Unusable([f"{name}: this holds no table of parameters."])
    above = ("protocol",) if isinstance(given.get("protocol"), dict) else ()
    rest = deepcopy(given["protocol"] if above else given)
    found: list[str] = []
    while True:
        try:
            terms = read_protocol(rest)
        except ValueError as error:
            key = str(error).partition(": ")[0]
            line = _line_of((*above, *key.split(".")), lines) or _line_of((*above, key), lines)
            found.append(f"{name}:{line}: {printable(str(error))}" if line else f"{name}: {printable(str(error))}")
            if not _taken_out(rest, key):
                raise Unusable(found) from None
        else:
            if found:
                raise Unusable(found)
            return terms


def _line_of(path: tuple[str, ...], lines: Mapping[tuple[str | int, ...], int]) -> int | None:
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)


def _taken_out(given: dict[str, Any], key: str) -> bool:
    """Whether the fault could be removed, so that what is left can be read."""
    if given.pop(key, None) is not None:  # also a dotted key as it was written
        return True
    *tables, last = key.split(".")
    place: Any = given
    for table in tables:
        place = place.get(table) if isinstance(place, dict) else None
    return isinstance(place, dict) and place.pop(last, None) is not None
