"""A table before anybody decides how it looks: words in rows, an item each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """`name` is the item; a `marked` row stands out."""

    name: str
    cells: Sequence[str]
    marked: bool = False


@dataclass(frozen=True)
class Table:
    """`numeric` counts the columns, after the name, that hold numbers and stand to the right."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Row]
    note: str = ""
    numeric: Sequence[int] = ()
