"""The rules once more, in the plainest words and the slowest way, to check the product against.

Written from the definitions and not from the product: lists are counted through, numbers are fractions.
"""

from fractions import Fraction
from itertools import combinations, product
from math import ceil, floor

TABLE = {
    7: 3,
    8: 3,
    9: 3,
    10: 3,
    11: 4,
    12: 4,
    13: 4,
    14: 5,
    15: 5,
    16: 5,
    17: 6,
    18: 6,
    19: 6,
    20: 7,
    21: 7,
    22: 7,
}


def percentile(given: list[int], share: Fraction, rule: str) -> Fraction:
    x, n = sorted(given), len(given)
    if rule == "type2":
        place = n * share
        if place == int(place):
            return Fraction(x[int(place) - 1] + x[int(place)], 2)
        return Fraction(x[ceil(place) - 1])
    place = (n - 1) * share if rule == "type7" else (n + 1) * share - 1
    place = min(max(place, Fraction(0)), Fraction(n - 1))
    below, above = x[floor(place)], x[ceil(place)]
    return below + (place - floor(place)) * (above - below)


def median(given: list[int]) -> Fraction:
    return percentile(given, Fraction(1, 2), "type7")


def ipras_disagreement(given: list[int], rule: str) -> bool:
    low, high = percentile(given, Fraction(3, 10), rule), percentile(given, Fraction(7, 10), rule)
    return high - low > Fraction(235, 100) + Fraction(3, 2) * abs(5 - (low + high) / 2)


def classic(given: list[int]) -> tuple[str, str]:
    """Verdict and agreement from the printed table, half points up."""
    k, m = TABLE[len(given)], median(given)
    zone = (7, 9) if m >= 6.5 else (1, 3) if m <= 3 else (4, 6)
    name = {7: "appropriate", 1: "inappropriate", 4: "uncertain"}[zone[0]]
    if len([x for x in given if x <= 3]) >= k and len([x for x in given if x >= 7]) >= k:
        return "uncertain", "disagreement"
    outside = [x for x in given if not zone[0] <= x <= zone[1]]
    return name, "agreement" if len(outside) <= k - 1 else "indeterminate"


def consensus_class(given: list[int], excluded: int) -> tuple[str, str]:
    """HAS formal consensus."""
    m, kept = median(given), list(given)
    for _ in range(excluded):
        farthest = max(abs(x - m) for x in kept)
        candidates = [x for x in kept if abs(x - m) == farthest]
        kept.remove(min(candidates) if m >= 5 else max(candidates))
    if m >= 7 and min(kept) >= 7:
        return "appropriate", "strong"
    if m >= 7 and min(kept) >= 5:
        return "appropriate", "relative"
    if m <= 3 and max(kept) <= 3:
        return "inappropriate", "strong"
    if m <= Fraction(7, 2) and max(kept) <= 5:
        return "inappropriate", "relative"
    return "uncertain", "indecision" if 4 <= m <= Fraction(13, 2) else "no_consensus"


def comet(given: list[int]) -> str:
    n = len(given)
    high, low = Fraction(sum(x >= 7 for x in given), n), Fraction(sum(x <= 3 for x in given), n)
    if high >= Fraction(7, 10) and low < Fraction(15, 100):
        return "in"
    return "out" if low >= Fraction(7, 10) and high < Fraction(15, 100) else "none"


def alpha(units: list[list[int]], metric: str) -> Fraction | None:
    """Krippendorff's alpha by visiting every pair of ratings."""
    rated = [unit for unit in units if len(unit) > 1]
    values = [value for unit in rated for value in unit]
    if len(set(values)) < 2:
        return None

    def far(one: int, two: int) -> Fraction:
        if metric == "nominal":
            return Fraction(one != two)
        if metric == "interval":
            return Fraction((one - two) ** 2)
        if metric == "ratio":
            return Fraction(one - two, one + two) ** 2
        low, high = min(one, two), max(one, two)
        between = sum(low <= value <= high for value in values)
        return (
            (between - Fraction(values.count(one) + values.count(two), 2)) ** 2 if one != two else Fraction(0)
        )

    within = sum(
        (sum(2 * far(a, b) for a, b in combinations(unit, 2)) / (len(unit) - 1) for unit in rated),
        Fraction(0),
    )
    overall = sum((2 * far(a, b) for a, b in combinations(values, 2)), Fraction(0))
    return 1 - (len(values) - 1) * within / overall


def signed_rank_p(first: list[int], second: list[int]) -> Fraction:
    """The exact two-sided p-value by trying every pattern of signs."""
    changes = [b - a for a, b in zip(first, second, strict=True) if a != b]
    sizes = sorted(map(abs, changes))
    rank = {
        size: Fraction(sum(i for i, s in enumerate(sizes, 1) if s == size), sizes.count(size))
        for size in sizes
    }
    ranks = [rank[abs(change)] for change in changes]
    up = sum((r for r, change in zip(ranks, changes, strict=True) if change > 0), Fraction(0))
    smaller = min(up, sum(ranks, Fraction(0)) - up)
    patterns = [sum(pattern) for pattern in product(*((0, r) for r in ranks))]
    return min(Fraction(1), Fraction(2 * sum(total <= smaller for total in patterns), len(patterns)))
