"""The interpercentile range adjusted for symmetry and the disagreement index. METHODS.md 2.2 (Fitch 2001)."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from .percentiles import TWENTIETHS, scaled_percentile
from .ratings import Ratings


@dataclass(frozen=True, slots=True)
class Interpercentile:
    """The spread between the 30th and 70th percentiles, and how much of it the position on the scale excuses.

    `di` is `ipr` / `ipras`; `disagreement` holds when it is strictly above 1. An exact tie is no
    disagreement.
    """

    p30: Fraction
    p70: Fraction
    ipr: Fraction
    ipras: Fraction
    di: Fraction
    disagreement: bool


def interpercentile(ratings: Ratings, percentile_rule: str = "type7") -> Interpercentile:
    """The figures for at least one rating."""
    p30 = scaled_percentile(ratings.ordered, 6, TWENTIETHS, percentile_rule)
    p70 = scaled_percentile(ratings.ordered, 14, TWENTIETHS, percentile_rule)
    return _between(p30, p70)


@cache  # at most 161 x 161 pairs of twentieths
def _between(p30: int, p70: int) -> Interpercentile:
    """From both percentiles in twentieths. IPRAS = 2.35 + 1.5 |5 - centre|, here in eightieths."""
    width, allowed = 4 * (p70 - p30), 188 + 3 * abs(200 - (p30 + p70))
    return Interpercentile(
        p30=Fraction(p30, TWENTIETHS),
        p70=Fraction(p70, TWENTIETHS),
        ipr=Fraction(width, 80),
        ipras=Fraction(allowed, 80),
        di=Fraction(width, allowed),
        disagreement=width > allowed,
    )
