"""The kinds of value a protocol parameter may hold: how each is checked, kept and written to JSON."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .exact import Exact, exact, plain


@dataclass(frozen=True)
class Kind:
    """`read` returns the value as kept, hashable and exact, or raises ValueError; `write` gives plain JSON.

    `allowed` lists the choices where there are any, for a form to offer.
    """

    read: Callable[[Any], Any]
    write: Callable[[Any], Any] = lambda value: value
    allowed: tuple[str | int, ...] = ()


def one_of(*allowed: str | int) -> Kind:
    def read(value: object) -> object:
        if isinstance(value, bool) or value not in allowed:
            raise ValueError(f"{value!r} is not one of {', '.join(map(str, allowed))}")
        return allowed[allowed.index(value)]

    return Kind(read, allowed=allowed)


def flag() -> Kind:
    def read(value: object) -> bool:
        if not isinstance(value, bool):
            raise ValueError(f"{value!r} is neither true nor false")
        return value

    return Kind(read)


def whole(lowest: int, highest: int) -> Kind:
    def read(value: object) -> int:
        return _whole(value, lowest, highest)

    return Kind(read)


def number(lowest: int, highest: int) -> Kind:
    """A number kept exactly: 0.1 is one tenth."""

    def read(value: object) -> Exact:
        if isinstance(value, str):
            raise ValueError(f"{value!r} is text, not a number")
        return _inside(exact(value), lowest, highest)

    return Kind(read, plain)


def half_points(lowest: int, highest: int) -> Kind:
    """A number that a median can reach, such as 3 or 3.5."""
    any_number = number(lowest, highest)

    def read(value: object) -> Exact:
        found: Exact = any_number.read(value)
        if (2 * found).denominator != 1:
            raise ValueError(f"{value!r} is neither a whole nor a half point")
        return found

    return Kind(read, plain)


def share() -> Kind:
    """A part of the whole, above 0 and up to 1, written as a fraction: "2/3"."""

    def read(value: object) -> Fraction:
        found = Fraction(exact(value))
        if not 0 < found <= 1:
            raise ValueError(f"{value!r} is not a share above 0 and up to 1")
        return found

    return Kind(read, lambda found: f"{found.numerator}/{found.denominator}")


def span(lowest: int, highest: int, item: Kind | None = None) -> Kind:
    """Two numbers, the second not below the first."""
    item = item or whole(lowest, highest)

    def read(value: object) -> tuple[Any, Any]:
        ends = [item.read(end) for end in _items(value)]
        if len(ends) != 2 or ends[0] > ends[1]:
            raise ValueError(f"{value!r} is not a pair of numbers, smaller first")
        return ends[0], ends[1]

    return Kind(read, lambda ends: [item.write(end) for end in ends])


def words(*allowed: str, every: bool = False) -> Kind:
    """Some of the allowed words, each once; with `every` all of them, where the order means something."""

    def read(value: object) -> tuple[str, ...]:
        found = tuple(_items(value))
        if unknown := [word for word in found if word not in allowed]:
            raise ValueError(f"{unknown[0]!r} is not one of {', '.join(allowed)}")
        if len(set(found)) != len(found):
            raise ValueError(f"{value!r} names a word twice")
        if every and len(found) != len(allowed):
            raise ValueError(f"{value!r} must name each of {', '.join(allowed)}")
        return found

    return Kind(read, list, allowed)


def table(check_name: Callable[[str], object], item: Kind) -> Kind:
    """A small mapping, kept as pairs in order of names. `check_name` raises ValueError for a wrong name."""

    def read(value: object) -> tuple[tuple[str, Any], ...]:
        pairs = value.items() if isinstance(value, Mapping) else _items(value)
        found = {str(name): item.read(entry) for name, entry in pairs}
        for name in found:
            check_name(name)
        return tuple(sorted(found.items()))

    return Kind(read, lambda pairs: {name: item.write(entry) for name, entry in pairs})


def text() -> Kind:
    def read(value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"{value!r} is not a text")
        return value

    return Kind(read)


def grid(*allowed: str) -> Kind:
    """Rows of cells, or None while there are none. Size and order are judged when the protocol is frozen."""

    def read(value: object) -> tuple[tuple[str, ...], ...] | None:
        if value is None:
            return None
        rows = tuple(tuple(_items(row)) for row in _items(value))
        if unknown := [cell for row in rows for cell in row if cell not in allowed]:
            raise ValueError(f"the cell {unknown[0]!r} is not one of {', '.join(allowed)}")
        return rows

    return Kind(read, lambda rows: rows and [list(row) for row in rows], allowed)


def _whole(value: object, lowest: int, highest: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r} is not a whole number")
    _inside(value, lowest, highest)
    return value


def _inside(value: Exact, lowest: int, highest: int) -> Exact:
    if not lowest <= value <= highest:
        raise ValueError(f"{plain(value)} is not between {lowest} and {highest}")
    return value


def _items(value: object) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{value!r} is not a list")
    return value
