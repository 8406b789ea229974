"""Exact numbers: every comparison that decides uses whole numbers or fractions; floats are for display."""

import re
from fractions import Fraction
from typing import Final

SHORT_NUMBER: Final = re.compile(
    r"-?[0-9]{1,9}([./][0-9]{1,9})?"
)  # no exponent: "1e999999999" would take hours
Exact = int | Fraction


def exact(value: object) -> Exact:
    """`value` without rounding: 3.5 and "3.5" give 7/2, 70.0 gives 70. ValueError unless it is a number."""
    if isinstance(value, str) and not SHORT_NUMBER.fullmatch(value):
        raise ValueError(f"{value!r} is not a number")
    if isinstance(value, bool) or not isinstance(value, int | float | str | Fraction):
        raise ValueError(f"{value!r} is not a number")
    try:
        number = Fraction(str(value) if isinstance(value, float) else value)  # 0.1 means one tenth
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{value!r} is not a number") from None
    return int(number) if number.denominator == 1 else number


def plain(value: Exact | float | None) -> int | float | None:
    """The nearest JSON number: whole numbers stay whole, fractions become the closest float."""
    if value is None or isinstance(value, int | float):
        return value
    below = value.denominator
    return value.numerator if below == 1 else value.numerator / below
