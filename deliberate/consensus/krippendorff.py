"""Krippendorff's alpha: agreement of a panel beyond chance, gaps allowed. METHODS.md section 3.

It describes the panel and is never a criterion of consensus: where all rate everything high it is low,
though all agree.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from math import lcm
from operator import mul
from typing import Final

Delta = Callable[[int, int, Sequence[int]], int | Fraction]


def alpha(units: Iterable[Sequence[int]], metric: str = "ordinal") -> Fraction | None:
    """From the ratings of each unit, gaps left out: `units[statement]` lists whole numbers from 1 upwards.

    `metric` is nominal, ordinal, interval or ratio. None where no two ratings
    differ, among the units rated twice or more.
    """
    given = [list(unit) for unit in units]
    highest = max((rating for unit in given for rating in unit), default=1)
    return alpha_of_counts([[unit.count(value) for value in range(1, highest + 1)] for unit in given], metric)


def alpha_of_counts(units: Iterable[Sequence[int]], metric: str = "ordinal") -> Fraction | None:
    """The same from `units[statement][k]`, how many rated k + 1."""
    return Coincidences(units).alpha(metric)


class Coincidences:
    """How often two values meet within a unit: counted once, then good for every metric."""

    def __init__(self, units: Iterable[Sequence[int]]) -> None:
        by_size: dict[int, list[Sequence[int]]] = {}
        for unit in units:
            by_size.setdefault(sum(unit), []).append(unit)
        groups = [(size - 1, list(zip(*rows, strict=True))) for size, rows in by_size.items() if size > 1]
        width = len(groups[0][1]) if groups else 0
        self.unit = lcm(*(pairs for pairs, _ in groups))  # meetings are counted in fractions of this
        self.totals = [sum(sum(columns[value]) for _, columns in groups) for value in range(width)]
        self.meetings = {
            (one, two): sum(
                self.unit // pairs * sum(map(mul, columns[one], columns[two])) for pairs, columns in groups
            )
            for one, two in combinations(range(width), 2)
        }

    def alpha(self, metric: str) -> Fraction | None:
        """1 - observed / expected disagreement."""
        if metric not in METRICS:
            raise ValueError(f"{metric!r} is not a metric: choose one of {', '.join(METRICS)}.")
        distance, totals = METRICS[metric], self.totals
        apart = {pair: distance(pair[0] + 1, pair[1] + 1, totals) for pair in self.meetings}
        observed = sum(met * apart[pair] for pair, met in self.meetings.items())
        expected = sum(totals[one] * totals[two] * far for (one, two), far in apart.items())
        return 1 - Fraction((sum(totals) - 1) * observed) / (expected * self.unit) if expected else None


def _nominal(one: int, two: int, totals: Sequence[int]) -> int:
    return 1


def _ordinal(one: int, two: int, totals: Sequence[int]) -> int:
    """Four times the squared distance, which leaves alpha as it is and the numbers whole."""
    return (2 * sum(totals[one - 1 : two]) - totals[one - 1] - totals[two - 1]) ** 2


def _interval(one: int, two: int, totals: Sequence[int]) -> int:
    return (one - two) ** 2


def _ratio(one: int, two: int, totals: Sequence[int]) -> Fraction:
    return Fraction(one - two, one + two) ** 2


METRICS: Final[Mapping[str, Delta]] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio,
}
