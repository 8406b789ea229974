"""Numbers as people of the language under way write them; rounded for reading, never for deciding."""

from fractions import Fraction
from typing import Final

from deliberate.web.i18n import language

NOTHING: Final = "–"
MARKS: Final = {"fr": ","}
BEFORE_PER_CENT: Final = {"fr": "\u202f"}


def number(value: int | float | Fraction | None, digits: int = 2) -> str:
    """At most `digits` decimals and no idle zeros."""
    if value is None:
        return NOTHING
    text = f"{float(value):.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text.replace("-", "−").replace(".", MARKS.get(language(), "."))


def per_cent(value: int | float | Fraction | None, digits: int = 0) -> str:
    """From 0 to 100."""
    return NOTHING if value is None else f"{number(value, digits)}{BEFORE_PER_CENT.get(language(), '')}%"


def span(low: int | float | Fraction | None, high: int | float | Fraction | None) -> str:
    return NOTHING if low is None or high is None else f"{number(low)}–{number(high)}"
