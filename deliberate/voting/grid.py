"""The five positions of the GRADE grid: what its ballots offer, and how its ratings are shown. Pure.

A rating is the number of a position, 1 clearly for to 5 clearly against: no rank on the scale from 1 to 9, so
it has neither median nor quartiles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from deliberate.consensus.grade_grid import COLUMNS
from deliberate.errors import N_

POSITIONS: Final = (
    N_("clearly for"),
    N_("probably for"),
    N_("balanced or uncertain"),
    N_("probably against"),
    N_("clearly against"),
)


@dataclass(frozen=True)
class Position:
    """One row of a result. `before` is None where there was no round to compare with."""

    name: str  # a msgid
    count: int
    share: float  # of the ratings, 0 to 1
    before: int | None = None
    own: bool = False
    own_before: bool = False


def is_grid(terms: Mapping[str, Any]) -> bool:
    """Whether a vote under these terms asks for a position rather than for a rating from 1 to 9."""
    return bool(terms) and terms["protocol"]["method"] == "GRADE_GRID"


def name_of(rating: int) -> str:
    return POSITIONS[rating - 1]


def side(rating: int) -> int:
    """-1 for, 0 balanced, 1 against."""
    return (rating > 3) - (rating < 3)


def positions(
    frequencies: Sequence[int],
    before: Sequence[int] | None = None,
    own: int | None = None,
    own_before: int | None = None,
) -> list[Position]:
    """From the counts of the ratings 1 to 9, of which a grid uses the first five."""
    whole = sum(frequencies[:COLUMNS]) or 1
    return [
        Position(
            name,
            frequencies[at],
            frequencies[at] / whole,
            before[at] if before else None,
            own == at + 1,
            own_before == at + 1,
        )
        for at, name in enumerate(POSITIONS)
    ]
