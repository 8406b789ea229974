"""Agreement of rankings: Kendall's W over a panel, Spearman's coefficient between two rounds. METHODS.md 3.

W describes the panel and is never a criterion of consensus: where all rate everything high it is low,
though all agree.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from .distributions import chi_squared_tail


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's `w`, from 0 (none) to 1 (the same order), with its test: chi-squared equals Friedman's.

    `raters` are those without a gap, on whom it rests.
    """

    w: Fraction
    chi_squared: Fraction
    df: int
    p: float
    raters: int


def kendall(ratings: Sequence[Sequence[int]]) -> Concordance | None:
    """From `ratings[rater][statement]` without gaps, ties getting mid-ranks and their correction.

    None below two raters or two statements, and when nobody distinguishes any statement.
    """
    raters, statements = len(ratings), len(ratings[0]) if ratings else 0
    if raters < 2 or statements < 2:
        return None
    ranked = [double_ranks(row) for row in ratings]
    placed = [map(ranks.__getitem__, row) for ranks, row in zip(ranked, ratings, strict=True)]
    sums = [sum(column) for column in zip(*placed, strict=True)]
    ties = sum(count**3 - count for row in ratings for count in Counter(row).values())
    spread = statements * sum(total * total for total in sums) - sum(sums) ** 2  # 4 times statements times S
    most = raters**2 * (statements**3 - statements) - raters * ties
    if not most:
        return None
    w = Fraction(3 * spread, statements * most)
    chi_squared = raters * (statements - 1) * w
    return Concordance(
        w, chi_squared, statements - 1, chi_squared_tail(float(chi_squared), statements - 1), raters
    )


def spearman(first: Sequence[int], second: Sequence[int]) -> float | None:
    """The correlation of the mid-ranks of paired ratings, -1 to 1. None if either side never varies."""
    one, two = double_ranks(first), double_ranks(second)
    mean = len(first) + 1  # of doubled ranks
    centred = [(one[a] - mean, two[b] - mean) for a, b in zip(first, second, strict=True)]
    squares = sum(a * a for a, _ in centred) * sum(b * b for _, b in centred)
    return sum(a * b for a, b in centred) / sqrt(squares) if squares else None


def double_ranks(values: Sequence[int]) -> dict[int, int]:
    """Twice the mid-rank of each value, 1 the lowest: whole numbers."""
    counts, below, ranks = Counter(values), 0, {}
    for value in sorted(counts):
        ranks[value] = 2 * below + counts[value] + 1
        below += counts[value]
    return ranks
