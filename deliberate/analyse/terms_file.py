"""A protocol out of a TOML or JSON file, or every reason why not, with its line where the file tells one."""

import json
import tomllib
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path as File
from typing import Any, TypeVar

from deliberate.analyse.files import Unusable, bytes_of, printable, shown_name
from deliberate.assessments.lines import Path, key_lines
from deliberate.consensus.protocol import Protocol, read_protocol

Lines = Mapping[Path, int]
Content = TypeVar("Content")


def read_terms(path: File) -> Protocol:
    """The protocol in a TOML or JSON file: a table `protocol`, as in an assessment, or bare parameters."""
    name = shown_name(str(path))
    try:
        text = bytes_of(str(path)).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unusable([f"{name}: this is not text in UTF-8. Save it in that encoding."]) from None
    if text.lstrip().startswith("{"):
        return _checked(name, _parsed(name, json.loads, text), {})
    given = _parsed(name, tomllib.loads, text)
    return _checked(name, given, key_lines(text))


def _parsed(name: str, parse: Callable[[str], Content], text: str) -> Content:
    try:
        return parse(text)
    except RecursionError:
        raise Unusable([f"{name}: tables stand too deep in each other."]) from None
    except ValueError as error:
        raise Unusable([f"{name}: this is neither TOML nor JSON: {printable(str(error))}."]) from None


def _checked(name: str, given: Any, lines: Lines) -> Protocol:
    if not isinstance(given, dict):
        raise Unusable([f"{name}: this holds no table of parameters."])
    above: Path = ("protocol",) if isinstance(given.get("protocol"), dict) else ()
    held = given["protocol"] if above else given
    if faults := _faults(held):
        placed = sorted((_line_of(above, key, lines), told) for key, told in faults)
        raise Unusable([f"{name}:{line}: {told}" if line else f"{name}: {told}" for line, told in placed])
    return read_protocol(held)


def _faults(given: dict[str, Any]) -> list[tuple[str, str]]:
    """Every key at fault and what is wrong with it. The reader tells one at a time: what it names is taken
    out, and the rest read again.
    """
    rest, found = deepcopy(given), []
    while True:
        try:
            read_protocol(rest)
        except ValueError as error:
            key = str(error).partition(": ")[0]
            found.append((key, printable(str(error))))
            if _taken_out(rest, key):
                continue
        return found


def _line_of(above: Path, key: str, lines: Lines) -> int:
    """The line of a key, or of the nearest table around it; 0 where neither is written down."""
    path = (*above, *key.split("."))
    tried = [(*above, key), *(path[:length] for length in range(len(path), 0, -1))]  # quoted, it holds dots
    return next((lines[each] for each in tried if each in lines), 0)


def _taken_out(given: dict[str, Any], key: str) -> bool:
    """Whether the fault could be removed, so that what is left can be read."""
    if dotted := [written for written in given if written == key or written.startswith(f"{key}.")]:
        for written in dotted:
            del given[written]
        return True
    *tables, last = key.split(".")
    place: Any = given
    for table in tables:
        place = place.get(table) if isinstance(place, dict) else None
    return isinstance(place, dict) and place.pop(last, None) is not None
