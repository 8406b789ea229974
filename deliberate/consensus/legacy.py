"""The early RAND definitions of agreement and disagreement, kept as an option. METHODS.md 2.3.

A9S: all ratings in one of 1-3, 4-6, 7-9. A9R: all within any three points. D9S: at least one 1 and one 9.
D9R: at least one in 1-3 and one in 7-9. The codes with 7 say the same after dropping one lowest and one
highest rating.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from .ratings import ZONES, Ratings
from .verdicts import Agreement


def holds(ratings: Ratings, definition: str) -> bool:
    """Whether one definition holds, such as "A9S" or "D7R", for at least three ratings."""
    if definition not in DEFINITIONS:
        raise ValueError(f"{definition!r} is not one of {', '.join(DEFINITIONS)}.")
    kept = ratings.ordered[1:-1] if definition[1] == "7" else ratings.ordered
    return DEFINITIONS[definition](kept)


def legacy_agreement(ratings: Ratings, definition: str) -> Agreement:
    """Agreement by an A definition, disagreement by the D definition of the same kind, or neither."""
    if holds(ratings, definition):
        return Agreement.AGREEMENT
    return Agreement.DISAGREEMENT if holds(ratings, "D" + definition[1:]) else Agreement.INDETERMINATE


def _in_one_zone(ordered: Sequence[int]) -> bool:
    return any(ordered[0] in zone and ordered[-1] in zone for zone in ZONES)


def _in_three_points(ordered: Sequence[int]) -> bool:
    return ordered[-1] - ordered[0] <= 2


def _at_both_ends(ordered: Sequence[int]) -> bool:
    return ordered[0] == 1 and ordered[-1] == 9


def _in_both_extremes(ordered: Sequence[int]) -> bool:
    return ordered[0] <= 3 and ordered[-1] >= 7


DEFINITIONS: Final[Mapping[str, Callable[[Sequence[int]], bool]]] = {
    "A9S": _in_one_zone,
    "A9R": _in_three_points,
    "A7S": _in_one_zone,
    "A7R": _in_three_points,
    "D9S": _at_both_ends,
    "D9R": _in_both_extremes,
    "D7S": _at_both_ends,
    "D7R": _in_both_extremes,
}
