"""The RAND/UCLA appropriateness method: region of the median, agreement, disagreement. METHODS.md 2.1-2.3.

Sources: Fitch 2001; panel sizes from BMC Med Inform Decis Mak 2012;12:93 and Br J Radiol 2017.
"""

from dataclasses import dataclass
from functools import cache
from math import comb
from typing import Final

from .ipras import interpercentile
from .legacy import legacy_agreement
from .protocol import DEFAULT, Protocol
from .ratings import Ratings
from .verdicts import Agreement, Verdict

SMALLEST: Final = 7
LARGEST_IN_TABLE: Final = 16


@dataclass(frozen=True, slots=True)
class RamClass:
    """`agreement` is None when the ratings cannot be analysed."""

    verdict: Verdict
    agreement: Agreement | None


@dataclass(frozen=True, slots=True)
class Limits:
    """Agreement: at most `max_outside` ratings outside the region of the median.

    Disagreement: at least `min_each_extreme` in 1-3 and as many in 7-9.
    """

    max_outside: int
    min_each_extreme: int


def judge(ratings: Ratings, protocol: Protocol = DEFAULT, rule: str | None = None) -> RamClass:
    """The class under the frozen protocol, or under one `rule` of disagreement that the annex wants to show.

    Without `rule` the early definitions, where the protocol has them on, replace both table and rule.
    """
    terms = protocol.ram
    if rule is None and terms.legacy_definitions != "off":
        return _legacy(ratings, protocol)
    rule = rule or terms.disagreement_rule
    if ratings.n < protocol.min_raters.ram or _beyond_table(ratings.n, rule, protocol):
        return RamClass(Verdict.NON_ANALYSABLE, None)
    if disagree(ratings, rule, protocol):
        return RamClass(Verdict.UNCERTAIN, Agreement.DISAGREEMENT)
    found = region(ratings, terms.half_point_rule)
    limits = binomial_limits(ratings.n) if rule == "binomial" else classic_limits(ratings.n, terms.k_at_7)
    agreed = outside(ratings, found) <= limits.max_outside
    return RamClass(found, Agreement.AGREEMENT if agreed else Agreement.INDETERMINATE)


def judge_ipras(
    ratings: Ratings, protocol: Protocol = DEFAULT, percentile_rule: str | None = None
) -> Verdict:
    """The verdict where IPRAS alone decides about disagreement, with the protocol's percentiles or others.

    It needs no table, and so no limit on the panel's size.
    """
    if ratings.n < protocol.min_raters.ram:
        return Verdict.NON_ANALYSABLE
    if interpercentile(ratings, percentile_rule or protocol.percentile_rule).disagreement:
        return Verdict.UNCERTAIN
    return region(ratings, protocol.ram.half_point_rule)


def disagree(ratings: Ratings, rule: str = "classic", protocol: Protocol = DEFAULT) -> bool:
    """Whether at least 7 raters disagree under a rule: classic, ipras, either, binomial or third."""
    n = ratings.n
    match rule:
        case "classic":
            return polarised(ratings, classic_limits(n, protocol.ram.k_at_7).min_each_extreme)
        case "ipras":
            return interpercentile(ratings, protocol.percentile_rule).disagreement
        case "either":
            return disagree(ratings, "classic", protocol) or disagree(ratings, "ipras", protocol)
        case "binomial":
            return polarised(ratings, binomial_limits(n).min_each_extreme)
        case "third":
            return polarised(ratings, third_limit(n))
    raise ValueError(
        f"{rule!r} is not a disagreement rule: choose classic, ipras, either, binomial or third."
    )


def region(ratings: Ratings, half_point_rule: str = "up") -> Verdict:
    """Where the median lies. `up` lets 6.5 be appropriate, `strict` asks for 7; 3.5 is uncertain in both."""
    if ratings.double_median >= (13 if half_point_rule == "up" else 14):
        return Verdict.APPROPRIATE
    return Verdict.INAPPROPRIATE if ratings.double_median <= 6 else Verdict.UNCERTAIN


def outside(ratings: Ratings, region: Verdict) -> int:
    """How many ratings lie outside a region."""
    inside = {
        Verdict.APPROPRIATE: ratings.high,
        Verdict.UNCERTAIN: ratings.middle,
        Verdict.INAPPROPRIATE: ratings.low,
    }
    return ratings.n - inside[region]


def polarised(ratings: Ratings, each: int) -> bool:
    """At least `each` ratings in 1-3 and at least `each` in 7-9."""
    return ratings.low >= each and ratings.high >= each


def necessary(ratings: Ratings, protocol: Protocol = DEFAULT) -> bool | None:
    """The third round: median 7 to 9 without disagreement. None when the ratings cannot be analysed."""
    found = judge(ratings, protocol)
    if found.agreement is None:
        return None
    return ratings.double_median >= 14 and found.agreement != Agreement.DISAGREEMENT


@cache
def classic_limits(n: int, k_at_7: int = 3) -> Limits:
    """The published table for panels of 7 to 16, continued by its own rule above. ValueError below 7."""
    if n < SMALLEST:
        raise ValueError(f"The table starts at {SMALLEST} raters; there are {n}.")
    k = k_at_7 if n == SMALLEST else (n - 8) // 3 + 3
    return Limits(k - 1, k)


@cache
def binomial_limits(n: int) -> Limits:
    """Agreement if P(Bin(n, .2) >= outside) >= .33, disagreement if P(Bin(n, .1) >= c) < .10 at both ends."""
    most = max(c for c in range(n + 1) if 100 * _tail(n, c, 5) >= 33 * 5**n)
    least = min(c for c in range(n + 2) if 10 * _tail(n, c, 10) < 10**n)
    return Limits(most, least)


def third_limit(n: int) -> int:
    """A third of the panel, rounded up."""
    return -(-n // 3)


def _tail(n: int, least: int, odds: int) -> int:
    """P(Bin(n, 1/odds) >= least), times odds to the power n so that it stays whole."""
    return sum(comb(n, i) * (odds - 1) ** (n - i) for i in range(least, n + 1))


def _beyond_table(n: int, rule: str, protocol: Protocol) -> bool:
    return n > LARGEST_IN_TABLE and rule != "binomial" and protocol.ram.table_beyond_16 == "refuse"


def _legacy(ratings: Ratings, protocol: Protocol) -> RamClass:
    if ratings.n < protocol.min_raters.ram:
        return RamClass(Verdict.NON_ANALYSABLE, None)
    agreement = legacy_agreement(ratings, protocol.ram.legacy_definitions)
    if agreement == Agreement.DISAGREEMENT:
        return RamClass(Verdict.UNCERTAIN, agreement)
    return RamClass(region(ratings, protocol.ram.half_point_rule), agreement)
