"""The figures that describe the ratings of one statement. METHODS.md sections 2.2 and 3."""

from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cache

from .exact import plain
from .ipras import interpercentile
from .ordinal import leik, tastle_wierman, van_der_eijk
from .percentiles import TWENTIETHS, scaled_percentile
from .ratings import Ratings


@dataclass(frozen=True, slots=True)
class Figures:
    """Position and spread of one statement, exact except `cns`; every field is None when nobody rated it.

    `mad_m` is the mean distance from the median, `cqv` = (Q3-Q1)/(Q3+Q1), `rir` = (Q3-Q1)/median, `di` =
    ipr/ipras.
    """

    median: Fraction | None = None
    q1: Fraction | None = None
    q3: Fraction | None = None
    iqr: Fraction | None = None
    mad_m: Fraction | None = None
    cqv: Fraction | None = None
    rir: Fraction | None = None
    p30: Fraction | None = None
    p70: Fraction | None = None
    ipr: Fraction | None = None
    ipras: Fraction | None = None
    di: Fraction | None = None
    cns: float | None = None
    leik: Fraction | None = None
    van_der_eijk: Fraction | None = None

    def as_json(self) -> dict[str, int | float | None]:
        return {name: plain(getattr(self, name)) for name in NAMES}


NAMES = tuple(each.name for each in fields(Figures))


@dataclass(frozen=True, slots=True)
class Quartiles:
    """The part of the figures that the comparison of two rounds needs too."""

    median: Fraction
    q1: Fraction
    q3: Fraction
    iqr: Fraction
    cqv: Fraction
    rir: Fraction


def figures(ratings: Ratings, percentile_rule: str = "type7") -> Figures:
    """All figures; quartiles and percentiles follow `percentile_rule`, which is printed beside them."""
    if not ratings.n:
        return Figures()
    quarter, middle = quartiles(ratings, percentile_rule), interpercentile(ratings, percentile_rule)
    return Figures(
        median=quarter.median,
        q1=quarter.q1,
        q3=quarter.q3,
        iqr=quarter.iqr,
        mad_m=mad_m(ratings),
        cqv=quarter.cqv,
        rir=quarter.rir,
        p30=middle.p30,
        p70=middle.p70,
        ipr=middle.ipr,
        ipras=middle.ipras,
        di=middle.di,
        cns=tastle_wierman(ratings.frequencies),
        leik=leik(ratings.frequencies),
        van_der_eijk=van_der_eijk(ratings.frequencies),
    )


def quartiles(ratings: Ratings, percentile_rule: str = "type7") -> Quartiles:
    """Median, quartiles and what follows from them, for at least one rating."""
    q1 = scaled_percentile(ratings.ordered, 5, TWENTIETHS, percentile_rule)
    q3 = scaled_percentile(ratings.ordered, 15, TWENTIETHS, percentile_rule)
    return _quartiles(ratings.double_median, q1, q3)


def mad_m(ratings: Ratings) -> Fraction:
    """The mean absolute distance from the median, for at least one rating."""
    twice = ratings.double_median
    distances = sum(count * abs(2 * rating - twice) for rating, count in enumerate(ratings.frequencies, 1))
    return Fraction(distances, 2 * ratings.n)


@cache  # medians and quartiles of a nine-point scale take few values
def _quartiles(twice_median: int, q1: int, q3: int) -> Quartiles:
    """From twice the median and the quartiles in twentieths."""
    return Quartiles(
        median=Fraction(twice_median, 2),
        q1=Fraction(q1, TWENTIETHS),
        q3=Fraction(q3, TWENTIETHS),
        iqr=Fraction(q3 - q1, TWENTIETHS),
        cqv=Fraction(q3 - q1, q3 + q1),
        rir=Fraction(q3 - q1, 10 * twice_median),
    )
