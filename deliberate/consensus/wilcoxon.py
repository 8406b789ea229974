"""The Wilcoxon signed-rank test between two rounds, exact for small panels. METHODS.md section 4."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import sqrt
from sys import byteorder
from typing import Final

from .concordance import double_ranks
from .distributions import normal_two_sided

EXACT_BELOW: Final = 25


@dataclass(frozen=True, slots=True)
class SignedRank:
    """`w` is the smaller of the two rank sums over the `nonzero` pairs that changed.

    `p_exact` enumerates the signs and is None from 25 changes on; `p_normal` corrects for ties, not for
    continuity. `p` is the one to report.
    """

    w: Fraction
    nonzero: int
    p_exact: Fraction | None
    p_normal: float

    @property
    def p(self) -> float:
        return self.p_normal if self.p_exact is None else float(self.p_exact)


def signed_rank(first: Sequence[int], second: Sequence[int]) -> SignedRank:
    """From paired ratings; pairs without change are dropped, and without any change p is 1."""
    changes = Counter(after - before for before, after in zip(first, second, strict=True) if after != before)
    sizes = Counter[int]()
    for change, count in changes.items():
        sizes[abs(change)] += count
    ranks = double_ranks(list(sizes.elements()))
    up = sum(ranks[change] * count for change, count in changes.items() if change > 0)
    down = sum(ranks[-change] * count for change, count in changes.items() if change < 0)
    ties = tuple(sorted((ranks[size], count) for size, count in sizes.items()))
    n = sum(sizes.values())
    exact = _exact_p(min(up, down), ties) if n < EXACT_BELOW else None
    return SignedRank(Fraction(min(up, down), 2), n, exact, _normal_p(min(up, down), n, ties))


@lru_cache(maxsize=4096)
def _exact_p(smaller: int, ties: tuple[tuple[int, int], ...]) -> Fraction:
    """Twice the share of sign patterns whose doubled rank sum is at most `smaller`, 1 at most.

    One whole number holds, in fields of 32 bits, how many patterns reach each sum; adding it to a copy of
    itself shifted by a rank takes that rank in. Fewer than 25 ranks make at most 2^24 patterns, so no field
    overflows.
    """
    patterns, n = 1, 0
    for rank, count in ties:
        for _ in range(count):
            patterns += patterns << (32 * rank)
        n += count
    lower = patterns & ((1 << (32 * (smaller + 1))) - 1)
    fields = memoryview(lower.to_bytes(4 * (smaller + 1), byteorder)).cast("I")
    return min(Fraction(1), Fraction(2 * sum(fields), 2**n))


def _normal_p(smaller: int, n: int, ties: tuple[tuple[int, int], ...]) -> float:
    if not n:
        return 1.0
    variance = Fraction(n * (n + 1) * (2 * n + 1), 24) - Fraction(sum(t**3 - t for _, t in ties), 48)
    return normal_two_sided(float(Fraction(smaller, 2) - Fraction(n * (n + 1), 4)) / sqrt(variance))
