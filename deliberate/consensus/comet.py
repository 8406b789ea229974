"""COMET 70/15: in, out or neither, by the shares at both ends of the scale. METHODS.md 2.5."""

from collections.abc import Collection

from .exact import Exact
from .protocol import DEFAULT, Protocol
from .ratings import Ratings
from .verdicts import Inclusion


def judge(ratings: Ratings, protocol: Protocol = DEFAULT, round_number: int = 1) -> Inclusion:
    """The class of one group of raters; round 1 may have a lower threshold of its own."""
    if ratings.n < protocol.min_raters.other:
        return Inclusion.NON_ANALYSABLE
    in_pct = protocol.comet.round1_in if round_number <= 1 else protocol.comet.in_pct
    return decide(ratings.high, ratings.low, ratings.n, in_pct, protocol.comet.opposite_pct)


def decide(high: int, low: int, n: int, in_pct: Exact = 70, opposite_pct: Exact = 15) -> Inclusion:
    """`in` if at least `in_pct` % rate 7-9 and less than `opposite_pct` % rate 1-3; `out` the reverse."""
    if 100 * high >= in_pct * n and 100 * low < opposite_pct * n:
        return Inclusion.IN
    if 100 * low >= in_pct * n and 100 * high < opposite_pct * n:
        return Inclusion.OUT
    return Inclusion.NONE


def combine(groups: Collection[Inclusion], rule: str = "all") -> Inclusion:
    """The class of several stakeholder groups, `all` of which, or `any`, have to say the same.

    Groups that want opposite things never make a class. Under `all`, a group with too few ratings leaves the
    statement `non_analysable`; under `any` the others decide.
    """
    said = set(groups)
    if rule == "all" and Inclusion.NON_ANALYSABLE in said:
        return Inclusion.NON_ANALYSABLE
    if said <= {Inclusion.NON_ANALYSABLE}:
        return Inclusion.NON_ANALYSABLE
    clear = said & {Inclusion.IN, Inclusion.OUT}
    unanimous = len(clear) == 1 and (rule == "any" or clear == said)
    return clear.pop() if unanimous else Inclusion.NONE
