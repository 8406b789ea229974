"""Agreement within one statement on an ordered scale: van der Eijk, Tastle and Wierman, Leik. METHODS.md 3.

All take frequencies in category order, of any number of categories, and give None without ratings. They
describe a panel and are never a criterion of consensus.
"""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, combinations
from math import comb, lcm, log2


def van_der_eijk(frequencies: Sequence[int]) -> Fraction | None:
    """Agreement A: 1 when all choose one category, 0 when spread evenly, -1 when half stand at each end.

    The frequencies are taken apart into flat layers; each layer counts by its share of the ratings.
    """
    total = sum(frequencies)
    if not total:
        return None
    size, left, agreement = len(frequencies), list(frequencies), 0
    while any(left):
        layer = min(filter(None, left))
        agreement += layer * _layer_weight(tuple(map(bool, left)))
        left = [count - layer if count else 0 for count in left]
    return Fraction(agreement, total * _unit(size))


def tastle_wierman(frequencies: Sequence[int]) -> float | None:
    """Consensus Cns: 1 when all choose one category, 0 when half stand at each end."""
    total, width = sum(frequencies), len(frequencies) - 1
    if not total:
        return None
    centre = sum(place * count for place, count in enumerate(frequencies))
    farness = sum(
        count * log2((total * width - abs(total * place - centre)) / (total * width))
        for place, count in enumerate(frequencies)
        if count
    )
    return 1 + farness / total


def leik(frequencies: Sequence[int]) -> Fraction | None:
    """Dispersion D: 0 when all choose one category, 1 when half stand at each end."""
    total = sum(frequencies)
    if not total:
        return None
    doubled = 2 * sum(min(below, total - below) for below in accumulate(frequencies))
    return Fraction(doubled, total * (len(frequencies) - 1))


@lru_cache(maxsize=4096)
def _layer_weight(used: tuple[bool, ...]) -> int:
    """The agreement of a layer times the number of categories it uses, in units: it weighs by its ratings."""
    size, width = len(used), sum(used)
    if width == 1:
        return _unit(size)
    triples = Counter(combinations(used, 3))
    unimodal = triples[True, True, False] + triples[False, True, True]
    bimodal = triples[True, False, True]
    if not unimodal + bimodal:
        return 0
    shape = Fraction((size - 2) * unimodal - (size - 1) * bimodal, (size - 2) * (unimodal + bimodal))
    return int(width * shape * (1 - Fraction(width - 1, size - 1)) * _unit(size))


@lru_cache(maxsize=64)
def _unit(size: int) -> int:
    """A number that every denominator in `_layer_weight` divides, so that layers add up as whole numbers."""
    return (size - 1) * (size - 2) * lcm(*range(1, comb(size, 3) + 1)) if size > 2 else 1
