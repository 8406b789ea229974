"""Agreement beyond chance: Fleiss' kappa over a panel, Cohen's weighted between rounds. METHODS.md 3."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from operator import mul, ne, sub
from typing import Final

from .ratings import SCALE


def fleiss(table: Sequence[Sequence[int]]) -> Fraction | None:
    """From `table[statement][category]`, how many raters chose each; for a panel the zones 1-3, 4-6, 7-9.

    None without statements, for one rater and a single category. ValueError if raters are missing.
    """
    raters = sum(table[0]) if table else 0
    if any(sum(row) != raters for row in table):
        raise ValueError("Fleiss' kappa needs the same number of raters for every statement.")
    if raters < 2:
        return None
    everything = len(table) * raters
    observed = Fraction(sum(count * (count - 1) for row in table for count in row), everything * (raters - 1))
    chance = Fraction(sum(sum(column) ** 2 for column in zip(*table, strict=True)), everything**2)
    return (observed - chance) / (1 - chance) if chance != 1 else None


def weighted_kappa(first: Sequence[int], second: Sequence[int], weights: str = "linear") -> Fraction | None:
    """Cohen's kappa of paired ratings from 1 to 9; weights are nominal, linear |i-j| or quadratic (i-j)².

    It is 1 less observed over expected distance; expected are all pairs of a first and a second rating alike.
    None without pairs and when all ratings are the same.
    """
    if weights not in DISTANCES:
        raise ValueError(f"{weights!r} are not weights: choose one of {', '.join(DISTANCES)}.")
    observed, expected = DISTANCES[weights](first, second)
    return 1 - Fraction(len(first) * observed, expected) if expected else None


def _nominal(first: Sequence[int], second: Sequence[int]) -> tuple[int, int]:
    """The distance over the pairs, and over all pairs that could be."""
    n, alike = len(first), sum(map(mul, _counts(first), _counts(second)))
    return sum(map(ne, first, second)), n * n - alike


def _linear(first: Sequence[int], second: Sequence[int]) -> tuple[int, int]:
    """Two ratings are as far apart as there are gaps of the scale with one of them on either side."""
    n = len(first)
    sides = zip(accumulate(_counts(first)), accumulate(_counts(second)), strict=True)
    expected = sum(one * (n - two) + two * (n - one) for one, two in sides)
    return sum(map(abs, map(sub, first, second))), expected


def _quadratic(first: Sequence[int], second: Sequence[int]) -> tuple[int, int]:
    squares = sum(map(mul, first, first)) + sum(map(mul, second, second))
    observed = squares - 2 * sum(map(mul, first, second))
    return observed, len(first) * squares - 2 * sum(first) * sum(second)


def _counts(ratings: Sequence[int]) -> list[int]:
    return list(map(ratings.count, SCALE))


DISTANCES: Final = {"nominal": _nominal, "linear": _linear, "quadratic": _quadratic}
