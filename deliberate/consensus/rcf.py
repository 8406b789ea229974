"""The HAS formal consensus method: class by median and extent, after setting extremes aside. METHODS.md 2.4.

The median always rests on all valid ratings, the extent on those kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .protocol import DEFAULT, Protocol
from .rating_parameters import panel_sizes
from .ratings import Ratings
from .verdicts import Degree, Verdict


@dataclass(frozen=True, slots=True)
class RcfClass:
    """`set_aside` lists the ratings excluded, in the order taken. `degree` is None if not analysable."""

    verdict: Verdict
    degree: Degree | None
    set_aside: tuple[int, ...] = ()


def judge(ratings: Ratings, protocol: Protocol = DEFAULT, excluded: int = 0) -> RcfClass:
    """The class once `excluded` ratings, 0 to 2, are set aside."""
    return by_exclusions(ratings, protocol)[excluded]


def by_exclusions(ratings: Ratings, protocol: Protocol = DEFAULT) -> tuple[RcfClass, RcfClass, RcfClass]:
    """The classes with 0, 1 and 2 ratings set aside. Their number dominates the outcome, so all are shown."""
    if ratings.n < protocol.min_raters.has_rcf:
        return (RcfClass(Verdict.NON_ANALYSABLE, None),) * 3
    taken = set_aside(ratings, 2)
    none, one, two = (_judge(ratings, protocol, taken[:excluded]) for excluded in range(3))
    return none, one, two


def set_aside(ratings: Ratings, count: int) -> tuple[int, ...]:
    """The `count` extreme ratings, one at a time: the farthest from the median of all.

    On a tie the low one goes if the median is at least 5, else the high one. ValueError if none would stay.
    """
    if count >= ratings.n:
        raise ValueError(f"{count} of {ratings.n} ratings cannot be set aside: one has to stay.")
    low, high, twice = 0, ratings.n - 1, ratings.double_median
    taken = []
    for _ in range(count):
        below, above = twice - 2 * ratings.ordered[low], 2 * ratings.ordered[high] - twice
        if below > above or (below == above and twice >= 10):
            taken.append(ratings.ordered[low])
            low += 1
        else:
            taken.append(ratings.ordered[high])
            high -= 1
    return tuple(taken)


def set_aside_raters(by_rater: Mapping[str, int], count: int) -> tuple[tuple[str, int], ...]:
    """Who gave the ratings set aside, for the log: pseudonym and rating, in order.

    Among raters with the same rating the first pseudonym in alphabetical order is named, so that the log is
    the same every time; the class does not depend on it.
    """
    free = sorted(by_rater)
    log = []
    for rating in set_aside(Ratings.of(by_rater.values()), count):
        rater = next(each for each in free if by_rater[each] == rating)
        free.remove(rater)
        log.append((rater, rating))
    return tuple(log)


def allowance(n: int, round_number: int, protocol: Protocol = DEFAULT, missing: int = 0) -> int:
    """How many extremes the protocol sets aside for `n` ratings; from round 2 on that depends on n."""
    if round_number <= 1:
        allowed = protocol.rcf.extremes.round1
    else:
        allowed = max(
            (count for sizes, count in protocol.rcf.extremes.round2 if _covers(sizes, n)), default=0
        )
    return max(0, allowed - missing) if protocol.rcf.missing_uses_allowance else allowed


def _judge(ratings: Ratings, protocol: Protocol, taken: tuple[int, ...]) -> RcfClass:
    from_below = sum(2 * rating < ratings.double_median for rating in taken)
    lowest, highest = ratings.ordered[from_below], ratings.ordered[from_below - len(taken) - 1]
    return RcfClass(*_classify(ratings.double_median, lowest, highest, protocol), taken)


def _covers(sizes: str, n: int) -> bool:
    smallest, largest = panel_sizes(sizes)
    return smallest <= n and (largest is None or n <= largest)


def _classify(twice: int, lowest: int, highest: int, protocol: Protocol) -> tuple[Verdict, Degree]:
    """From twice the median and the extent of the ratings kept; the first line that fits, top to bottom."""
    table = protocol.rcf.table
    appropriate, strong, relative, from_median, to_median = table.doubled

    def all_in(zone: tuple[int, int]) -> bool:
        return zone[0] <= lowest and highest <= zone[1]

    if twice >= appropriate and all_in(table.strong_appropriate):
        return Verdict.APPROPRIATE, Degree.STRONG
    if twice >= appropriate and all_in(table.relative_appropriate):
        return Verdict.APPROPRIATE, Degree.RELATIVE
    if twice <= strong and all_in(table.strong_inappropriate):
        return Verdict.INAPPROPRIATE, Degree.STRONG
    if twice <= relative and all_in(table.relative_inappropriate):
        return Verdict.INAPPROPRIATE, Degree.RELATIVE
    indecision = from_median <= twice <= to_median
    return Verdict.UNCERTAIN, Degree.INDECISION if indecision else Degree.NO_CONSENSUS
